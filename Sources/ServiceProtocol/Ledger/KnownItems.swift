internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Neighbouring items of a batch that are neighbouring entries of the log already.
package struct KnownItems: Equatable, ProtoMessage {
    /// Position in the batch.
    package var firstItem: UInt32
    package var count: UInt32
    /// Index of the first one in the log.
    package var firstIndex: UInt64

    package init(
        firstItem: UInt32 = 0,
        count: UInt32 = 0,
        firstIndex: UInt64 = 0,
    ) {
        self.firstItem = firstItem
        self.count = count
        self.firstIndex = firstIndex
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__known_items__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__KnownItems) throws(IndelibleError) {
        unsafe self.init(
            firstItem: generated.first_item,
            count: generated.count,
            firstIndex: generated.first_index,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, UInt64(self.firstItem))
        writer.varint(2, UInt64(self.count))
        writer.varint(3, self.firstIndex)
    }
}
