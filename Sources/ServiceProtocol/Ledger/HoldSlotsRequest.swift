internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Asks for a share of the actor slots, and tells which are worked on.
package struct HoldSlotsRequest: Equatable, ProtoMessage {
    /// The asking process; 1 to ``ProtocolLimits/memberByteCountMax`` bytes.
    package var member: String
    /// What it works on now; what is missing here is free for others.
    package var held: SlotSet
    /// Everything goes back.
    package var isLeaving: Bool

    package init(
        member: String = "",
        held: SlotSet = .none,
        isLeaving: Bool = false,
    ) {
        self.member = member
        self.held = held
        self.isLeaving = isLeaving
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__hold_slots_request__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__HoldSlotsRequest) throws(IndelibleError) {
        unsafe self.init(
            member: String(field: generated.member),
            held: try SlotSet(bitSet: generated.held.bytes),
            isLeaving: generated.leaving != 0,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.member)
        writer.bytes(2, self.held.bitSet)
        writer.varint(3, self.isLeaving ? 1 : 0)
    }
}
