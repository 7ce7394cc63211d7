internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// How far a producer has come.
package struct ProducerStatus: Equatable, ProtoMessage {
    package var known: Bool
    package var epoch: UInt64
    package var lastSequence: UInt64
    package var lastIndex: UInt64

    package init(
        known: Bool = false,
        epoch: UInt64 = 0,
        lastSequence: UInt64 = 0,
        lastIndex: UInt64 = 0,
    ) {
        self.known = known
        self.epoch = epoch
        self.lastSequence = lastSequence
        self.lastIndex = lastIndex
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__producer_status__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__ProducerStatus) throws(IndelibleError) {
        unsafe self.init(
            known: generated.known != 0,
            epoch: generated.epoch,
            lastSequence: generated.last_sequence,
            lastIndex: generated.last_index,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.known ? 1 : 0)
        writer.fixed64(2, self.epoch)
        writer.varint(3, self.lastSequence)
        writer.varint(4, self.lastIndex)
    }
}
