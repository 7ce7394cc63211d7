internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Who holds which slots.
package struct SlotHolders: Equatable, ProtoMessage {
    /// In the order in which they came.
    package var holders: [SlotHolder]
    package var leaseMilliseconds: UInt32

    package init(
        holders: [SlotHolder] = [],
        leaseMilliseconds: UInt32 = 0,
    ) {
        self.holders = holders
        self.leaseMilliseconds = leaseMilliseconds
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__slot_holders__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__SlotHolders) throws(IndelibleError) {
        unsafe self.init(
            holders: try SlotHolder.all(generated.holders, count: generated.n_holders),
            leaseMilliseconds: generated.lease_milliseconds,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.messages(1, self.holders)
        writer.varint(2, UInt64(self.leaseMilliseconds))
    }
}
