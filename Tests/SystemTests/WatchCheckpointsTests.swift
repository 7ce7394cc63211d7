import IndelibleClient
import Primitives
import ServiceProtocol
import Synchronization
import Testing
import TransparencyLog

extension RealProcesses {
    /// Goal: whoever watches checkpoints sees the cosignatures that come later.
    ///
    /// Method: the log grows while its only witness is away; the watcher is there before the witness comes back.
    struct WatchCheckpoints {
        @Test func sendsACheckpointAgainThatGainsCosignatures() async throws {
            let directory = try TestDirectory()
            let witness = try await TestWitness.start(in: directory)
            let ledger = try await TestLedger.start(in: directory, witness.ledgerFlags)
            let vkey = try await ledger.key.description
            var producer = TestProducer("watched")
            try await producer.grow(ledger, to: 1)
            try await witness.program.stop()
            try await producer.grow(ledger, to: 2)

            let seen = Mutex<[PublishedCheckpoint]>([])
            let watching = Task { [client = ledger.client] in
                for try await checkpoint in client.checkpoints() {
                    seen.withLock { $0.append(checkpoint) }
                    if try Self.cosignatureCount(checkpoint) == 1, checkpoint.size == 2 { return }
                }
            }
            _ = try await eventually("the checkpoint without a cosignature") {
                seen.withLock { $0.contains { $0.size == 2 } } ? () : nil
            }
            #expect(try Self.cosignatureCount(seen.withLock { $0 }.last) == 0)
            let again = try await witness.restart(in: directory, log: vkey)
            _ = try await eventually("the cosigned checkpoint") {
                seen.withLock { $0.count } >= 2 ? () : nil
            }
            watching.cancel()
            _ = await watching.result
            let all = seen.withLock { $0 }
            #expect(all.map(\.size) == [2, 2])
            #expect(try all.map { try Self.cosignatureCount($0) } == [0, 1])
            #expect(try await ledger.client.checkpoint() == all.last)
            try await ledger.stop()
            try await again.stop()
        }

        private static func cosignatureCount(_ checkpoint: PublishedCheckpoint?) throws -> Int {
            let note = try #require(checkpoint).note
            return try SignedCheckpoint(parsing: note).note.signatures.count - 1
        }
    }
}
