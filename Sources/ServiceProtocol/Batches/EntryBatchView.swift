package import AuditModel
package import Primitives
internal import ProtobufC

/// An EntryBatch as it lies in the received bytes.
package struct EntryBatchView: Sendable {
    package struct Item: Equatable, Sendable {
        package var index: UInt64
        package var kind: EntryKind
        package var slot: UInt8
        /// Where the serialised entry is in the payload.
        package var entry: Range<Int>
    }

    /// In index order.
    package private(set) var items: [Item] = []
    /// Where a reader that lost its connection goes on.
    package private(set) var next: UInt64 = 0
    package private(set) var durableSize: UInt64 = 0

    package init() {}

    /// Reads the payload of a batch; what was read before is forgotten.
    ///
    /// - Parameter payload: all ranges are positions in it.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when it is malformed, or its indexes do not rise towards `next`.
    package mutating func read(_ payload: Span<UInt8>) throws(IndelibleError) {
        self.items.removeAll(keepingCapacity: true)
        (self.next, self.durableSize) = (0, 0)
        var fields = ProtoScanner(0..<payload.count)
        while let field = try fields.next(in: payload) {
            switch (field.number, field.value) {
            case (1, .bytes(let range)): try self.readItem(payload, range)
            case (2, .varint(let next)): self.next = next
            case (3, .varint(let size)): self.durableSize = size
            default: break
            }
        }
        if let last = self.items.last, last.index >= self.next { throw Self.malformed("it goes on before its end") }
    }

    private mutating func readItem(_ payload: Span<UInt8>, _ range: Range<Int>) throws(IndelibleError) {
        var item = Self.plain(payload, range) ?? Item(index: 0, kind: .event, slot: 0, entry: 0..<0)
        guard item.entry.isEmpty else { return try self.add(item) }
        var fields = ProtoScanner(range)
        while let field = try fields.next(in: payload) {
            switch (field.number, field.value) {
            case (1, .varint(let index)): item.index = index
            case (2, .varint(let number)):
                guard let kind = EntryKind(number: number) else { throw Self.malformed("\(number) is no kind") }
                item.kind = kind
            case (3, .varint(let number)):
                guard let slot = UInt8(exactly: number) else { throw Self.malformed("\(number) is no slot") }
                item.slot = slot
            case (4, .bytes(let entry)): item.entry = entry
            default: break
            }
        }
        try self.add(item)
    }

    private mutating func add(_ item: Item) throws(IndelibleError) {
        guard 1...ProtocolLimits.entryByteCountMax ~= item.entry.count else {
            throw Self.malformed("an entry has \(item.entry.count) bytes")
        }
        if let last = self.items.last, last.index >= item.index { throw Self.malformed("indexes do not rise") }
        self.items.append(item)
    }

    /// Reads an item that is laid out as the ledger does it, in a few loads: index, kind, slot, entry, and no more.
    ///
    /// - Returns: `nil` for any other layout, be it right or wrong.
    private static func plain(_ payload: Span<UInt8>, _ range: Range<Int>) -> Item? {
        var cursor = range.lowerBound
        let end = range.upperBound
        var item = Item(index: 0, kind: .event, slot: 0, entry: 0..<0)
        if cursor < end, payload[cursor] == 0x08 {
            cursor += 1
            guard let index = Self.number(payload, &cursor, end) else { return nil }
            item.index = index
        }
        guard cursor + 2 < end, payload[cursor] == 0x10, let kind = EntryKind(rawValue: payload[cursor + 1]) else {
            return nil
        }
        item.kind = kind
        cursor += 2
        if payload[cursor] == 0x18 {
            cursor += 1
            guard let slot = Self.number(payload, &cursor, end).flatMap({ UInt8(exactly: $0) }) else { return nil }
            item.slot = slot
        }
        guard cursor < end, payload[cursor] == 0x22 else { return nil }
        cursor += 1
        guard let count = Self.number(payload, &cursor, end), count == UInt64(end - cursor) else { return nil }
        item.entry = cursor..<end
        return item
    }

    /// A number of up to eight bytes.
    private static func number(_ payload: Span<UInt8>, _ cursor: inout Int, _ end: Int) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 49, by: 7) {
            guard cursor < end else { return nil }
            let byte = payload[cursor]
            cursor += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    private static func malformed(_ reason: String) -> IndelibleError {
        IndelibleError(.invalidArgument, "A batch of entries is malformed: \(reason). Check the ledger's version.")
    }
}
