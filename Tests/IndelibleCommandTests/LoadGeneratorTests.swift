import AuditModel
import Cryptography
import IndelibleCommand
import IngestCore
import MerkleTree
import Primitives
import ProtobufC
import ServiceProtocol
import Testing

/// Goal: a load is made of what collectors really send.
///
/// Method: read requests back as the ledger and a verifier do.
struct LoadGeneratorTests {
    private static let seed = [UInt8](repeating: 7, count: Ed25519.seedByteCount)
    private static let now: UInt64 = 1_700_000_000_123_456_789

    private static func generator(size: Int = 500, batch: Int) throws -> LoadGenerator {
        let shape = LoadGenerator.Shape(entryByteCount: size, batch: batch, acknowledgement: .checkpointed)
        return try LoadGenerator(shape, seed: Self.seed, epoch: 42)
    }

    private static func read(_ request: [UInt8]) throws -> AppendRequestView {
        var view = AppendRequestView()
        try view.read(request.span)
        return view
    }

    @Test func eventsAreWholeAndUnique() throws {
        var generator = try Self.generator(batch: 20)
        var seen: Set<[UInt8]> = []
        for round: UInt64 in 0..<3 {
            let request = try generator.next(count: 20, now: Self.now)
            let view = try Self.read(request)
            #expect(view.acknowledgement == .checkpointed)
            #expect(view.producers.map(\.epoch) == [42])
            #expect(view.items.map(\.sequence) == Array(round * 21 + 1...round * 21 + 21))
            for item in view.items.dropLast() {
                let entry = try Entry(serialized: Array(request[item.entry]))
                guard case .event(let bytes) = entry.body, let id = item.eventID else {
                    Issue.record("an item is no event, or has no id")
                    continue
                }
                let event = try AuditEvent(serialized: bytes)
                #expect(item.entryByteCount == 500)
                #expect(entry.stamp?.receivedNanoseconds == Self.now)
                #expect(event.occurredNanoseconds == Self.now)
                #expect(event.id?.bytes == Array(request[id]))
                #expect(event.id?.unixMilliseconds == Self.now / 1_000_000)
                #expect(item.slot == ActorSlot.slot(of: event.actor.id))
                #expect(seen.insert(entry.blind).inserted)
                #expect(seen.insert(Array(request[id])).inserted)
            }
        }
    }

    @Test func whatIsSubmittedIsWholeAndUnique() throws {
        var work = try SubmitWork(entryByteCount: 500, batch: 20, remaining: 45, epoch: 42)
        var seen: Set<[UInt8]> = []
        for (count, first) in [(20, 1), (20, 21), (5, 41)] as [(UInt64, UInt64)] {
            let request = try #require(try work.next(now: Self.now))
            #expect(request.count == count)
            let submission = try Submission(request.bytes)
            #expect(submission.rejected.isEmpty && submission.producer.epoch == 42)
            #expect(submission.items.map(\.sequence) == Array(first..<first + count))
            for item in submission.items {
                let event = try AuditEvent(serialized: Array(request.bytes[item.body]))
                #expect(event.occurredNanoseconds == Self.now)
                #expect(event.id?.unixMilliseconds == Self.now / 1_000_000)
                #expect(item.slot == ActorSlot.slot(of: event.actor.id))
                #expect(seen.insert(Array(request.bytes[item.eventID])).inserted)
            }
        }
        #expect(try work.next(now: Self.now) == nil)
    }

    @Test func sealsCoverTheirBatchesAndFormAChain() throws {
        var generator = try Self.generator(batch: 33)
        let key = try Ed25519.SigningKey(seed: Self.seed)
        var previous: Digest?
        // The last batch of a load may be smaller.
        for (count, sequence) in [(33, 1), (33, 2), (5, 3)] as [(Int, UInt64)] {
            let request = try generator.next(count: count, now: Self.now)
            let items = try Self.read(request).items
            let last = try #require(items.last)
            let entry = try Entry(serialized: Array(request[last.entry]))
            guard case .seal(let seal) = entry.body else {
                Issue.record("the last item is no seal")
                return
            }
            let collector = try CollectorKey(name: entry.stamp?.collector ?? "", publicKey: key.publicKey)
            let body = try seal.verified(by: collector)
            #expect(Int(body.count) == count)
            #expect(body.sequence == sequence)
            #expect(body.previous == previous)
            #expect(body.root == Frontier.root(of: items.dropLast().map { LeafHash.hash(Array(request[$0.entry])) }))
            previous = try seal.bodyHash
        }
    }

    @Test func aBatchOfOneHasNoSeal() throws {
        var generator = try Self.generator(batch: 1)
        for sequence: UInt64 in 1...3 {
            let view = try Self.read(try generator.next(count: 1, now: Self.now))
            #expect(view.items.map(\.sequence) == [sequence])
            #expect(view.items.map(\.kind) == [EntryKind.event.rawValue])
        }
    }

    @Test(arguments: [400...700, 16_300...16_500, 65_500...65_535])
    func everySizeIsMet(sizes: ClosedRange<Int>) throws {
        for size in sizes {
            // Where the event's length takes a third byte, one size of the entry is nobody's.
            let generator = Result { try Self.generator(size: size, batch: 1) }
            guard case .success(var generator) = generator else {
                #expect(size == 16_455)
                continue
            }
            #expect(try Self.read(try generator.next(count: 1, now: Self.now)).items[0].entryByteCount == UInt32(size))
        }
    }

    @Test(arguments: [20, 16_455])
    func aSizeThatNoEventHasIsRefusedWithOneThatItHas(size: Int) throws {
        let error = #expect(throws: IndelibleError.self) { try Self.generator(size: size, batch: 1) }
        #expect(error?.code == .invalidArgument)
        let sizes = error?.message.split { !$0.isNumber }.compactMap { Int($0) } ?? []
        #expect(throws: Never.self) { try Self.generator(size: sizes.dropFirst().first ?? 0, batch: 1) }
    }
}
