import AuditModel
import CIndelibleProto
import Primitives
import ProtobufC
import ServiceProtocol
import Testing

/// Goal: EntryBatch and SubmitRequest are written and read in place as protobuf-c writes and reads them.
@Suite struct BatchTests {
    static func batch() -> [UInt8] {
        var builder = EntryBatchBuilder()
        builder.append(index: 0, kind: .event, slot: 0, entry: [1].span)
        builder.append(index: 300, kind: .seal, slot: 255, entry: [UInt8](repeating: 7, count: 400).span)
        return builder.finish(next: 1000, durableSize: 5000)
    }

    @Test func entriesThere() throws {
        let payload = Self.batch()
        var view = EntryBatchView()
        for _ in 0..<2 {
            try view.read(payload.span)
            #expect(view.items.map(\.index) == [0, 300])
            #expect(view.items.map(\.kind) == [.event, .seal])
            #expect(view.items.map(\.slot) == [0, 255])
            #expect(view.items.map { Array(payload[$0.entry]) } == [[1], [UInt8](repeating: 7, count: 400)])
            #expect(view.next == 1000 && view.durableSize == 5000)
        }
    }

    @Test func entriesAsProtobufCPacks() throws {
        let payload = Self.batch()
        let type = unsafe ProtoType(indelible__v1__entry_batch__init)
        let repacked = unsafe try type.withUnpacked(payload.span) { (message) throws(IndelibleError) in
            unsafe #expect(message.pointee.n_entries == 2 && message.pointee.next == 1000)
            return unsafe type.pack(message.pointee)
        }
        #expect(repacked == payload)
    }

    /// Items of other writers: fields in another order, numbers longer than they need to be, fields of a later version.
    @Test func entriesInAnyLayout() throws {
        let fields: [[UInt8]] = [[0x08, 0xac, 0x02], [0x10, 0x04], [0x18, 0x07], [0x22, 0x02, 0x0a, 0x0b]]
        let later: [UInt8] = [0x28, 0x01]
        let layouts = [
            fields, fields.reversed(), [[0x08, 0xac, 0x82, 0x00]] + fields.dropFirst(),
            [fields[0], [0x10, 0x84, 0x00]] + fields.suffix(2), fields + [later], [later] + fields,
            [fields[3]] + fields.prefix(3),
        ]
        for layout in layouts {
            let item = Array(layout.joined())
            let payload = [0x0a, UInt8(item.count)] + item + [0x10, 0xad, 0x02]
            var view = EntryBatchView()
            try view.read(payload.span)
            let found = try #require(view.items.first)
            #expect(found.index == 300 && found.kind == .seal && found.slot == 7, "\(layout)")
            #expect(Array(payload[found.entry]) == [0x0a, 0x0b], "\(layout)")
        }
    }

    static let refusedBatches: [(items: [(UInt64, UInt32, UInt32, [UInt8])], next: UInt64, reason: String)] = [
        ([(5, 3, 0, [1]), (5, 3, 0, [1])], 9, "indexes do not rise"),
        ([(5, 3, 0, [1])], 5, "goes on before its end"),
        ([(5, 2, 0, [1])], 9, "2 is no kind"),
        ([(5, 3, 256, [1])], 9, "256 is no slot"),
        ([(5, 3, 0, [])], 9, "an entry has 0 bytes"),
    ]

    @Test(arguments: 0..<refusedBatches.count)
    func refusesBatches(_ position: Int) {
        let row = Self.refusedBatches[position]
        var batch = ProtoWriter()
        for item in row.items {
            var writer = ProtoWriter()
            writer.varint(1, item.0)
            writer.varint(2, UInt64(item.1))
            writer.varint(3, UInt64(item.2))
            writer.bytes(4, item.3)
            batch.always(1, writer.bytes)
        }
        batch.varint(2, row.next)
        let payload = batch.bytes
        var view = EntryBatchView()
        let error = #expect(throws: IndelibleError.self) { try view.read(payload.span) }
        #expect(error?.message.contains(row.reason) == true, "\(error?.message ?? "")")
    }

    @Test func everyTruncationOfEntries() throws {
        let payload = Self.batch()
        var view = EntryBatchView()
        for count in 0..<payload.count {
            let cut = Array(payload.prefix(count))
            do throws(IndelibleError) {
                try view.read(cut.span)
                #expect(view.items.count < 2 || view.durableSize == 0)
            } catch {
                #expect(error.code == .invalidArgument)
            }
        }
    }

    static let submit = SubmitRequest(
        producer: Producer(id: [1, 2], epoch: 1 << 61),
        firstSequence: 12,
        kind: .label,
        events: [[1], [], [UInt8](repeating: 5, count: 200)],
    )

    @Test func submitThereAndAsProtobufCPacks() throws {
        let payload = Self.submit.serialized
        let type = unsafe ProtoType(indelible__v1__submit_request__init)
        let repacked = unsafe try type.withUnpacked(payload.span) { (message) throws(IndelibleError) in
            unsafe type.pack(message.pointee)
        }
        #expect(repacked == payload)
        var view = SubmitRequestView()
        for _ in 0..<2 {
            try view.read(payload.span)
            #expect(Array(payload[view.producerID]) == [1, 2])
            #expect(view.epoch == 1 << 61 && view.firstSequence == 12 && view.kind == .label)
            #expect(view.events.map { Array(payload[$0]) } == Self.submit.events)
        }
    }

    static let refusedSubmits: [(request: SubmitRequest, reason: String)] = {
        var none = Self.submit
        none.events = []
        var many = Self.submit
        many.events = [[UInt8]](repeating: [1], count: ProtocolLimits.eventCountMax + 1)
        var anonymous = Self.submit
        anonymous.producer.id = []
        var long = Self.submit
        long.producer.id = [UInt8](repeating: 1, count: 65)
        var zero = Self.submit
        zero.firstSequence = 0
        return [
            (none, "has none"), (many, "more than that"), (anonymous, "id has 0 bytes"), (long, "id has 65 bytes"),
            (zero, "has sequence 0"),
        ]
    }()

    @Test(arguments: 0..<refusedSubmits.count)
    func refusesSubmits(_ position: Int) {
        let row = Self.refusedSubmits[position]
        let payload = row.request.serialized
        var view = SubmitRequestView()
        let error = #expect(throws: IndelibleError.self) { try view.read(payload.span) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(row.reason) == true, "\(error?.message ?? "")")
    }
}
