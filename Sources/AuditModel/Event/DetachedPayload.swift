internal import CIndelibleProto
internal import Cryptography
package import Primitives
package import ProtobufC

/// Bytes that are kept beside the log: the entry holds only this.
///
/// The commitment is salted, so that it tells nothing about bytes that were erased, not even to who can guess them.
package struct DetachedPayload: Equatable, ProtoMessage {
    package static let saltByteCount = 16
    /// Hashed before salt and payload.
    package static let label = Array("indelible/payload/v1\n".utf8)

    package var commitment: Digest
    package var byteCount: UInt64

    package init(commitment: Digest, byteCount: UInt64) {
        self.commitment = commitment
        self.byteCount = byteCount
    }

    /// Commits to `payload`.
    ///
    /// - Parameters:
    ///   - payload: what is kept beside the log.
    ///   - salt: ``saltByteCount`` random bytes, to be kept with the payload.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `salt` has another length.
    package init(payload: [UInt8], salt: [UInt8]) throws(IndelibleError) {
        guard salt.count == Self.saltByteCount else {
            throw IndelibleError(
                .invalidArgument,
                "A payload's salt has \(Self.saltByteCount) bytes, this one has \(salt.count).",
            )
        }
        self.commitment = try SHA256.hash(Self.label, salt, payload)
        self.byteCount = UInt64(payload.count)
    }

    /// Whether `payload` with `salt` is what was committed to.
    package func matches(payload: [UInt8], salt: [UInt8]) throws(IndelibleError) -> Bool {
        try Self(payload: payload, salt: salt) == self
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__detached_payload__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__DetachedPayload) throws(IndelibleError) {
        unsafe self.init(
            commitment: try Digest(field: "DetachedPayload.commitment", generated.commitment),
            byteCount: generated.byte_count,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.commitment.bytes)
        writer.varint(2, self.byteCount)
    }
}
