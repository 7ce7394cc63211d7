internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Has a state kept beside the log, for whoever holds the slot next.
package struct PutSlotStateRequest: Equatable, ProtoMessage {
    /// 1 to ``ProtocolLimits/stateNameByteCountMax`` letters, digits and dashes.
    package var name: String
    package var slot: UInt8
    /// Of the slot's lease.
    package var epoch: UInt64
    /// The state is of all entries before this one.
    package var index: UInt64
    /// At most ``ProtocolLimits/stateByteCountMax`` bytes.
    package var state: [UInt8]

    package init(
        name: String = "",
        slot: UInt8 = 0,
        epoch: UInt64 = 0,
        index: UInt64 = 0,
        state: [UInt8] = [],
    ) {
        self.name = name
        self.slot = slot
        self.epoch = epoch
        self.index = index
        self.state = state
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__put_slot_state_request__init, Self.init(generated:))

    /// A state of the largest size and the message around it.
    package static var limits: ProtoLimits { ProtoLimits(arenaByteCountMax: 5 << 20) }

    @unsafe private init(generated: Indelible__V1__PutSlotStateRequest) throws(IndelibleError) {
        unsafe self.init(
            name: String(field: generated.name),
            slot: try UInt8(slot: generated.slot),
            epoch: generated.epoch,
            index: generated.index,
            state: generated.state.bytes,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.name)
        writer.varint(2, UInt64(self.slot))
        writer.fixed64(3, self.epoch)
        writer.varint(4, self.index)
        writer.bytes(5, self.state)
    }
}
