internal import AuditModel
internal import Cryptography
package import Primitives

/// Hashes a payload as it arrives and says whether it is what its entry commits to.
///
/// The commitment is SHA-256(`indelible/payload/v1\n` ‖ salt ‖ payload).
package struct PayloadCheck: ~Copyable {
    private let reference: PayloadReference
    private var hasher: SHA256Hasher
    private var byteCount: UInt64 = 0

    /// - Parameter salt: As it came with the payload.
    /// - Throws: ``IndelibleError/Code/internal`` when libcrypto fails, here and below.
    package init(_ reference: PayloadReference, salt: [UInt8]) throws(IndelibleError) {
        var hasher = try SHA256Hasher()
        let label = DetachedPayload.label
        try hasher.update(label.span)
        try hasher.update(salt.span)
        self.reference = reference
        self.hasher = hasher
    }

    /// Whether more came than the entry says; then the rest need not be read.
    package var isTooLong: Bool { self.byteCount > self.reference.payloadByteCount }

    package mutating func update(_ bytes: [UInt8]) throws(IndelibleError) {
        try self.hasher.update(bytes.span)
        self.byteCount += UInt64(bytes.count)
    }

    /// - Returns: What is wrong.
    package consuming func finish() throws(IndelibleError) -> Finding? {
        let (reference, byteCount, isTooLong) = (self.reference, self.byteCount, self.isTooLong)
        let hash = try self.hasher.finish()
        guard !isTooLong else {
            return reference.altered("more than \(reference.payloadByteCount) bytes")
        }
        guard hash == reference.commitment else { return reference.altered("\(hash.hex) of \(byteCount) bytes") }
        guard byteCount == reference.payloadByteCount else {
            return Finding(
                .payloadAltered,
                index: reference.index,
                path: reference.path,
                expected: "\(reference.payloadByteCount) bytes",
                found: "\(byteCount) bytes",
            )
        }
        return nil
    }
}

extension PayloadReference {
    /// - Parameter found: What there is, or why it cannot be read.
    package func altered(_ found: String) -> Finding {
        Finding(.payloadAltered, index: self.index, path: self.path, expected: self.commitment.hex, found: found)
    }

    /// What it means that there is no such payload.
    ///
    /// - Parameter retainedFrom: The log says that what entries before this one hold was dropped.
    package func missing(retainedFrom: UInt64) -> PayloadList.Outcome {
        guard self.index >= retainedFrom else { return .erased }
        return .wrong(
            Finding(
                .entryMissing,
                index: self.index,
                path: self.path,
                expected: "\(self.payloadByteCount) bytes, or a retention record",
                found: "no such payload",
            )
        )
    }
}
