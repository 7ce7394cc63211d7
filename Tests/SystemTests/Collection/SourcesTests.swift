import AuditModel
import IndelibleClient
import ProtobufC
import ServiceProtocol
import Testing

extension RealProcesses {
    /// Goal: a source that leaves out numbers or falls silent is an entry of the log, and the command says so.
    struct Sources {
        @Test func gapsAndSilenceAreInTheLog() async throws {
            let directory = try TestDirectory()
            let list = """
                {"version":1,"sources":[{"source":"crm","silence_seconds":2},{"source":"erp"},{"source":"hr"}]}
                """
            try directory.write(Array(list.utf8), to: "sources.json")
            let ledger = try await TestLedger.start(in: directory)
            let arguments = ["--sources", directory.path("sources.json")]
            var ingest = try await HTTPIngest.start(in: directory, ledger: ledger.rpc, arguments)
            func send(_ source: String, _ number: Int) async throws {
                let event = #"{"action":"a.b","source":"\#(source)","source_sequence":\#(number)}"#
                #expect(try await ingest.post("/v1/events", event).status == 200)
            }
            for number in [1, 2, 5] { try await send("erp", number) }
            try await send("crm", 1)
            try await send("other", 1)
            try await eventually("the log tells of both") { () -> Void? in
                let changes = try await Self.records(ledger).map(\.change)
                return changes.contains("gap") && changes.contains("silence") ? () : nil
            }
            let records = try await Self.records(ledger)
            #expect(
                Set(records.map { "\($0.source) \($0.change) \($0.firstSequence)-\($0.lastSequence)" }) == [
                    "erp start 1-1", "crm start 1-1", "crm silence 1-1", "erp gap 3-4",
                ]
            )
            let shown = try await Program.indelible("sources", "--http", ingest.http, in: directory)
            #expect(shown.status == 1)
            #expect(
                shown.output == """
                    1 of 3 expected sources are active
                    silent\t1 events\tcrm
                    active\t3 events\terp\t2 missing
                    never\t0 events\thr
                    not expected\t1 events\tother

                    """
            )
            // Numbering goes on over a restart.
            try await ingest.program.stop()
            ingest = try await HTTPIngest.start(in: directory, ledger: ledger.rpc, arguments)
            for source in ["crm", "hr"] { try await send(source, 2) }
            try await send("erp", 6)
            let well = try await Program.indelible("sources", "--http", ingest.http, "--json", in: directory)
            #expect(well.status == 0, "\(well)")
            try await ingest.program.stop()
            #expect(try await Self.records(ledger).count { $0.change == "gap" } == 1)

            let without = try await HTTPIngest.start(in: directory, ledger: ledger.rpc, data: "without")
            let refused = try await Program.indelible("sources", "--http", without.http, in: directory)
            #expect(refused.status == 2 && refused.errors.contains("--sources"))
            try await without.program.stop()
            try await ledger.stop()
        }

        private static func records(_ ledger: TestLedger) async throws -> [SourceRecord] {
            let size = try await ledger.client.status().durableSize
            return try await ledger.entries(to: size).compactMap { bytes -> SourceRecord? in
                guard case .source(let record) = try Entry(serialized: bytes).body else { return nil }
                return record
            }
        }
    }
}
