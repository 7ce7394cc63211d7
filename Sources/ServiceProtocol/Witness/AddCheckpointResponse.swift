internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// What a witness answers, over RPC as over HTTP.
package struct AddCheckpointResponse: Equatable, ProtoMessage {
    /// Of HTTP.
    package var status: UInt32
    package var contentType: String
    package var body: String

    package init(status: UInt32 = 0, contentType: String = "", body: String = "") {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__add_checkpoint_response__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__AddCheckpointResponse) throws(IndelibleError) {
        unsafe self.init(
            status: generated.status,
            contentType: String(field: generated.content_type),
            body: String(field: generated.body),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, UInt64(self.status))
        writer.text(2, self.contentType)
        writer.text(3, self.body)
    }
}
