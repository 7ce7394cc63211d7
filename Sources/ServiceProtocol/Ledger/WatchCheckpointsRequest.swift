internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Asks for each checkpoint as it is published.
package struct WatchCheckpointsRequest: Equatable, ProtoMessage {
    /// Starts with the current checkpoint when it is larger than this.
    package var largerThan: UInt64
    /// Send the current checkpoint first, whatever its size.
    package var initial: Bool

    package init(
        largerThan: UInt64 = 0,
        initial: Bool = false,
    ) {
        self.largerThan = largerThan
        self.initial = initial
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__watch_checkpoints_request__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__WatchCheckpointsRequest) throws(IndelibleError) {
        unsafe self.init(
            largerThan: generated.larger_than,
            initial: generated.initial != 0,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.largerThan)
        writer.varint(2, self.initial ? 1 : 0)
    }
}
