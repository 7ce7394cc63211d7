internal import Cryptography

/// A witness's signature over a time and a checkpoint (C2SP tlog-cosignature, cosignature/v1).
///
/// It says: at this time the largest consistent tree that this cosigner had seen for the origin had this size and root.
package struct Cosignature: Equatable, Sendable {
    /// Big-endian time, then the Ed25519 signature.
    package static let byteCount = 8 + Ed25519.signatureByteCount
    /// Seconds since the Unix epoch.
    package static let timestampMax = Decimal.max

    /// Seconds since the Unix epoch, 1 to ``timestampMax``.
    package let timestamp: UInt64
    /// 64 bytes.
    package let signature: [UInt8]

    package init(timestamp: UInt64, signature: [UInt8]) {
        precondition((1...Self.timestampMax).contains(timestamp), "a cosignature says when it was made")
        precondition(signature.count == Ed25519.signatureByteCount, "an Ed25519 signature has 64 bytes")
        self.timestamp = timestamp
        self.signature = signature
    }

    /// Reads what follows the key identifier in a signature line; `nil` for another length, or a time out of range.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        let timestamp = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard (1...Self.timestampMax).contains(timestamp) else { return nil }
        self.init(timestamp: timestamp, signature: Array(bytes.dropFirst(8)))
    }

    package var bytes: [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(self.timestamp >> $0 & 255) } + self.signature
    }

    /// The bytes that are signed over the `text` of a checkpoint, extension lines and last LF included.
    package static func message(_ text: String, timestamp: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(timestamp)\n\(text)".utf8)
    }
}
