internal import AuditModel
package import Primitives
internal import ProtobufC

/// An AppendRequest as it lies in the received bytes: nothing of it is decoded into objects or copied.
///
/// One view is used for many requests: ``read(_:)`` keeps the capacity of its tables, so that reading a batch allocates
/// nothing. Every limit of the message is checked before `read` returns, none has to be checked after.
package struct AppendRequestView: Sendable {
    package private(set) var acknowledgement = AckLevel.durable
    package private(set) var producers: [ProducerReference] = []
    /// 1 to ``ProtocolLimits/itemCountMax``, in the order in which they become entries.
    package private(set) var items: [AppendItem] = []
    /// Bytes of all entries together.
    package private(set) var entryByteCount = 0

    package init() {}

    /// Reads the payload of a request; what was read before is forgotten.
    ///
    /// - Parameter payload: a serialised AppendRequest of less than 4 GiB; all ranges are positions in it.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the item and the limit when it is malformed or breaks one.
    package mutating func read(_ payload: Span<UInt8>) throws(IndelibleError) {
        self.acknowledgement = .durable
        self.producers.removeAll(keepingCapacity: true)
        self.items.removeAll(keepingCapacity: true)
        self.entryByteCount = 0
        precondition(payload.count <= UInt32.max, "a frame is shorter than 4 GiB")
        var fields = ProtoScanner(0..<payload.count)
        while let field = try fields.next(in: payload) {
            switch (field.number, field.value) {
            case (3, .bytes(let range)): try self.readItem(payload, range)
            case (2, .bytes(let range)): try self.readProducer(payload, range)
            case (1, .varint(let level)): try self.readLevel(level)
            default: break
            }
        }
        guard !self.items.isEmpty else {
            throw IndelibleError(.invalidArgument, "An Append has no items. Send 1 to \(ProtocolLimits.itemCountMax).")
        }
        try self.resolveSequences()
    }

    private mutating func readLevel(_ number: UInt64) throws(IndelibleError) {
        guard let level = UInt32(exactly: number).flatMap({ AckLevel(rawValue: $0) }) else {
            throw IndelibleError(
                .invalidArgument,
                "An Append asks for acknowledgement \(number), which this ledger does not know. Ask for 0, 1 or 2.",
            )
        }
        self.acknowledgement = level
    }

    private mutating func readProducer(_ payload: Span<UInt8>, _ range: Range<Int>) throws(IndelibleError) {
        guard self.producers.count < ProtocolLimits.producerCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "An Append names more than \(ProtocolLimits.producerCountMax) producers. Send them in several batches.",
            )
        }
        var producer = ProducerReference(id: range.lowerBound..<range.lowerBound, epoch: 0, firstSequence: 0)
        var fields = ProtoScanner(range)
        while let field = try fields.next(in: payload) {
            switch (field.number, field.value) {
            case (1, .bytes(let id)): producer.id = id
            case (2, .fixed64(let epoch)): producer.epoch = epoch
            case (3, .fixed64(let sequence)): producer.firstSequence = sequence
            default: break
            }
        }
        guard 1...ProtocolLimits.producerIDByteCountMax ~= producer.id.count else {
            throw IndelibleError(
                .invalidArgument,
                "Producer \(self.producers.count) has an id of \(producer.id.count) bytes. Use 1 to \(ProtocolLimits.producerIDByteCountMax).",
            )
        }
        guard 1...ProtocolLimits.sequenceMax ~= producer.firstSequence else {
            throw IndelibleError(
                .invalidArgument,
                "Producer \(self.producers.count) starts at sequence \(producer.firstSequence). Count from 1, up to 2^62.",
            )
        }
        self.producers.append(producer)
    }

    private mutating func readItem(_ payload: Span<UInt8>, _ range: Range<Int>) throws(IndelibleError) {
        guard self.items.count < ProtocolLimits.itemCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "An Append has more than \(ProtocolLimits.itemCountMax) items. Send them in several batches.",
            )
        }
        var parts = ItemParts()
        var fields = ProtoScanner(range)
        while let field = try fields.next(in: payload) {
            switch (field.number, field.value) {
            case (1, .bytes(let entry)): parts.entry = entry
            case (2, .varint(let kind)): parts.kind = kind
            case (3, .varint(let slot)): parts.slot = slot
            case (4, .varint(let producer)): parts.producer = producer
            case (5, .varint(let sequence)): parts.sequence = sequence
            case (6, .bytes(let id)): parts.eventID = id
            default: break
            }
        }
        if let reason = parts.reason { throw self.refused(item: self.items.count, reason) }
        self.entryByteCount += parts.entry.count
        self.items.append(parts.item)
    }

    /// Numbers the items that continue their producer's numbering.
    private mutating func resolveSequences() throws(IndelibleError) {
        guard !self.producers.isEmpty else {
            throw IndelibleError(.invalidArgument, "An Append names no producer. Send at least one.")
        }
        if self.producers.count == 1 { return try self.resolveSequencesOfOne() }
        var next = self.producers.map(\.firstSequence)
        for position in self.items.indices {
            let producer = Int(self.items[position].producer)
            guard producer < next.count else {
                throw self.refused(item: position, "names producer \(producer) of \(next.count)")
            }
            if self.items[position].sequence == 0 { self.items[position].sequence = next[producer] }
            next[producer] = self.items[position].sequence + 1
        }
    }

    /// The common case, without a table.
    private mutating func resolveSequencesOfOne() throws(IndelibleError) {
        var next = self.producers[0].firstSequence
        for position in self.items.indices {
            guard self.items[position].producer == 0 else {
                throw self.refused(item: position, "names producer \(self.items[position].producer) of 1")
            }
            if self.items[position].sequence == 0 { self.items[position].sequence = next }
            next = self.items[position].sequence + 1
        }
    }

    private func refused(item position: Int, _ reason: String) -> IndelibleError {
        IndelibleError(
            .invalidArgument,
            "Item \(position) of an Append \(reason). Correct it and send the batch again.",
        )
    }
}

/// An item's fields before they are checked.
private struct ItemParts {
    var entry = 0..<0
    var kind: UInt64 = 0
    var slot: UInt64 = 0
    var producer: UInt64 = 0
    var sequence: UInt64 = 0
    var eventID = 0..<0

    /// Why this cannot be an item; `nil` when it can.
    var reason: String? {
        if 1...ProtocolLimits.entryByteCountMax ~= self.entry.count, self.kind == 0 || self.isKind, self.slot <= 255,
            self.producer < ProtocolLimits.producerCountMax, self.sequence <= ProtocolLimits.sequenceMax,
            self.eventID.isEmpty || self.eventID.count == EventID.byteCount
        {
            return nil
        }
        return self.firstFault
    }

    private var isKind: Bool {
        UInt64(EntryKind.range.lowerBound) <= self.kind && self.kind <= UInt64(EntryKind.range.upperBound)
    }

    private var firstFault: String {
        guard 1...ProtocolLimits.entryByteCountMax ~= self.entry.count else {
            return "has an entry of \(self.entry.count) bytes; 1 to \(ProtocolLimits.entryByteCountMax) are allowed"
        }
        guard self.kind == 0 || self.isKind else {
            return "has kind \(self.kind); kinds are \(EntryKind.range.lowerBound) to \(EntryKind.range.upperBound)"
        }
        guard self.slot <= 255 else { return "has slot \(self.slot); slots are 0 to 255" }
        guard self.producer < ProtocolLimits.producerCountMax else {
            return "names producer \(self.producer); there are at most \(ProtocolLimits.producerCountMax)"
        }
        guard self.sequence <= ProtocolLimits.sequenceMax else {
            return "has sequence \(self.sequence); the largest is 2^62"
        }
        return "has an event id of \(self.eventID.count) bytes; it has \(EventID.byteCount), or none"
    }

    /// - Precondition: ``reason`` is `nil`.
    var item: AppendItem {
        AppendItem(
            entryOffset: UInt32(self.entry.lowerBound),
            entryByteCount: UInt32(self.entry.count),
            eventIDOffset: self.eventID.isEmpty ? 0 : UInt32(self.eventID.lowerBound),
            producer: UInt16(self.producer),
            kind: self.kind == 0 ? EntryKind.event.rawValue : UInt8(self.kind),
            slot: UInt8(self.slot),
            sequence: self.sequence,
        )
    }
}
