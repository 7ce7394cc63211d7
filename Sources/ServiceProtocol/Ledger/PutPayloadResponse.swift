internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// A detached payload is stored and synced.
package struct PutPayloadResponse: Equatable, ProtoMessage {
    /// It was there before.
    package var existed: Bool

    package init(
        existed: Bool = false
    ) {
        self.existed = existed
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__put_payload_response__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__PutPayloadResponse) throws(IndelibleError) {
        unsafe self.init(
            existed: generated.existed != 0
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.existed ? 1 : 0)
    }
}
