internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// What became of a batch.
package struct AppendResponse: Equatable, ProtoMessage {
    /// Of the batch; when it was a repeat, of its first item as first appended.
    package var firstIndex: UInt64
    package var count: UInt32
    /// A tree size that covers the batch.
    package var size: UInt64
    /// Every item was already in the log.
    package var duplicate: Bool
    /// Only with status ABORTED: the items that are already in the log; send the others again.
    package var known: [KnownItems]
    /// With ``AckLevel/checkpointed`` and ``AckLevel/witnessed``.
    package var checkpoint: PublishedCheckpoint?

    package init(
        firstIndex: UInt64 = 0,
        count: UInt32 = 0,
        size: UInt64 = 0,
        duplicate: Bool = false,
        known: [KnownItems] = [],
        checkpoint: PublishedCheckpoint? = nil,
    ) {
        self.firstIndex = firstIndex
        self.count = count
        self.size = size
        self.duplicate = duplicate
        self.known = known
        self.checkpoint = checkpoint
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__append_response__init, Self.init(generated:))

    /// As many runs of known items as there can be items.
    package static var limits: ProtoLimits { ProtoLimits(fieldCountMax: 131_072, arenaByteCountMax: 4 << 20) }

    @unsafe private init(generated: Indelible__V1__AppendResponse) throws(IndelibleError) {
        unsafe self.init(
            firstIndex: generated.first_index,
            count: generated.count,
            size: generated.size,
            duplicate: generated.duplicate != 0,
            known: try KnownItems.all(generated.known, count: generated.n_known),
            checkpoint: try PublishedCheckpoint.optional(generated.checkpoint),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.firstIndex)
        writer.varint(2, UInt64(self.count))
        writer.varint(3, self.size)
        writer.varint(4, self.duplicate ? 1 : 0)
        writer.messages(5, self.known)
        writer.message(6, self.checkpoint)
    }
}
