package import Primitives
internal import ProtobufC

/// Where the parts of a serialised entry stand, without decoding or copying any of them.
package struct EntryScan: Equatable, Sendable {
    /// Bytes in the longest entry: the format of entry bundles (C2SP tlog-tiles) has 16 bits for the length.
    package static let entryByteCountMax = 65_535

    package let kind: EntryKind
    /// The 16 random bytes.
    package let blind: Range<Int>
    /// A serialised `Stamp`; `nil` when the entry has none.
    package let stamp: Range<Int>?
    /// The body: for an event the exact bytes of its producer, else a serialised message.
    package let body: Range<Int>

    /// - Parameter entry: a serialised `Entry`.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the bytes are no message, or have no blind, no body or more
    ///   than one.
    package init(_ entry: Span<UInt8>) throws(IndelibleError) {
        if let plain = Self(plain: entry) {
            self = plain
            return
        }
        var blind: Range<Int>?
        var stamp: Range<Int>?
        var body: (kind: EntryKind, range: Range<Int>)?
        var fields = ProtoScanner(0..<entry.count)
        while let field = try fields.next(in: entry) {
            guard let range = field.range else { continue }
            switch field.number {
            case 1: blind = range
            case 2: stamp = range
            default:
                guard let kind = EntryKind(number: UInt64(field.number)) else { continue }
                guard body == nil else { throw Self.malformed("it has more than one body") }
                body = (kind, range)
            }
        }
        guard let blind, blind.count == Entry.blindByteCount else {
            throw Self.malformed("its blind does not have \(Entry.blindByteCount) bytes")
        }
        guard let body else { throw Self.malformed("it has no body") }
        self.kind = body.kind
        self.blind = blind
        self.stamp = stamp
        self.body = body.range
    }

    /// Whether an entry's first body is an event: then it holds an event, or is no entry.
    ///
    /// Reads four bytes of an entry as all known writers lay it out; `false` says nothing.
    package static func startsAsEvent(_ entry: Span<UInt8>) -> Bool {
        let blindEnd = 2 + Entry.blindByteCount
        guard entry.count > blindEnd + 2, entry[0] == 0x0a, entry[1] == UInt8(Entry.blindByteCount) else {
            return false
        }
        guard entry[blindEnd] == 0x12 else { return entry[blindEnd] == 0x1a }
        let body = blindEnd + 2 + Int(entry[blindEnd + 1])
        return entry[blindEnd + 1] < 0x80 && body < entry.count && entry[body] == 0x1a
    }

    /// Reads an entry that is laid out as all known writers do it, in a few loads: blind, stamp if any, body, and no more.
    ///
    /// - Returns: `nil` for any other layout, be it right or wrong.
    private init?(plain entry: Span<UInt8>) {
        let blindEnd = 2 + Entry.blindByteCount
        guard entry.count > blindEnd + 2, entry[0] == 0x0a, entry[1] == UInt8(Entry.blindByteCount) else { return nil }
        var position = blindEnd
        var stamp: Range<Int>?
        if entry[position] == 0x12 {
            position += 1
            guard let length = Self.short(entry, &position), length < entry.count - position - 2 else { return nil }
            stamp = position..<position + length
            position += length
        }
        guard let tag = Self.short(entry, &position), tag & 7 == 2, let kind = EntryKind(number: UInt64(tag >> 3)),
            let length = Self.short(entry, &position), position + length == entry.count
        else { return nil }
        self.kind = kind
        self.blind = 2..<blindEnd
        self.stamp = stamp
        self.body = position..<entry.count
    }

    /// A number of one to three bytes.
    private static func short(_ entry: Span<UInt8>, _ position: inout Int) -> Int? {
        var value = 0
        for shift in stride(from: 0, through: 14, by: 7) {
            guard position < entry.count else { return nil }
            let byte = Int(entry[position])
            position += 1
            value |= (byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    private static func malformed(_ reason: String) -> IndelibleError {
        IndelibleError(.invalidArgument, "The bytes are not an entry: \(reason). Check what wrote them.")
    }
}

/// Where the parts of a serialised event stand that a batch needs to know.
package struct EventScan: Equatable, Sendable {
    /// The 16 bytes of the event's id; empty when it has none.
    package private(set) var id: Range<Int>
    /// UTF-8 of the actor's id; empty when it has none.
    package private(set) var actorID: Range<Int>
    /// UTF-8; empty when it has none.
    package private(set) var action: Range<Int>
    /// UTF-8; empty when it has none.
    package private(set) var source: Range<Int>
    /// Nanoseconds since the Unix epoch, by the source's clock; 0 when it says nothing.
    package private(set) var occurredNanoseconds: UInt64 = 0
    /// The source's own number; 0 when it has none.
    package private(set) var sourceSequence: UInt64 = 0

    /// - Parameters:
    ///   - bytes: what the event stands in, such as an entry; the scan's ranges are positions in it.
    ///   - range: where the serialised `AuditEvent` stands.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the bytes there are no message.
    package init(_ bytes: Span<UInt8>, in range: Range<Int>) throws(IndelibleError) {
        let none = range.lowerBound..<range.lowerBound
        (self.id, self.actorID, self.action, self.source) = (none, none, none, none)
        var fields = ProtoScanner(range)
        while let field = try fields.next(in: bytes) {
            switch (field.number, field.value) {
            case (1, .bytes(let id)): self.id = id
            case (2, .fixed64(let time)): self.occurredNanoseconds = time
            case (3, .bytes(let source)): self.source = source
            case (4, .varint(let sequence)): self.sourceSequence = sequence
            case (5, .bytes(let actor)):
                var parts = ProtoScanner(actor)
                while let part = try parts.next(in: bytes) {
                    if part.number == 1, let id = part.range { self.actorID = id }
                }
            case (6, .bytes(let action)): self.action = action
            default: break
            }
        }
    }

    /// - Throws: as ``init(_:in:)``.
    package init(_ event: [UInt8]) throws(IndelibleError) {
        try self.init(event.span, in: 0..<event.count)
    }
}
