internal import Cryptography
package import Primitives
package import Storage

/// Who a log is, in the file `identity`: written once, when the log is created.
///
/// The salt is random and never leaves the machine. It is in every frame and segment, so that neither another log's file
/// nor an entry made to look like a frame is ever taken for one of this log's.
package struct LogIdentity: Sendable, Equatable {
    package static let path = "identity"
    package static let saltByteCount = 16
    static let version = 1
    private static let byteCountMax = 1024

    package let origin: String
    package let salt: [UInt8]
    package let segmentEntryCount: Int

    var text: String {
        let body =
            "indelible log \(Self.version)\norigin \(self.origin)\nsalt \(Hex.encode(self.salt))\n"
            + "segment \(self.segmentEntryCount)\n"
        return body + "crc32c \(Hex.encode(Self.checksum(body)))\n"
    }

    /// - Returns: `nil` when the log has not been created.
    package static func read(from files: any FileSystem) throws(IndelibleError) -> LogIdentity? {
        guard let bytes = try files.readAll(self.path, byteCountMax: self.byteCountMax) else { return nil }
        guard let identity = Self.parse(String(decoding: bytes, as: UTF8.self)) else {
            throw IndelibleError(
                .dataLoss,
                "The file identity is damaged. Restore it from a copy of this log; nothing else can replace it.",
            )
        }
        return identity
    }

    func write(to files: any FileSystem) throws(IndelibleError) {
        try files.replaceDurably(Self.path, with: Array(self.text.utf8))
        try files.makeReadOnly(Self.path)
    }

    private static func parse(_ text: String) -> LogIdentity? {
        var values: [Substring] = []
        let keys = ["indelible log ", "origin ", "salt ", "segment ", "crc32c "]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == keys.count + 1 else { return nil }
        for (line, key) in zip(lines, keys) {
            guard line.hasPrefix(key) else { return nil }
            values.append(line.dropFirst(key.count))
        }
        guard values[0] == "\(Self.version)", let salt = Hex.decode(values[2]), salt.count == Self.saltByteCount,
            let count = Int(values[3])
        else { return nil }
        let identity = LogIdentity(origin: String(values[1]), salt: salt, segmentEntryCount: count)
        return identity.text == text ? identity : nil
    }

    private static func checksum(_ text: String) -> [UInt8] {
        let checksum = CRC32C.checksum(Array(text.utf8))
        return (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (24 - 8 * $0)) }
    }
}
