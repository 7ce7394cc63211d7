import AuditModel
import Glibc
import IndelibleClient
import JSONText
import Primitives
import ServiceProtocol
import Testing
import TransparencyLog

extension RealProcesses {
    /// Goal: there is one writer and one history.
    ///
    /// Method: a second process on the same directory; an old copy of the directory under a witness that knows better.
    struct Ownership {
        @Test func secondLedgerIsRefused() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            let second = try await TestLedger.launch(in: directory).program.result()
            #expect(second.status == 3)
            #expect(second.errors.contains("Another process uses"), "it does not say why: \(second.errors)")
            // The first one does not notice.
            var producer = TestProducer("first")
            try await producer.grow(ledger, to: 10)
            try await ledger.stop()
            // And the directory is free again.
            let third = try await TestLedger.start(in: directory)
            #expect(try await third.client.status().durableSize == 10)
            try await third.stop()
        }

        /// A follower does not keep a ledger from stopping, and hears why its stream ends.
        @Test func followersAreToldOfTheEnd() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            var producer = TestProducer("followed")
            try await producer.grow(ledger, to: 3)
            let follower = Task { () -> (Int, IndelibleError?) in
                var count = 0
                let request = ReadEntriesRequest(from: 0, to: 0, follow: true, kinds: .all, slots: .all)
                do {
                    for try await batch in ledger.client.readEntries(request) {
                        count += batch.view.items.count
                        if count == 3 { kill(ledger.program.pid, SIGTERM) }
                    }
                    return (count, nil)
                } catch { return (count, error as? IndelibleError) }
            }
            let (count, error) = await follower.value
            #expect(count == 3)
            #expect(error?.code == .unavailable && error?.message.contains("is stopping") == true)
            #expect(try await ledger.program.result().status == 0)
        }

        @Test func oldCopyRefusesToSign() async throws {
            let directory = try TestDirectory()
            let witness = try await TestWitness.start(in: directory)
            let flags = witness.ledgerFlags
            var producer = TestProducer("copied")

            let before = try await TestLedger.start(in: directory, flags)
            try await producer.grow(before, to: 100)
            try await Self.waitUntilCosigned(before, 100)
            try await before.stop()
            try directory.copy("ledger", to: "copy")

            let newest = try await TestLedger.start(in: directory, flags)
            try await producer.grow(newest, to: 150)
            try await Self.waitUntilCosigned(newest, 150)
            try await newest.stop()

            try directory.remove("ledger")
            try directory.copy("copy", to: "ledger")
            let restored = try await TestLedger.start(in: directory, flags)
            let status = try await eventually("the refusal") {
                let status = try await restored.client.status()
                return status.reason.contains("150") ? status : nil
            }
            #expect(status.state == "refusing_to_sign")
            #expect(status.reason.contains("old copy"), "\(status.reason)")
            // What is there stays readable.
            #expect(try await restored.entries(to: 100).count == 100)
            #expect(try await restored.checkpoint().checkpoint.size == 100)
            // Whoever wants a signature hears why there is none.
            let batch = producer.batch(1, acknowledgement: .checkpointed)
            let refusal = await #expect(throws: IndelibleError.self) { try await restored.client.append(batch.request) }
            #expect(refusal?.message.contains("150") == true, "\(String(describing: refusal))")
            #expect(try await restored.checkpoint().checkpoint.size == 100)
            try await restored.stop()
            try await witness.program.stop()
        }

        private static func waitUntilCosigned(_ ledger: TestLedger, _ size: UInt64) async throws {
            _ = try await eventually("the witness's cosignature of \(size)") {
                let witnesses = try await ledger.client.status().witnesses
                return witnesses.contains { $0.size == size } ? () : nil
            }
        }
    }
}
