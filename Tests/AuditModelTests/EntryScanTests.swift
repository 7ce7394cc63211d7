import AuditModel
import Primitives
import ProtobufC
import Testing

/// Goal: the scan finds what a full decode finds, and refuses what is no entry.
@Suite struct EntryScanTests {
    @Test func findsTheParts() throws {
        for body in try Samples.bodies() {
            let bytes = Samples.entry(body).serialized
            let scan = try EntryScan(bytes.span)
            #expect(scan.kind == body.kind)
            #expect(Array(bytes[scan.body]) == body.serialized)
            #expect(Array(bytes[scan.blind]) == Array(0..<16))
        }
    }

    @Test func findsTheEventWithin() throws {
        let event = try Samples.event()
        let bytes = Samples.entry(.event(event.serialized)).serialized
        let scan = try EntryScan(bytes.span)
        let parts = try EventScan(bytes.span, in: scan.body)
        #expect(Array(bytes[parts.id]) == event.id?.bytes)
        #expect(Array(bytes[parts.actorID]) == Array(event.actor.id.utf8))
        #expect(Array(bytes[parts.action]) == Array(event.action.utf8))
        #expect(Array(bytes[parts.source]) == Array(event.source.utf8))
        #expect(parts.occurredNanoseconds == event.occurredNanoseconds)
        let empty = try EventScan(AuditEvent().serialized)
        #expect(empty.id.isEmpty && empty.actorID.isEmpty && empty.action.isEmpty)
    }

    @Test func carriesUnknownKinds() throws {
        let kind = try #require(EntryKind(rawValue: 63))
        let entry = Samples.entry(.unknown(kind, [1, 2, 3]))
        #expect(try Entry(serialized: entry.serialized) == entry)
    }

    /// Entries of other writers: fields in another order, lengths longer than they need to be, fields of a later version.
    @Test func findsThePartsInAnyLayout() throws {
        let (stamp, body): ([UInt8], [UInt8]) = ([0x12, 0x02, 0x0a, 0x00], [0x22, 0x03, 1, 2, 3])
        let later: [UInt8] = [0xc0, 0x3e, 0x01]
        let layouts = [
            [Self.blind, stamp, body], [body, stamp, Self.blind], [stamp, Self.blind, body],
            [Self.blind, [0x12, 0x82, 0x00, 0x0a, 0x00], body], [Self.blind, stamp, [0x22, 0x83, 0x00, 1, 2, 3]],
            [Self.blind, stamp, body, later], [Self.blind, later, stamp, body],
        ]
        for layout in layouts {
            let bytes = Array(layout.joined())
            let scan = try EntryScan(bytes.span)
            #expect(scan.kind == .seal && Array(bytes[scan.body]) == [1, 2, 3], "\(layout)")
            #expect(scan.stamp.map { Array(bytes[$0]) } == [0x0a, 0x00], "\(layout)")
            #expect(Array(bytes[scan.blind]) == [UInt8](repeating: 7, count: 16), "\(layout)")
        }
    }

    static let blind = [0x0a, 0x10] + [UInt8](repeating: 7, count: 16)
    static let refused: [(bytes: [UInt8], reason: String)] = [
        ([], "its blind does not have 16 bytes"),
        ([0x0a, 0x01, 0x07, 0x1a, 0x00], "its blind does not have 16 bytes"),
        (Self.blind, "it has no body"),
        (Self.blind + [0x18, 0x05], "it has no body"),
        (Self.blind + [0x1a, 0x00, 0x22, 0x00], "it has more than one body"),
        (Self.blind + [0x1a, 0x00, 0x1a, 0x00], "it has more than one body"),
        (Self.blind + [0x1a, 0x02, 0x00], "a length is beyond the end"),
        (Self.blind + [0x1b], "a field has an unknown wire type"),
    ]

    @Test(arguments: refused)
    func refuses(_ row: (bytes: [UInt8], reason: String)) {
        let error = #expect(throws: IndelibleError.self) { try EntryScan(row.bytes.span) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(row.reason) == true, "\(error?.message ?? "")")
    }

    /// Every cut of an entry is refused: the body is its last field.
    @Test func refusesEveryTruncation() throws {
        for body in try Samples.bodies() {
            let bytes = Samples.entry(body).serialized
            for count in 0..<bytes.count {
                #expect(throws: IndelibleError.self) { try Entry(serialized: Array(bytes.prefix(count))) }
            }
        }
    }

    /// Whatever a byte is changed to, reading ends with a value or an error.
    @Test func survivesEveryChangedByte() throws {
        let bytes = Samples.entry(.event(try Samples.event().serialized)).serialized
        var refused = 0
        for position in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[position] ^= 1 << bit
                do throws(IndelibleError) {
                    guard case .event(let event) = try Entry(serialized: changed).body else { continue }
                    _ = try AuditEvent(serialized: event)
                } catch {
                    #expect(error.code == .invalidArgument)
                    refused += 1
                }
            }
        }
        #expect(refused > 0)
    }
}
