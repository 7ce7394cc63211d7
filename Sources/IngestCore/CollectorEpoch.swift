package import Primitives
package import Storage

/// The number of a collector's start, which rises even when the clock was set back.
package enum CollectorEpoch {
    package static let path = "epoch"
    private static let byteCountMax = 64

    /// Takes the next number and keeps it durably.
    ///
    /// - Parameter now: nanoseconds since the Unix epoch.
    /// - Returns: `now`, or one more than the last when that is larger.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when the file holds no number.
    package static func next(now: UInt64, in files: any FileSystem) throws(IndelibleError) -> UInt64 {
        var epoch = now
        if let text = try files.readAll(Self.path, byteCountMax: Self.byteCountMax) {
            guard let last = UInt64(String(decoding: text, as: UTF8.self)), last < .max else {
                throw IndelibleError(
                    .dataLoss,
                    "The file \(Self.path) holds no number. Restore it, or delete it if the clock is right.",
                )
            }
            epoch = max(epoch, last + 1)
        }
        try files.replaceDurably(Self.path, with: Array("\(epoch)".utf8))
        return epoch
    }
}
