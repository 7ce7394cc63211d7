internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Somebody who holds slots.
package struct SlotHolder: Equatable, ProtoMessage {
    package var member: String
    package var slots: SlotSet
    /// Since it last asked for slots.
    package var silentMilliseconds: UInt32

    package init(
        member: String = "",
        slots: SlotSet = .none,
        silentMilliseconds: UInt32 = 0,
    ) {
        self.member = member
        self.slots = slots
        self.silentMilliseconds = silentMilliseconds
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__slot_holder__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__SlotHolder) throws(IndelibleError) {
        unsafe self.init(
            member: String(field: generated.member),
            slots: try SlotSet(bitSet: generated.slots.bytes),
            silentMilliseconds: generated.silent_milliseconds,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.member)
        writer.bytes(2, self.slots.bitSet)
        writer.varint(3, UInt64(self.silentMilliseconds))
    }
}
