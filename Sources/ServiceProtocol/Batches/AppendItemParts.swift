internal import AuditModel
internal import Primitives
internal import ProtobufC

/// An item's fields before they are checked.
struct AppendItemParts {
    var entry = 0..<0
    var kind: UInt64 = 0
    var slot: UInt64 = 0
    var producer: UInt64 = 0
    var sequence: UInt64 = 0
    var eventID = 0..<0

    /// Reads the fields of an item.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the bytes there are no message.
    @inline(__always)
    init(_ payload: Span<UInt8>, _ range: Range<Int>) throws(IndelibleError) {
        if !self.readUsual(payload, range) { try self.readAny(payload, range) }
    }

    /// Where an item is, when one with the usual tag is next; `nil` when anything else is.
    @inline(__always)
    static func usualItem(_ payload: Span<UInt8>, at position: Int) -> Range<Int>? {
        unsafe payload.withUnsafeBufferPointer { bytes in
            guard unsafe bytes[position] == 0x1a else { return nil }
            var cursor = unsafe ItemCursor(bytes: bytes, position: position &+ 1, end: bytes.count)
            guard let byteCount = unsafe cursor.varint(),
                byteCount <= UInt64(unsafe cursor.end &- cursor.position)
            else { return nil }
            return unsafe cursor.position..<cursor.position &+ Int(truncatingIfNeeded: byteCount)
        }
    }

    /// Reads what senders usually write: the six known fields, with tags of one byte.
    ///
    /// The hottest loop of the product, so it knows nothing of errors and unknown fields.
    ///
    /// - Returns: `false` when there is anything else, and nothing read so far counts.
    @inline(__always)
    private mutating func readUsual(_ payload: Span<UInt8>, _ range: Range<Int>) -> Bool {
        // In bounds: the scanner that found the range has checked it, and the cursor stays within.
        unsafe payload.withUnsafeBufferPointer { bytes in
            var cursor = unsafe ItemCursor(bytes: bytes, position: range.lowerBound, end: range.upperBound)
            while unsafe cursor.position < cursor.end {
                let tag = unsafe bytes[cursor.position]
                unsafe cursor.position &+= 1
                guard let number = unsafe cursor.varint() else { return false }
                switch tag {
                case 0x0a, 0x32:
                    guard number <= UInt64(unsafe cursor.end &- cursor.position) else { return false }
                    let start = unsafe cursor.position
                    unsafe cursor.position &+= Int(truncatingIfNeeded: number)
                    if tag == 0x0a {
                        self.entry = unsafe start..<cursor.position
                    } else {
                        self.eventID = unsafe start..<cursor.position
                    }
                case 0x10: self.kind = number
                case 0x18: self.slot = number
                case 0x20: self.producer = number
                case 0x28: self.sequence = number
                default: return false
                }
            }
            return true
        }
    }

    private mutating func readAny(_ payload: Span<UInt8>, _ range: Range<Int>) throws(IndelibleError) {
        self = AppendItemParts()
        var fields = ProtoScanner(range)
        while let field = try fields.next(in: payload) {
            switch (field.number, field.value) {
            case (1, .bytes(let entry)): self.entry = entry
            case (2, .varint(let kind)): self.kind = kind
            case (3, .varint(let slot)): self.slot = slot
            case (4, .varint(let producer)): self.producer = producer
            case (5, .varint(let sequence)): self.sequence = sequence
            case (6, .bytes(let id)): self.eventID = id
            default: break
            }
        }
    }

    private init() {}

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

/// A place in an item's bytes.
@unsafe private struct ItemCursor {
    let bytes: UnsafeBufferPointer<UInt8>
    var position: Int
    let end: Int

    /// - Returns: `nil` at the end, and for numbers of more than nine bytes, which the slow path reads.
    @inline(__always)
    mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 63, unsafe self.position < self.end {
            let byte = unsafe self.bytes[self.position]
            unsafe self.position &+= 1
            value |= UInt64(byte & 0x7f) &<< shift
            if byte < 0x80 { return value }
            shift &+= 7
        }
        return nil
    }
}
