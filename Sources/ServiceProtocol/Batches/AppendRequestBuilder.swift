package import AuditModel
internal import Primitives
internal import ProtobufC

/// Writes an AppendRequest straight into the bytes that are sent; no item becomes an object.
package struct AppendRequestBuilder: Sendable {
    private var writer: ProtoWriter
    package private(set) var itemCount = 0
    package private(set) var producerCount = 0

    /// Begins a request.
    ///
    /// - Parameters:
    ///   - acknowledgement: what the ledger waits for before it answers.
    ///   - byteCountExpected: room to take at once.
    package init(acknowledgement: AckLevel = .durable, byteCountExpected: Int = 0) {
        self.writer = ProtoWriter()
        self.writer.reserveCapacity(byteCountExpected)
        self.writer.varint(1, UInt64(acknowledgement.rawValue))
    }

    /// Goes on with a request that has items and producers already: a protobuf message may be continued.
    ///
    /// - Parameter view: of `request`.
    package init(continuing request: [UInt8], _ view: AppendRequestView) {
        self.writer = ProtoWriter(request)
        self.itemCount = view.items.count
        self.producerCount = view.producers.count
    }

    /// Adds a producer to the table; items may name it before or after.
    ///
    /// - Parameters:
    ///   - producer: named once in a request.
    ///   - firstSequence: of its first item here.
    ///   - after: of a consumer, the last sequence number that it has in the log.
    /// - Returns: its position in the table.
    package mutating func append(_ producer: Producer, firstSequence: UInt64, after: UInt64 = 0) -> UInt16 {
        precondition(self.producerCount < ProtocolLimits.producerCountMax, "a batch has at most 1,024 producers")
        var table = ProtoWriter()
        table.bytes(1, producer.id)
        table.fixed64(2, producer.epoch)
        table.fixed64(3, firstSequence)
        table.fixed64(4, after)
        self.writer.always(2, table.bytes)
        defer { self.producerCount += 1 }
        return UInt16(self.producerCount)
    }

    /// The request so far; complete after any item.
    package var bytes: [UInt8] { self.writer.bytes }

    /// Adds an item.
    ///
    /// - Parameters:
    ///   - entry: a serialised entry, 1 to ``ProtocolLimits/entryByteCountMax`` bytes.
    ///   - kind: what the entry holds.
    ///   - slot: of the actor.
    ///   - producer: position in the table.
    ///   - sequence: 0 continues the producer's numbering.
    ///   - eventID: 16 bytes, or none.
    package mutating func append(
        entry: Span<UInt8>,
        kind: EntryKind,
        slot: UInt8,
        producer: UInt16 = 0,
        sequence: UInt64 = 0,
        eventID: Span<UInt8>,
    ) {
        self.begin(
            entryByteCount: entry.count,
            kind: kind,
            slot: slot,
            producer: producer,
            sequence: sequence,
            eventIDByteCount: eventID.count,
        )
        self.writer.always(1, entry)
        self.end(kind: kind, slot: slot, producer: producer, sequence: sequence, eventID: eventID)
    }

    /// Adds an item whose entry is put together here, so that its body is copied once.
    ///
    /// - Parameters:
    ///   - blind: 16 random bytes.
    ///   - stamp: a serialised `Stamp`.
    ///   - body: what stands in the field of its kind, in `bytes`.
    ///   - bytes: what holds the body and the event's id.
    ///   - kind: what the entry holds.
    ///   - slot: of the actor.
    ///   - producer: position in the table.
    ///   - sequence: 0 continues the producer's numbering.
    ///   - eventID: 16 bytes in `bytes`, or none.
    package mutating func append(
        blind: Span<UInt8>,
        stamp: [UInt8],
        body: Range<Int>,
        in bytes: Span<UInt8>,
        kind: EntryKind,
        slot: UInt8,
        producer: UInt16,
        sequence: UInt64,
        eventID: Range<Int>,
    ) {
        let entryByteCount = Self.entryByteCount(stampByteCount: stamp.count, bodyByteCount: body.count, kind: kind)
        self.begin(
            entryByteCount: entryByteCount,
            kind: kind,
            slot: slot,
            producer: producer,
            sequence: sequence,
            eventIDByteCount: eventID.count,
        )
        self.writer.delimited(1, byteCount: entryByteCount)
        self.writer.always(1, blind)
        self.writer.always(2, stamp)
        self.writer.always(UInt32(kind.rawValue), bytes.extracting(body))
        self.end(
            kind: kind,
            slot: slot,
            producer: producer,
            sequence: sequence,
            eventID: bytes.extracting(eventID),
        )
    }

    /// Adds an item of another request, with its number spelt out.
    ///
    /// - Parameters:
    ///   - item: its producer has the same position in this request's table.
    ///   - request: what the item's ranges are positions in.
    package mutating func append(_ item: AppendItem, of request: Span<UInt8>) {
        guard let kind = EntryKind(rawValue: item.kind) else { preconditionFailure("a view has checked the kind") }
        self.append(
            entry: request.extracting(item.entry),
            kind: kind,
            slot: item.slot,
            producer: item.producer,
            sequence: item.sequence,
            eventID: request.extracting(item.eventID ?? 0..<0),
        )
    }

    /// How long an entry becomes: blind, stamp and body, each with its tag and length.
    package static func entryByteCount(stampByteCount: Int, bodyByteCount: Int, kind: EntryKind) -> Int {
        let stamp = 1 + ProtoWriter.varintByteCount(UInt64(stampByteCount)) + stampByteCount
        let body = ProtoWriter.varintByteCount(UInt64(bodyByteCount)) + bodyByteCount
        return 2 + Entry.blindByteCount + stamp + (kind.rawValue < 16 ? 1 : 2) + body
    }

    private mutating func begin(
        entryByteCount: Int,
        kind: EntryKind,
        slot: UInt8,
        producer: UInt16,
        sequence: UInt64,
        eventIDByteCount: Int,
    ) {
        precondition(1...ProtocolLimits.entryByteCountMax ~= entryByteCount, "an entry has 1 to 65,535 bytes")
        precondition(self.itemCount < ProtocolLimits.itemCountMax, "a batch has at most 16,384 items")
        var byteCount = 1 + ProtoWriter.varintByteCount(UInt64(entryByteCount)) + entryByteCount
        if kind != .event { byteCount += 2 }
        for number in [UInt64(slot), UInt64(producer), sequence] where number != 0 {
            byteCount += 1 + ProtoWriter.varintByteCount(number)
        }
        if eventIDByteCount > 0 { byteCount += 2 + eventIDByteCount }
        self.writer.delimited(3, byteCount: byteCount)
        self.itemCount += 1
    }

    private mutating func end(
        kind: EntryKind,
        slot: UInt8,
        producer: UInt16,
        sequence: UInt64,
        eventID: Span<UInt8>,
    ) {
        self.writer.varint(2, kind == .event ? 0 : UInt64(kind.rawValue))
        self.writer.varint(3, UInt64(slot))
        self.writer.varint(4, UInt64(producer))
        self.writer.varint(5, sequence)
        self.writer.bytes(6, eventID)
    }
}
