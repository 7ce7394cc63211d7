import AuditModel
import CIndelibleProto
import Primitives
import ProtobufC
import ServiceProtocol
import Testing

/// Goal: the view reads what protobuf-c packs, the builder writes what protobuf-c unpacks, and every limit is checked.
@Suite struct AppendRequestTests {
    struct Item: Equatable {
        var entry: [UInt8] = [1]
        var kind: UInt32 = 0
        var slot: UInt32 = 0
        var producer: UInt32 = 0
        var sequence: UInt64 = 0
        var eventID: [UInt8] = []
    }

    /// A request as protobuf-c packs it.
    static func packed(
        ack: UInt32 = 0,
        producers: [(id: [UInt8], epoch: UInt64, first: UInt64)] = [([1], 0, 1)],
        items: [Item],
    ) throws -> [UInt8] {
        var arena = try Arena(byteCountMax: 4 << 20)
        let requestType = unsafe ProtoType(indelible__v1__append_request__init)
        var request = unsafe requestType.empty
        unsafe request.ack = Indelible__V1__AckLevel(rawValue: ack)
        var producerPointers: [UnsafeMutablePointer<Indelible__V1__Producer>?] = unsafe []
        for producer in producers {
            var message = unsafe ProtoType(indelible__v1__producer__init).empty
            unsafe message.id = try arena.place(producer.id)
            unsafe message.epoch = producer.epoch
            unsafe message.first_sequence = producer.first
            unsafe try producerPointers.append(arena.place(one: message))
        }
        var itemPointers: [UnsafeMutablePointer<Indelible__V1__AppendItem>?] = unsafe []
        for item in items {
            var message = unsafe ProtoType(indelible__v1__append_item__init).empty
            unsafe message.entry = try arena.place(item.entry)
            unsafe message.kind = item.kind
            unsafe message.slot = item.slot
            unsafe message.producer = item.producer
            unsafe message.sequence = item.sequence
            unsafe message.event_id = try arena.place(item.eventID)
            unsafe try itemPointers.append(arena.place(one: message))
        }
        unsafe request.n_producers = producers.count
        unsafe request.producers = try arena.place(all: producerPointers)
        unsafe request.n_items = items.count
        unsafe request.items = try arena.place(all: itemPointers)
        return unsafe requestType.pack(request)
    }

    static let id = [UInt8](1...16)
    static let items = [
        Item(entry: [UInt8](repeating: 9, count: 300), slot: 200, eventID: id),
        Item(entry: [2], kind: 4, producer: 1, sequence: 1 << 40),
        Item(entry: [3, 3], kind: 63, slot: 255, producer: 1),
        Item(entry: [4], slot: 1, sequence: 77),
        Item(entry: [5]),
    ]

    @Test func readsWhatProtobufCPacks() throws {
        let payload = try Self.packed(
            ack: 2,
            producers: [([1, 2, 3], 1 << 60, 10), ([4], 5, 1)],
            items: Self.items,
        )
        var view = AppendRequestView()
        for _ in 0..<2 {  // The second time from a used view.
            try view.read(payload.span)
            #expect(view.acknowledgement == .witnessed)
            #expect(view.producers.map { Array(payload[$0.id]) } == [[1, 2, 3], [4]])
            #expect(view.producers.map(\.epoch) == [1 << 60, 5])
            #expect(view.producers.map(\.firstSequence) == [10, 1])
            #expect(view.items.map { Array(payload[$0.entry]) } == Self.items.map(\.entry))
            #expect(view.items.map(\.kind) == [3, 4, 63, 3, 3])
            #expect(view.items.map(\.slot) == [200, 0, 255, 1, 0])
            #expect(view.items.map(\.producer) == [0, 1, 1, 0, 0])
            #expect(view.items.map(\.sequence) == [10, 1 << 40, (1 << 40) + 1, 77, 78])
            #expect(view.items.map { $0.eventID.map { Array(payload[$0]) } } == [Self.id, nil, nil, nil, nil])
            #expect(view.entryByteCount == 305)
        }
    }

    @Test func buildsWhatProtobufCPacks() throws {
        let producers = [
            (producer: Producer(id: [1, 2, 3], epoch: 1 << 60), firstSequence: UInt64(10)),
            (producer: Producer(id: [4], epoch: 5), firstSequence: 1),
        ]
        var builder = AppendRequestBuilder(acknowledgement: .witnessed)
        for (producer, first) in producers { _ = builder.append(producer, firstSequence: first) }
        for item in Self.items {
            let kind = try #require(EntryKind(rawValue: item.kind == 0 ? 3 : UInt8(item.kind)))
            builder.append(
                entry: item.entry.span,
                kind: kind,
                slot: UInt8(item.slot),
                producer: UInt16(item.producer),
                sequence: item.sequence,
                eventID: item.eventID.span,
            )
        }
        let expected = try Self.packed(
            ack: 2,
            producers: producers.map { ($0.producer.id, $0.producer.epoch, $0.firstSequence) },
            items: Self.items,
        )
        #expect(builder.bytes == expected)
        #expect(builder.itemCount == Self.items.count)
    }

    /// What the builder puts together is what an Entry writes.
    @Test(arguments: [EntryKind.event, .lifecycle])
    func putsEntriesTogether(_ kind: EntryKind) throws {
        let entry = Entry(
            blind: [UInt8](repeating: 3, count: 16),
            stamp: Stamp(collector: "c", receivedNanoseconds: 5),
            body: .unknown(kind, [UInt8](repeating: 8, count: 150)),
        )
        let stamp = try #require(entry.stamp).serialized
        let bytes = Self.id + entry.body.serialized
        var builder = AppendRequestBuilder()
        let producer = builder.append(Producer(id: [1], epoch: 2), firstSequence: 3)
        builder.append(
            blind: entry.blind.span,
            stamp: stamp,
            body: 16..<166,
            in: bytes.span,
            kind: kind,
            slot: 7,
            producer: producer,
            sequence: 0,
            eventID: 0..<16,
        )
        let payload = builder.bytes
        var view = AppendRequestView()
        try view.read(payload.span)
        #expect(Array(payload[view.items[0].entry]) == entry.serialized)
        #expect(view.items[0].eventID.map { Array(payload[$0]) } == Self.id)
        #expect(view.items[0].kind == kind.rawValue && view.items[0].slot == 7 && view.items[0].sequence == 3)
        var continued = AppendRequestBuilder(continuing: payload, view)
        #expect(continued.append(Producer(id: [9], epoch: 1), firstSequence: 1) == 1)
        let (seal, noID): ([UInt8], [UInt8]) = ([1], [])
        continued.append(entry: seal.span, kind: .seal, slot: 0, producer: 1, eventID: noID.span)
        try view.read(continued.bytes.span)
        #expect(view.items.count == 2 && view.producers.count == 2 && view.items[1].kind == 4)
    }

    /// Producers may come after the items that name them.
    @Test func anyOrderOfFields() throws {
        var fields = ProtoWriter()
        fields.always(3, [0x0a, 0x01, 0x07])
        fields.always(2, [0x0a, 0x01, 0x05, 0x19, 9, 0, 0, 0, 0, 0, 0, 0])
        let payload = fields.bytes
        var view = AppendRequestView()
        try view.read(payload.span)
        #expect(view.items.map(\.sequence) == [9])
    }

    struct Refusal: Sendable {
        var ack: UInt32 = 0
        var producers: [(id: [UInt8], epoch: UInt64, first: UInt64)] = [([1], 0, 1)]
        var items: [Item] = [Item()]
        var reason: String
    }

    static let refusals = [
        Refusal(ack: 3, reason: "acknowledgement 3"),
        Refusal(items: [], reason: "has no items"),
        Refusal(producers: [], reason: "names no producer"),
        Refusal(producers: [([], 0, 1)], reason: "an id of 0 bytes"),
        Refusal(producers: [([UInt8](repeating: 1, count: 65), 0, 1)], reason: "an id of 65 bytes"),
        Refusal(producers: [([1], 0, 0)], reason: "starts at sequence 0"),
        Refusal(producers: [([1], 0, 1 << 62 + 1)], reason: "starts at sequence"),
        Refusal(items: [Item(), Item(entry: [])], reason: "Item 1 of an Append has an entry of 0 bytes"),
        Refusal(
            items: [Item(entry: [UInt8](repeating: 1, count: 65_536))],
            reason: "Item 0 of an Append has an entry of 65536 bytes",
        ),
        Refusal(items: [Item(kind: 2)], reason: "has kind 2"),
        Refusal(items: [Item(kind: 64)], reason: "has kind 64"),
        Refusal(items: [Item(slot: 256)], reason: "has slot 256"),
        Refusal(items: [Item(producer: 1)], reason: "names producer 1 of 1"),
        Refusal(
            producers: [([1], 0, 1), ([2], 0, 1)],
            items: [Item(producer: 2)],
            reason: "names producer 2 of 2",
        ),
        Refusal(items: [Item(producer: 1024)], reason: "names producer 1024"),
        Refusal(items: [Item(sequence: 1 << 62 + 1)], reason: "has sequence"),
        Refusal(items: [Item(eventID: [1])], reason: "an event id of 1 bytes"),
        Refusal(
            items: [Item](repeating: Item(), count: ProtocolLimits.itemCountMax + 1),
            reason: "more than 16384 items",
        ),
        Refusal(
            producers: [([UInt8], UInt64, UInt64)](repeating: ([1], 0, 1), count: 1025),
            reason: "more than 1024 producers",
        ),
    ]

    @Test(arguments: 0..<refusals.count)
    func refuses(_ position: Int) throws {
        let row = Self.refusals[position]
        let payload = try Self.packed(ack: row.ack, producers: row.producers, items: row.items)
        var view = AppendRequestView()
        let error = #expect(throws: IndelibleError.self) { try view.read(payload.span) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(row.reason) == true, "\(error?.message ?? "")")
    }

    @Test func takesTheLargest() throws {
        let items = [Item](repeating: Item(entry: [1, 2]), count: ProtocolLimits.itemCountMax)
        let producers = [([UInt8], UInt64, UInt64)](
            repeating: ([UInt8](repeating: 1, count: 64), 0, 1 << 62),
            count: ProtocolLimits.producerCountMax,
        )
        var view = AppendRequestView()
        let payload = try Self.packed(producers: producers.map { (id: $0.0, epoch: $0.1, first: $0.2) }, items: items)
        try view.read(payload.span)
        #expect(view.items.count == ProtocolLimits.itemCountMax)
        let single = try Self.packed(items: [Item(entry: [UInt8](repeating: 1, count: 65_535))])
        try view.read(single.span)
        #expect(view.entryByteCount == 65_535)
    }

    /// A cut within a field is refused; a cut between fields is a shorter request, and never more than was sent.
    @Test func everyTruncation() throws {
        let payload = try Self.packed(ack: 1, producers: [([1], 2, 3), ([4], 5, 6)], items: Self.items)
        var view = AppendRequestView()
        try view.read(payload.span)
        let whole = view.items
        var accepted = 0
        for count in 0..<payload.count {
            let cut = Array(payload.prefix(count))
            do throws(IndelibleError) {
                try view.read(cut.span)
                #expect(view.items == Array(whole.prefix(view.items.count)) && view.items.count < whole.count)
                accepted += 1
            } catch {
                #expect(error.code == .invalidArgument)
            }
        }
        #expect(accepted == whole.count - 1)  // One for each whole number of items but none and all.
    }

    /// Whatever a byte is changed to, all ranges stay within the payload.
    @Test func everyChangedByte() throws {
        let payload = try Self.packed(producers: [([1], 2, 3), ([4], 5, 6)], items: Self.items)
        var view = AppendRequestView()
        var refused = 0
        for position in payload.indices {
            for bit in 0..<8 {
                var changed = payload
                changed[position] ^= 1 << bit
                do throws(IndelibleError) {
                    try view.read(changed.span)
                    for item in view.items {
                        #expect(
                            item.entry.upperBound <= changed.count && (item.eventID?.upperBound ?? 0) <= changed.count
                        )
                    }
                } catch { refused += 1 }
            }
        }
        #expect(refused > 0)
    }
}
