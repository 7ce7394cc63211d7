internal import AuditModel
internal import CIndelibleProto
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
        var position = 0
        while position < payload.count {
            if let item = AppendItemParts.usualItem(payload, at: position) {
                Self.prefetch(payload, at: position + Self.prefetchedItemCount * (item.upperBound - position))
                try self.readItem(payload, item)
                position = item.upperBound
            } else {
                position = try self.readField(payload, at: position)
            }
        }
        guard !self.items.isEmpty else {
            throw IndelibleError(.invalidArgument, "An Append has no items. Send 1 to \(ProtocolLimits.itemCountMax).")
        }
        try self.resolveSequences()
    }

    /// So many items ahead; those of a batch are mostly of one size.
    private static let prefetchedItemCount = 6

    /// Of a batch that does not fit into the nearest cache only one line or two of each item are looked at: a pattern that
    /// the processor does not see by itself.
    @inline(__always)
    private static func prefetch(_ payload: Span<UInt8>, at position: Int) {
        guard position < payload.count else { return }
        unsafe payload.withUnsafeBytes { unsafe indelible_prefetch($0.baseAddress.map { unsafe $0 + position }) }
    }

    /// - Returns: where the next field is.
    private mutating func readField(_ payload: Span<UInt8>, at position: Int) throws(IndelibleError) -> Int {
        var fields = ProtoScanner(position..<payload.count)
        guard let field = try fields.next(in: payload) else { return payload.count }
        switch (field.number, field.value) {
        case (3, .bytes(let range)): try self.readItem(payload, range)
        case (2, .bytes(let range)): try self.readProducer(payload, range)
        case (1, .varint(let level)): try self.readLevel(level)
        default: break
        }
        return fields.position
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
            case (4, .fixed64(let sequence)): producer.after = sequence
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
        let parts = try AppendItemParts(payload, range)
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
