import AuditModel
import Foundation
import IndelibleClient
import JSONText
import Primitives
import ProtobufC
import ServiceProtocol
import Testing

extension RealProcesses {
    /// Goal: what the ledger will never take is neither lost nor in the way of what it takes.
    ///
    /// Method: a spool gets a producer's events while the ledger is away; before it is drained, the same producer's next
    /// start reaches the ledger through another ingest.
    struct RefusedBatches {
        @Test func isSetAsideAndTheOthersGoOn() async throws {
            let directory = try TestDirectory()
            let first = try await TestIngest.start(in: directory, "first")
            let old = try await first.client.submit(Self.request("moved", epoch: 1, actor: "old"))
            #expect(!old.durable)
            _ = try await first.client.submit(Self.request("bystander", epoch: 1, actor: "behind"))
            try await first.stop()

            let ledger = try await TestLedger.start(in: directory)
            try directory.copy(ledger.readyFile, to: TestIngest.ledgerFile)
            let second = try await TestIngest.start(in: directory, "second")
            #expect(try await second.client.submit(Self.request("moved", epoch: 2, actor: "new")).durable)

            let again = try await TestIngest.start(in: directory, "first")
            let status = try await eventually("the spool is drained") {
                let status = try await again.client.status()
                return status.spooledBatches == 0 ? status : nil
            }
            #expect(status.refusedBatches == 1)
            #expect(status.ledgerState == "connected", "\(status)")
            // Whoever can still be told is told, and nothing is set aside for it.
            let late = await #expect(throws: IndelibleError.self) {
                try await again.client.submit(Self.request("moved", epoch: 1, first: 2, actor: "late"))
            }
            #expect(late?.code == .failedPrecondition)
            #expect(try await again.client.status().refusedBatches == 1)
            #expect(try await again.metric("indelible_ingest_refused_batches_total") == 1)
            #expect(try await Self.actors(ledger) == ["new", "behind"])
            try await again.stop()
            #expect(again.program.errors.contains("is set aside"))
            try Self.expectKept(in: directory)
            // The log itself says what is missing from it.
            let entries = try await ledger.entries(to: ledger.client.status().durableSize)
            let losses = try entries.compactMap { entry -> SourceRecord? in
                guard case .source(let record) = try Entry(serialized: entry).body else { return nil }
                return record
            }
            #expect(losses.map(\.change) == ["rejected"])
            #expect(losses.first?.source == "producer \(Hex.encode(Array("moved".utf8)))")
            #expect(losses.first?.firstSequence == 1 && losses.first?.lastSequence == 1)

            // A restart knows it and does not send it again.
            let restarted = try await TestIngest.start(in: directory, "first")
            #expect(try await restarted.client.status().refusedBatches == 1)
            try await restarted.stop()
            try await second.stop()
            try await ledger.stop()
        }

        /// The seals are too old, not the events: nothing is refused, and the chain of seals begins anew.
        @Test func anotherIngestWithTheSameKey() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            try directory.copy(ledger.readyFile, to: TestIngest.ledgerFile)
            let first = try await TestIngest.start(in: directory, "first", name: "shared")
            #expect(try await first.client.submit(Self.request("p", epoch: 1, actor: "1")).durable)
            try directory.createDirectory("second")
            try directory.copy("first/collector.key", to: "second/collector.key")
            let second = try await TestIngest.start(in: directory, "second", name: "shared")
            #expect(try await second.client.submit(Self.request("p", epoch: 1, first: 2, actor: "2")).durable)
            #expect(try await first.client.submit(Self.request("p", epoch: 1, first: 3, actor: "3")).durable)
            #expect(try await second.client.submit(Self.request("p", epoch: 1, first: 4, actor: "4")).durable)
            #expect(try await Self.actors(ledger) == ["1", "2", "3", "4"])
            #expect(try await first.client.status().refusedBatches == 0)
            for ingest in [first, second] { try await ingest.stop() }
            try await ledger.stop()
        }

        private static func expectKept(in directory: TestDirectory) throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path("first/refused"))
            let name = try #require(names.first)
            #expect(names.count == 1)
            let bytes = try #require(directory.read("first/refused/\(name)"))
            let lines = try bytes.split(separator: 0x0a).map { try JSONValue(parsing: Array($0), what: name) }
            #expect(lines.count == 2)
            #expect(lines[0]["code"]?.string == "failedPrecondition")
            #expect(lines[0]["reason"]?.string?.contains("a later one has replaced") == true)
            #expect(lines[0]["items"]?.number?.int == 1)
            let item = lines[1]
            #expect(item["producer"]?.string == Hex.encode(Array("moved".utf8)))
            #expect(item["epoch"]?.number?.int == 1 && item["sequence"]?.number?.int == 1)
            #expect(item["entry"]?["event"]?["actor"]?["id"]?.string == "old")
            let entry = try #require(item["entry_base64"]?.string.flatMap { Data(base64Encoded: $0) })
            #expect(try TestEvent.actor(of: Array(entry)) == "old")
        }

        private static func actors(_ ledger: TestLedger) async throws -> [String] {
            let size = try await ledger.client.status().durableSize
            return try await ledger.entries(to: size).compactMap { try TestEvent.actor(of: $0) }
        }

        private static func request(
            _ producer: String,
            epoch: UInt64,
            first: UInt64 = 1,
            actor: String,
        ) -> SubmitRequest {
            SubmitRequest(
                producer: Producer(id: Array(producer.utf8), epoch: epoch),
                firstSequence: first,
                events: [TestEvent.event(actor: actor, number: first).serialized],
            )
        }
    }
}
