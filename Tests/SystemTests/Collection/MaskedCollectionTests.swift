import AuditModel
import JSONText
import NIOHTTP1
import ProtobufC
import ServiceKit
import Testing

extension RealProcesses {
    /// Goal: with masking on, nothing that is masked is seen anywhere, whichever way it came in.
    ///
    /// Method: the same secret through every adapter, refusals too; then every file of both processes is searched for it.
    struct MaskedCollection {
        private static let secret = "AKIAIOSFODNN7QZXWVUT"
        private static let address = "ann.smith@corp.example"

        private static func suite(
            _ arguments: [String] = []
        ) async throws -> (directory: TestDirectory, ledger: TestLedger, ingest: HTTPIngest) {
            let directory = try TestDirectory()
            try directory.write(Array("s3cret\n".utf8), to: "token")
            let ledger = try await TestLedger.start(in: directory)
            let ingest = try await HTTPIngest.start(
                in: directory,
                ledger: ledger.rpc,
                [
                    "--masking", "default", "--vault", directory.path("vault"), "--otlp", "127.0.0.1:0",
                    "--gitlab-token", directory.path("token"),
                ] + arguments,
            )
            return (directory, ledger, ingest)
        }

        private static func sendEverywhere(_ ingest: HTTPIngest) async throws {
            let (secret, address) = (Self.secret, Self.address)
            let json = #"{"action":"x.y","actor":"\#(address)","note":"key \#(secret)"}"#
            let native =
                #"{"action":"x.y","actor":{"id":"\#(address)"},"attributes":[{"key":"k","value":"\#(secret)"}]}"#
            let broken = #"{"action":"x.y","note":"\#(secret)","#
            #expect(try await ingest.post("/v1/events", json).status == 200)
            #expect(try await ingest.post("/v1/events", native).status == 200)
            let lines = try await ingest.post("/v1/events", "\(json)\n\(broken)\n", type: "application/x-ndjson")
            #expect(lines.status == 207)
            let large = #"{"action":"x.y","text":"\#(String(repeating: "b ", count: 50_000)) \#(secret)"}"#
            #expect(try await ingest.post("/v1/events", large, ["Idempotency-Key": "large"]).status == 200)
            let audit = """
                {"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"Panic","verb":"get",
                "user":{"username":"\(address)"},"requestURI":"/api?token=\(secret)"}
                """
            let list = #"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[\#(audit)]}"#
            #expect(try await ingest.post("/v1/k8s/audit/prod", list).status == 200)
            let hec = #"{"event":{"user":"\#(address)","action":"a.b","k":"\#(secret)"}}{"event":"key \#(secret)"}"#
            #expect(try await ingest.post("/services/collector/event", hec).status == 200)
            let gitlab = #"{"event_type":"user_add","details":{"author_name":"\#(address)","key":"\#(secret)"}}"#
            #expect(try await ingest.post("/v1/gitlab", gitlab, ["X-Gitlab-Token": "s3cret"]).status == 200)
            let otlp = HTTPIngest(program: ingest.program, http: try #require(ingest.otlp), otlp: nil)
            let log = """
                {"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"x.y","body":{"stringValue":"key \(secret)"},
                "attributes":[{"key":"user.email","value":{"stringValue":"\(address)"}}]}]}]}]}
                """
            #expect(try await otlp.post("/v1/logs", log).status == 200)
            let span = """
                {"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"chat","attributes":[
                {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
                {"key":"gen_ai.request.model","value":{"stringValue":"m"}},
                {"key":"user.id","value":{"stringValue":"\(address)"}},
                {"key":"prompt","value":{"stringValue":"key \(secret)"}}]}]}]}]}
                """
            #expect(try await otlp.post("/v1/traces", span).status == 200)
        }

        @Test func nothingMaskedIsSeenAnywhere() async throws {
            let (directory, ledger, ingest) = try await Self.suite()
            try await Self.sendEverywhere(ingest)
            let events = try await ledger.events()
            #expect(events.count == 10)
            #expect(events.allSatisfy { !$0.masks.isEmpty || $0.detachedRaw != nil })
            #expect(events.filter { $0.actor.id.hasPrefix("[masked:") }.count == 8)
            let rpc = ledger.rpc
            try await ledger.stop()
            #expect(
                try await ingest.post("/v1/events", #"{"action":"s.p","note":"key \#(Self.secret)"}"#).status == 200
            )
            try await ingest.program.stop()
            for text in [Self.secret, Self.address] {
                let found = try await Program.run("grep", ["-rlaF", text, directory.path("")], in: directory)
                #expect(found.output.isEmpty && found.status == 1, "\(found)")
            }
            // Unless it masks, it is there: the search above finds what is there to be found.
            let plain = try await HTTPIngest.start(in: directory, ledger: rpc, data: "plain")
            #expect(
                try await plain.post("/v1/events", #"{"action":"s.p","note":"key \#(Self.secret)"}"#).status == 200
            )
            try await plain.program.stop()
            let found = try await Program.run("grep", ["-rlaF", Self.secret, directory.path("plain")], in: directory)
            #expect(found.output.contains("spool"), "\(found)")
        }

        /// Through the suite's own commands, which leave masking to the collector that `up` started with it.
        @Test func aSuiteMasksWhatItTakesIn() async throws {
            let suite = try RunningSuite()
            let refused = await #expect(throws: Unexpected.self) { try await suite.up("--masking", "/no-rules.json") }
            #expect(refused?.description.contains("There is no file /no-rules.json") == true)
            #expect(try await suite.grep("indelible-ingest").status != 0, "nothing was started")

            let endpoints = try await suite.up("--analyzers", "0", "--verifiers", "0", "--masking", "default")
            let http = try #require(endpoints["ingest_http"]?.string)
            let body = #"{"action":"x.y","actor":"\#(Self.address)","note":"key \#(Self.secret)"}"#
            let headers: HTTPHeaders = ["Content-Type": "application/json"]
            let url = http + "/v1/events"
            #expect(try await HTTPClient.request(.POST, url, body: Array(body.utf8), headers: headers).status == 200)
            _ = try await suite.emit(actor: Self.address)
            let entries = try await suite.entries()
            let actors = try entries.compactMap { entry -> String? in
                guard case .event(let event) = entry.body else { return nil }
                return try AuditEvent(serialized: event).actor.id
            }
            #expect(actors.count == 2 && Set(actors).count == 1, "one pseudonym: \(actors)")
            #expect(actors.allSatisfy { $0.hasPrefix("[masked:email:hash:") }, "\(actors)")
            for text in [Self.secret, Self.address] {
                let found = try await suite.grep(text)
                #expect(found.output.isEmpty && found.status == 1, "\(found)")
            }
            #expect(try await suite.grep("masked:email").status == 0, "the search finds what is there")
        }

        /// What tells events apart may look like a secret: masked, all ids would be one.
        @Test func idsThatAreMaskedStillTellEventsApart() async throws {
            let (_, ledger, ingest) = try await Self.suite()
            func event(_ id: String) -> String { #"{"specversion":"1.0","id":"\#(id)","source":"/s","type":"a.b"}"# }
            let ids = ["AKIAIOSFODNN7QZXWVUT", "AKIAJXQPLMNB5RTYUIWD"]
            let batch = "[\(ids.map(event).joined(separator: ","))]"
            for _ in 0..<2 {
                let reply = try await ingest.post("/v1/cloudevents", batch, type: "application/cloudevents-batch+json")
                #expect(reply.status == 200, "\(reply.text)")
            }
            let events = try await ledger.events()
            #expect(events.count == 2)
            #expect(
                events.allSatisfy { $0.attributes.contains { $0.key == "ce.id" && $0.value.hasPrefix("[masked:") } }
            )
            try await ingest.program.stop()
            try await ledger.stop()
        }
    }
}
