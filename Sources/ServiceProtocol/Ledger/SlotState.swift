internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// The newest state of a name and a slot.
package struct SlotState: Equatable, ProtoMessage {
    /// `false` when there is none.
    package var known: Bool
    /// The state is of all entries before this one.
    package var index: UInt64
    package var state: [UInt8]

    package init(
        known: Bool = false,
        index: UInt64 = 0,
        state: [UInt8] = [],
    ) {
        self.known = known
        self.index = index
        self.state = state
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__slot_state__init, Self.init(generated:))

    /// A state of the largest size and the message around it.
    package static var limits: ProtoLimits { ProtoLimits(arenaByteCountMax: 5 << 20) }

    @unsafe private init(generated: Indelible__V1__SlotState) throws(IndelibleError) {
        unsafe self.init(
            known: generated.known != 0,
            index: generated.index,
            state: generated.state.bytes,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.known ? 1 : 0)
        writer.varint(2, self.index)
        writer.bytes(3, self.state)
    }
}
