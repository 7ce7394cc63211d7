internal import AuditModel
internal import CIndelibleProto
package import Primitives
package import ProtobufC

/// Asks for a detached payload.
package struct GetPayloadRequest: Equatable, ProtoMessage {
    package var commitment: Digest

    package init(
        commitment: Digest
    ) {
        self.commitment = commitment
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__get_payload_request__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__GetPayloadRequest) throws(IndelibleError) {
        unsafe self.init(
            commitment: try Digest(field: "GetPayloadRequest.commitment", generated.commitment)
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.commitment.bytes)
    }
}
