package import Primitives
package import Storage

/// The number of a collector's start, which rises even when the clock was set back.
package enum CollectorEpoch {
    package static let path = "epoch"
    private static let byteCountMax = 64

    /// Takes the next number and keeps it durably.
    ///
    /// - Parameters:
    ///   - now: nanoseconds since the Unix epoch.
    ///   - known: one that the ledger knows already; 0 when it knows none.
    /// - Returns: `now`, or one more than the last and than `known` when that is larger.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when the file holds no number.
    package static func next(
        now: UInt64,
        after known: UInt64 = 0,
        in files: any FileSystem,
    ) throws(IndelibleError) -> UInt64 {
        var last = known
        if let text = try files.readAll(Self.path, byteCountMax: Self.byteCountMax) {
            guard let written = UInt64(String(decoding: text, as: UTF8.self)) else {
                throw IndelibleError(
                    .dataLoss,
                    "The file \(Self.path) holds no number. Restore it, or delete it if the clock is right.",
                )
            }
            last = max(last, written)
        }
        guard last < .max else {
            throw IndelibleError(.dataLoss, "The collector's starts are used up. Give it another name.")
        }
        let epoch = max(now, last + 1)
        try files.replaceDurably(Self.path, with: Array("\(epoch)".utf8))
        return epoch
    }
}
