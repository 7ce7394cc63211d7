internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Asks for the newest state of a name and a slot.
package struct GetSlotStateRequest: Equatable, ProtoMessage {
    package var name: String
    package var slot: UInt8

    package init(
        name: String = "",
        slot: UInt8 = 0,
    ) {
        self.name = name
        self.slot = slot
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__get_slot_state_request__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__GetSlotStateRequest) throws(IndelibleError) {
        unsafe self.init(
            name: String(field: generated.name),
            slot: try UInt8(slot: generated.slot),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.name)
        writer.varint(2, UInt64(self.slot))
    }
}
