import Cryptography
import Glibc
import IndelibleClient
import MerkleTree
import Primitives
import ServiceProtocol
import Simulation
import Testing
import TransparencyLog

extension RealProcesses {
    /// Goal: what the ledger has acknowledged survives SIGKILL at any moment, once, where it was said to be.
    ///
    /// Method: several producers append while the ledger is killed at moments that a seed picks, again and again on one
    /// directory. Batches whose answer was lost are sent again. INDELIBLE_KILLS and INDELIBLE_SEED choose others.
    struct Kill {
        static let killCount = Environment.number("INDELIBLE_KILLS", otherwise: 200)
        static let seed = UInt64(Environment.number("INDELIBLE_SEED", otherwise: 1))
        static let delayMicrosecondsMax: UInt64 = 60_000

        @Test func losesNothing() async throws {
            let directory = try TestDirectory()
            var random = SplitMix64(seed: Self.seed)
            var writers = (0..<4).map { Writer("writer-\($0)", itemCountMax: [1, 3, 300, 5_000][$0]) }
            var checkpoints: [Checkpoint] = []
            var repeatCount = 0

            for _ in 0..<Self.killCount {
                let ledger = try await TestLedger.start(in: directory)
                let delay = Int(random.next() % Self.delayMicrosecondsMax)
                let (before, now) = (writers, ledger)
                async let working = withThrowingTaskGroup(of: (Int, Writer).self) { group in
                    for (position, writer) in before.enumerated() {
                        group.addTask {
                            var writer = writer
                            try await writer.appendUntilCut(now.client)
                            return (position, writer)
                        }
                    }
                    return try await group.reduce(into: before) { $0[$1.0] = $1.1 }
                }
                async let seen = Self.watch(ledger)
                await after(microseconds: delay)
                try await ledger.program.stop(SIGKILL)
                writers = try await working
                checkpoints += try await seen
                await ledger.client.close()
            }

            let ledger = try await TestLedger.start(in: directory)
            for position in writers.indices { try await writers[position].finish(ledger.client) }
            repeatCount = writers.reduce(0) { $0 + $1.repeatCount }
            let last = try await ledger.checkpoint()
            checkpoints.append(last.checkpoint)
            try await Self.expectOneHistory(checkpoints, ledger)

            let entries = try await ledger.entries(to: last.checkpoint.size)
            let acknowledged = writers.flatMap(\.acknowledged)
            for (index, entry) in acknowledged {
                #expect(
                    index < entries.count && entries[index] == entry,
                    "entry \(index) is not what was acknowledged",
                )
            }
            #expect(Set(acknowledged.map(\.index)).count == entries.count, "each entry was acknowledged, at one index")
            #expect(Set(entries).count == entries.count, "an entry is in the log twice")
            #expect(Frontier.root(of: entries.map { LeafHash.hash($0) }) == last.checkpoint.root)
            try await ledger.stop()
            // With fewer kills chance may spare every batch in flight.
            #expect(repeatCount > 0 || Self.killCount < 20, "no answer was ever lost: the kills come too late")
        }

        /// Checkpoints as they are published, until the ledger is gone.
        private static func watch(_ ledger: TestLedger) async throws -> [Checkpoint] {
            var seen: [Checkpoint] = []
            do {
                for try await published in ledger.client.checkpoints() {
                    seen.append(try SignedCheckpoint(parsing: published.note).checkpoint)
                }
            } catch let error as IndelibleError where error.code == .unavailable || error.code == .failedPrecondition {
                // It was killed.
            }
            return seen
        }

        private static func expectOneHistory(_ checkpoints: [Checkpoint], _ ledger: TestLedger) async throws {
            for (old, new) in zip(checkpoints, checkpoints.dropFirst()) {
                try #require(old.size <= new.size, "the log shrank from \(old.size) to \(new.size)")
                let hashes = try await ledger.client.consistencyProof(from: old.size, to: new.size).hashes
                let proof = ConsistencyProof(oldSize: old.size, newSize: new.size, hashes: hashes)
                #expect(proof.verify(oldRoot: old.root, newRoot: new.root), "\(old.size) did not grow to \(new.size)")
            }
        }
    }
}

/// One producer that appends batch after batch, and remembers what it was told.
private struct Writer: Sendable {
    private var producer: TestProducer
    private let itemCountMax: Int
    private var size = 0
    /// Sent, and not answered yet.
    private var pending: TestProducer.Batch?
    /// The last one's answer was lost.
    private var isRepeat = false
    private(set) var acknowledged: [(index: Int, entry: [UInt8])] = []
    /// Batches that were in the log when they were sent again.
    private(set) var repeatCount = 0

    init(_ name: String, itemCountMax: Int) {
        self.producer = TestProducer(name)
        self.itemCountMax = itemCountMax
    }

    /// Appends until the connection breaks.
    mutating func appendUntilCut(_ client: LedgerClient) async throws {
        do {
            while true {
                self.size = self.size % self.itemCountMax + 1
                let batch = self.pending ?? self.producer.batch(self.size)
                self.pending = batch
                try await self.send(batch, client)
            }
        } catch let error as IndelibleError where error.code == .unavailable {
            self.isRepeat = true
        }
    }

    /// Has the batch answered whose answer was lost, and one more covered by a checkpoint.
    mutating func finish(_ client: LedgerClient) async throws {
        if let pending { try await self.send(pending, client) }
        try await self.send(self.producer.batch(1, acknowledgement: .checkpointed), client)
    }

    private mutating func send(_ batch: TestProducer.Batch, _ client: LedgerClient) async throws {
        let response = try await client.append(batch.request)
        guard response.count == batch.entries.count else {
            throw Unexpected("\(response.count) of \(batch.entries.count) entries were taken")
        }
        if response.duplicate {
            guard self.isRepeat else { throw Unexpected("a batch that was sent once is called a repeat") }
            self.repeatCount += 1
        }
        for (position, entry) in batch.entries.enumerated() {
            self.acknowledged.append((Int(response.firstIndex) + position, entry))
        }
        self.pending = nil
        self.isRepeat = false
    }
}
