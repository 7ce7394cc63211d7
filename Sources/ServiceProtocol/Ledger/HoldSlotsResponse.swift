internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// What a member may work on until its lease ends.
package struct HoldSlotsResponse: Equatable, ProtoMessage {
    /// In rising order; a slot that is held and missing here is to be given up.
    package var slots: [HeldSlot]
    /// Who does not ask again within this time loses its slots.
    package var leaseMilliseconds: UInt32
    /// Those who share the slots.
    package var memberCount: UInt32

    package init(
        slots: [HeldSlot] = [],
        leaseMilliseconds: UInt32 = 0,
        memberCount: UInt32 = 0,
    ) {
        self.slots = slots
        self.leaseMilliseconds = leaseMilliseconds
        self.memberCount = memberCount
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__hold_slots_response__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__HoldSlotsResponse) throws(IndelibleError) {
        unsafe self.init(
            slots: try HeldSlot.all(generated.slots, count: generated.n_slots),
            leaseMilliseconds: generated.lease_milliseconds,
            memberCount: generated.members,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.messages(1, self.slots)
        writer.varint(2, UInt64(self.leaseMilliseconds))
        writer.varint(3, UInt64(self.memberCount))
    }
}
