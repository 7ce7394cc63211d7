internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Where an event is.
package struct FindResponse: Equatable, ProtoMessage {
    package var index: UInt64

    package init(
        index: UInt64 = 0
    ) {
        self.index = index
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__find_response__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__FindResponse) throws(IndelibleError) {
        unsafe self.init(
            index: generated.index
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.index)
    }
}
