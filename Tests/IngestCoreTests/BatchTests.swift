import AuditModel
import Cryptography
import IngestCore
import MerkleTree
import Primitives
import ProtobufC
import ServiceProtocol
import Testing

/// Goal: what callers submit becomes sealed batches that any verifier accepts, and each item keeps who numbered it.
@Suite struct BatchTests {
    static func event(_ actor: String = "ana") -> AuditEvent {
        var event = AuditEvent()
        event.id = EventID(unixMilliseconds: 1, randomness: (2, 3))
        event.occurredNanoseconds = 5
        event.source = "s"
        event.actor.id = actor
        event.action = "a.b"
        return event
    }

    static func submission(
        _ producer: UInt8 = 1,
        epoch: UInt64 = 7,
        first: UInt64 = 1,
        count: Int = 2,
    ) throws -> Submission {
        let events = (0..<count).map { Self.event("actor \($0)").serialized }
        let producer = Producer(id: [producer], epoch: epoch)
        return try Submission(SubmitRequest(producer: producer, firstSequence: first, events: events).serialized)
    }

    private func add(_ submission: Submission, ticket: UInt64 = 1, to builder: inout BatchBuilder) {
        builder.add(
            submission,
            ticket: ticket,
            blinds: [UInt8](repeating: 9, count: 16 * submission.items.count),
            receivedNanoseconds: 1000,
        )
    }

    private static func sealer() throws -> Sealer {
        let key = try Ed25519.SigningKey(seed: [UInt8](repeating: 3, count: 32))
        return try Sealer(collector: CollectorKey(name: "c", publicKey: key.publicKey), key: key, epoch: 11)
    }

    private static func seal(_ sealer: inout Sealer, _ request: [UInt8]) throws -> [UInt8] {
        try sealer.seal(request, blind: [UInt8](repeating: 1, count: 16), receivedNanoseconds: 2000)
    }

    @Test func entriesHoldWhatWasSubmitted() throws {
        var builder = BatchBuilder(collector: "c")
        self.add(try Self.submission(1, first: 10, count: 3), ticket: 5, to: &builder)
        self.add(try Self.submission(2, first: 1, count: 2), ticket: 6, to: &builder)
        self.add(try Self.submission(1, first: 20, count: 1), ticket: 7, to: &builder)
        let finished = builder.finish()
        let batch = try #require(finished)
        #expect(
            batch.parts == [
                .init(ticket: 5, items: 0..<3), .init(ticket: 6, items: 3..<5), .init(ticket: 7, items: 5..<6),
            ]
        )
        #expect(builder.finish() == nil)
        var view = AppendRequestView()
        try view.read(batch.request.span)
        #expect(view.items.map(\.sequence) == [10, 11, 12, 1, 2, 20])
        #expect(view.items.map(\.producer) == [0, 0, 0, 1, 1, 0])
        let entry = try Entry(serialized: Array(batch.request[view.items[0].entry]))
        #expect(entry.body == .event(Self.event("actor 0").serialized))
        #expect(entry.stamp == Stamp(collector: "c", receivedNanoseconds: 1000))
        #expect(view.items[0].slot == ActorSlot.slot(of: "actor 0"))
        #expect(view.items[0].eventID.map { Array(batch.request[$0]) } == Self.event().id?.bytes)
    }

    @Test func finishesBefore() throws {
        var builder = BatchBuilder(collector: "c", limits: BatchLimits(itemCountMax: 4))
        #expect(try !builder.mustFinish(before: Self.submission(count: 9)))
        self.add(try Self.submission(1, first: 10, count: 2), to: &builder)
        #expect(try !builder.mustFinish(before: Self.submission(1, first: 12, count: 2)))
        #expect(try builder.mustFinish(before: Self.submission(1, first: 12, count: 3)), "too many")
        #expect(try builder.mustFinish(before: Self.submission(1, first: 11, count: 1)), "a repeat")
        #expect(try builder.mustFinish(before: Self.submission(1, epoch: 8, count: 1)), "another epoch")
        var small = BatchBuilder(collector: "c", limits: BatchLimits(byteCountMax: 300))
        self.add(try Self.submission(count: 2), to: &small)
        #expect(try small.mustFinish(before: Self.submission(2, count: 2)), "too long")
    }

    @Test func sealsAreAChain() throws {
        var sealer = try Self.sealer()
        var previous: Digest?
        for number in 1...3 as ClosedRange<UInt64> {
            var builder = BatchBuilder(collector: "c")
            self.add(try Self.submission(first: number * 10), to: &builder)
            let finished = builder.finish()
            let batch = try #require(finished)
            // Sealed twice: only what is appended counts.
            _ = try Self.seal(&sealer, batch.request)
            let sealed = try Self.seal(&sealer, batch.request)
            sealer.appended()
            var view = AppendRequestView()
            try view.read(sealed.span)
            #expect(view.items.map(\.kind) == [3, 3, 4])
            let entry = try Entry(serialized: Array(sealed[view.items[2].entry]))
            guard case .seal(let seal) = entry.body else {
                Issue.record("the last item is no seal")
                return
            }
            let body = try seal.verified(by: sealer.collector)
            let leaves = view.items.prefix(2).map { LeafHash.hash(Array(sealed[$0.entry])) }
            #expect(body.root == Frontier.root(of: leaves))
            #expect(body.sequence == number && body.count == 2 && body.previous == previous && body.epoch == 11)
            #expect(view.items[2].sequence == number && view.producers[1].epoch == 11)
            previous = try seal.bodyHash
        }
    }

    @Test func aDeliveryOfNewItems() throws {
        var builder = BatchBuilder(collector: "c")
        self.add(try Self.submission(count: 3), to: &builder)
        let finished = builder.finish()
        var delivery = Delivery(try #require(finished))
        #expect(delivery.outstanding != nil)
        delivery.appended(AppendResponse(firstIndex: 40, count: 4))
        #expect(delivery.outstanding == nil)
        #expect(delivery.places.map { $0?.index } == [40, 41, 42])
        #expect(delivery.places.allSatisfy { $0?.wasKnown == false })
    }

    /// The ledger knows items 1 and 2 of five: the others are sent again with their own numbers.
    @Test func aDeliveryOfPartlyKnownItems() throws {
        var builder = BatchBuilder(collector: "c")
        self.add(try Self.submission(first: 100, count: 5), to: &builder)
        let finished = builder.finish()
        let batch = try #require(finished)
        var delivery = Delivery(batch)
        try delivery.partlyKnown([KnownItems(firstItem: 1, count: 2, firstIndex: 7)])
        let rest = try #require(delivery.outstanding)
        var whole = AppendRequestView()
        try whole.read(batch.request.span)
        var view = AppendRequestView()
        try view.read(rest.span)
        #expect(view.items.map(\.sequence) == [100, 103, 104])
        #expect(
            view.items.map { Array(rest[$0.entry]) } == [0, 3, 4].map { Array(batch.request[whole.items[$0].entry]) }
        )
        delivery.appended(AppendResponse(firstIndex: 50, count: 4))
        #expect(delivery.places.map { $0?.index } == [50, 7, 8, 51, 52])
        #expect(delivery.places.map { $0?.wasKnown } == [false, true, true, false, false])
    }

    @Test func aDeliveryOfKnownItems() throws {
        var builder = BatchBuilder(collector: "c")
        self.add(try Self.submission(count: 2), to: &builder)
        let finished = builder.finish()
        var delivery = try Delivery(spooled: #require(finished).request)
        // Position 2 is the seal.
        #expect(throws: IndelibleError.self) { try delivery.partlyKnown([KnownItems(firstItem: 2, count: 1)]) }
        try delivery.partlyKnown([KnownItems(firstItem: 0, count: 2, firstIndex: 3)])
        #expect(delivery.outstanding == nil)
        #expect(delivery.places.map { $0?.index } == [3, 4])
    }

    @Test func splitsByProducer() throws {
        var builder = BatchBuilder(collector: "c")
        self.add(try Self.submission(1, first: 10, count: 2), ticket: 5, to: &builder)
        self.add(try Self.submission(2, first: 1, count: 1), ticket: 6, to: &builder)
        self.add(try Self.submission(1, first: 20, count: 1), ticket: 7, to: &builder)
        let finished = builder.finish()
        let apart = try #require(finished).byProducer()
        #expect(
            apart.map(\.parts) == [
                [.init(ticket: 5, items: 0..<2), .init(ticket: 7, items: 2..<3)], [.init(ticket: 6, items: 0..<1)],
            ]
        )
        var view = AppendRequestView()
        let first = apart[0].request
        try view.read(first.span)
        #expect(view.items.map(\.sequence) == [10, 11, 20])
    }

    struct Refusal: Sendable {
        let change: @Sendable (inout AuditEvent) -> Void
        let reason: String
    }

    static let refusals = [
        Refusal(change: { $0.id = nil }, reason: "Its id has 0 bytes"),
        Refusal(change: { $0.occurredNanoseconds = 0 }, reason: "when it occurred"),
        Refusal(change: { $0.source = "" }, reason: "where it comes from"),
        Refusal(change: { $0.action = "" }, reason: "what was done"),
        Refusal(change: { $0.raw = [UInt8](repeating: 1, count: 65_000) }, reason: "fit an entry"),
    ]

    /// The bad event is listed with its reason; its neighbours are taken and keep their numbers.
    @Test(arguments: 0..<refusals.count)
    func refusesOneEvent(_ position: Int) throws {
        var bad = Self.event()
        Self.refusals[position].change(&bad)
        let request = SubmitRequest(
            producer: Producer(id: [1], epoch: 1),
            firstSequence: 10,
            events: [Self.event().serialized, bad.serialized, Self.event().serialized],
        )
        let submission = try Submission(request.serialized)
        #expect(submission.items.map(\.sequence) == [10, 12])
        #expect(submission.rejected.map(\.position) == [1])
        #expect(
            submission.rejected[0].reason.contains(Self.refusals[position].reason),
            "\(submission.rejected[0].reason)",
        )
    }

    @Test func refusesWhatIsNoMessage() throws {
        for events in [[[UInt8]]([[]]), [[0xff]]] {
            let request = SubmitRequest(producer: Producer(id: [1], epoch: 1), firstSequence: 1, events: events)
            #expect(try Submission(request.serialized).rejected.count == 1)
        }
        let seal = SubmitRequest(producer: Producer(id: [1], epoch: 1), firstSequence: 1, kind: .seal, events: [[1]])
        #expect(try Submission(seal.serialized).rejected[0].reason.contains("by the collector itself"))
        let label = Label(eventIndex: 1, label: "benign").serialized
        let labels = SubmitRequest(
            producer: Producer(id: [1], epoch: 1),
            firstSequence: 1,
            kind: .label,
            events: [label, [8]],
        )
        #expect(try Submission(labels.serialized).items.count == 1)
    }
}
