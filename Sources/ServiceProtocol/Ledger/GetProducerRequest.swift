internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Asks how far a producer has come.
package struct GetProducerRequest: Equatable, ProtoMessage {
    /// 1 to 64 bytes.
    package var id: [UInt8]

    package init(
        id: [UInt8] = []
    ) {
        self.id = id
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__get_producer_request__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__GetProducerRequest) throws(IndelibleError) {
        unsafe self.init(
            id: generated.id.bytes
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.id)
    }
}
