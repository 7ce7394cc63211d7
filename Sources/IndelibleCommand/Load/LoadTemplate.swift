import AuditModel
import Primitives
import ProtobufC
import ServiceProtocol

/// A serialised AppendRequest of made-up events, and where in it one batch differs from the next.
///
/// A batch is then a copy with some 60 patched bytes for each event, which costs less than sending it. The places are
/// found by reading the request back as the ledger does.
struct LoadTemplate: Sendable {
    /// Positions in ``bytes`` of what is unique to an event.
    struct Item: Sendable {
        /// 16 random bytes.
        var blind: Int
        /// The stamp's time, eight bytes, little-endian.
        var received: Int
        /// The event's id, 16 bytes.
        var id: Int
        /// The event's time, eight bytes, little-endian.
        var occurred: Int
        /// The id again, beside the entry.
        var eventID: Int
    }

    /// Actors that take turns, so that events spread over the slots.
    static let actorCount = 1_000

    let bytes: [UInt8]
    let items: [Item]
    /// Eight bytes, little-endian.
    let firstSequence: Int
    /// Where each entry starts, as the hash kernels want it.
    let entryOffsets: [UInt32]
    let entryByteCounts: [UInt32]

    /// - Parameters:
    ///   - count: events, 1 to ``ProtocolLimits/eventCountMax``.
    ///   - entryByteCount: bytes of each serialised entry.
    ///   - acknowledgement: what the ledger waits for.
    ///   - producer: numbers the events.
    ///   - collector: name that the stamps carry.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when an entry cannot have that size.
    init(
        count: Int,
        entryByteCount: Int,
        acknowledgement: AckLevel,
        producer: Producer,
        collector: String,
    ) throws(IndelibleError) {
        var builder = AppendRequestBuilder(
            acknowledgement: acknowledgement,
            byteCountExpected: 128 + count * (entryByteCount + 32),
        )
        _ = builder.append(producer, firstSequence: 1)
        let sample = try LoadEvent(entryByteCount: entryByteCount, collector: collector)
        for position in 0..<count {
            let actor = LoadEvent.actor(position % Self.actorCount)
            builder.append(
                entry: sample.entry(actor: actor).span,
                kind: .event,
                slot: ActorSlot.slot(of: actor),
                eventID: sample.id.bytes.span,
            )
        }
        let bytes = builder.bytes
        var view = AppendRequestView()
        try view.read(bytes.span)
        self.bytes = bytes
        self.entryOffsets = view.items.map(\.entryOffset)
        self.entryByteCounts = view.items.map(\.entryByteCount)
        // A fixed64 is a tag and eight bytes; the epoch stands between the producer's id and the sequence.
        self.firstSequence = view.producers[0].id.upperBound + 9 + 1
        var items: [Item] = []
        for item in view.items { items.append(try Self.places(item, bytes.span)) }
        self.items = items
    }

    private static func places(_ item: AppendItem, _ request: Span<UInt8>) throws(IndelibleError) -> Item {
        let entry = try EntryScan(request.extracting(item.entry))
        let start = item.entry.lowerBound
        let body = start + entry.body.lowerBound..<start + entry.body.upperBound
        let event = try EventScan(request, in: body)
        guard let stamp = entry.stamp, let eventID = item.eventID else {
            preconditionFailure("the template's events have stamps and ids")
        }
        return Item(
            blind: start + entry.blind.lowerBound,
            // The last field of a stamp.
            received: start + stamp.upperBound - 8,
            id: event.id.lowerBound,
            // The field after the id, behind its tag.
            occurred: event.id.upperBound + 1,
            eventID: eventID.lowerBound,
        )
    }
}
