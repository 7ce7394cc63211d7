package import AuditModel
internal import Primitives
internal import ProtobufC

/// Writes an AppendRequest straight into the bytes that are sent; no item becomes an object.
package struct AppendRequestBuilder: Sendable {
    private var writer: ProtoWriter
    package private(set) var itemCount = 0

    /// - Parameters:
    ///   - acknowledgement: what the ledger waits for before it answers.
    ///   - producers: at least one; with the sequence of its first item in this batch.
    ///   - byteCountExpected: room to take at once.
    package init(
        acknowledgement: AckLevel = .durable,
        producers: [(producer: Producer, firstSequence: UInt64)],
        byteCountExpected: Int = 0,
    ) {
        precondition(1...ProtocolLimits.producerCountMax ~= producers.count, "a batch has 1 to 1024 producers")
        self.writer = ProtoWriter()
        self.writer.reserveCapacity(byteCountExpected)
        self.writer.varint(1, UInt64(acknowledgement.rawValue))
        for (producer, firstSequence) in producers {
            var table = ProtoWriter()
            table.bytes(1, producer.id)
            table.fixed64(2, producer.epoch)
            table.fixed64(3, firstSequence)
            self.writer.always(2, table.bytes)
        }
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
