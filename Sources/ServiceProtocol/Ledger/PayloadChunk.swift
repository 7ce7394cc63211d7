internal import AuditModel
internal import CIndelibleProto
package import Primitives
package import ProtobufC

/// A piece of a detached payload on its way up or down.
package struct PayloadChunk: Equatable, ProtoMessage {
    /// First chunk only.
    package var commitment: Digest?
    /// First chunk only, 16 bytes.
    package var salt: [UInt8]
    /// First chunk only: of the whole payload.
    package var byteCount: UInt64
    /// At most ``ProtocolLimits/payloadChunkByteCountMax`` bytes.
    package var bytes: [UInt8]

    package init(
        commitment: Digest? = nil,
        salt: [UInt8] = [],
        byteCount: UInt64 = 0,
        bytes: [UInt8] = [],
    ) {
        self.commitment = commitment
        self.salt = salt
        self.byteCount = byteCount
        self.bytes = bytes
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__payload_chunk__init, Self.init(generated:))

    /// A chunk of the largest size and the message around it.
    package static var limits: ProtoLimits { ProtoLimits(arenaByteCountMax: 2 << 20) }

    @unsafe private init(generated: Indelible__V1__PayloadChunk) throws(IndelibleError) {
        unsafe self.init(
            commitment: generated.commitment.len == 0
                ? nil : try Digest(field: "PayloadChunk.commitment", generated.commitment),
            salt: generated.salt.bytes,
            byteCount: generated.byte_count,
            bytes: generated.bytes.bytes,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.commitment?.bytes ?? [])
        writer.bytes(2, self.salt)
        writer.varint(3, self.byteCount)
        writer.bytes(4, self.bytes)
    }
}
