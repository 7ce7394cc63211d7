internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// A slot, and the lease under which its consumers append.
package struct HeldSlot: Equatable, ProtoMessage {
    package var slot: UInt8
    /// Larger than that of every lease of the slot before.
    package var epoch: UInt64

    package init(
        slot: UInt8 = 0,
        epoch: UInt64 = 0,
    ) {
        self.slot = slot
        self.epoch = epoch
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__held_slot__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__HeldSlot) throws(IndelibleError) {
        unsafe self.init(
            slot: try UInt8(slot: generated.slot),
            epoch: generated.epoch,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, UInt64(self.slot))
        writer.fixed64(2, self.epoch)
    }
}
