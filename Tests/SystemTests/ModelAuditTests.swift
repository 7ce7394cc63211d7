import AuditModel
import Foundation
import IndelibleClient
import JSONText
import Primitives
import ProtobufC
import ServiceProtocol
import Testing

extension RealProcesses {
    /// Goal: what a model was asked and answered can be had again, is what the log commits to, and verifiers see that it is.
    ///
    /// Method: calls are recorded by the library and by the command; the log and the payloads are read back.
    struct ModelAudits {
        private static func call() -> ModelInteraction {
            // Of more than one chunk.
            let prompt = String(repeating: "What is in the report? ", count: 60_000)
            var call = ModelInteraction(actor: "ann", model: "m-1", prompt: prompt, completion: "Nothing.")
            call.provider = "maker"
            call.modelVersion = "2026-01-31"
            call.toolCalls = [.init(id: "t1", name: "search", arguments: #"{"q":"report"}"#)]
            call.dataControls = [.init(name: "pii", decision: "passed")]
            call.finishReasons = ["stop"]
            call.inputTokens = 12
            call.outputTokens = 3
            call.outcome = .denied
            call.session = "c-7"
            return call
        }

        @Test func aCallIsRecordedWithWhatWasSaid() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            let ingest = try await HTTPIngest.start(in: directory, ledger: ledger.rpc)
            let rpc = try #require(ingest.others["rpc"])
            let audit = try ModelAudit(
                IngestClient(try ServiceAddress(parsing: rpc), software: "system-tests", retry: .none),
                LedgerClient(try ServiceAddress(parsing: ledger.rpc), software: "system-tests", retry: .none),
                source: "helpdesk",
            )
            let call = Self.call()
            let receipt = try await audit.record(call)
            let events = try await ledger.events()
            let event = try #require(events.first)
            #expect(receipt.eventID == event.id.map { "\($0)" } && receipt.index != nil)
            #expect(event.actor.id == "ann" && event.source == "helpdesk" && event.action == "genai.chat")
            #expect(event.targets == [.init(kind: "genai.model", id: "m-1")] && event.outcome.result == .denied)
            #expect(event.origin.session == "c-7" && event.actionClass == .execute)
            let recorded = try #require(event.genAI)
            #expect(recorded.provider == "maker" && recorded.modelVersion == "2026-01-31")
            #expect(recorded.toolCalls == [.init(id: "t1", name: "search", arguments: #"{"q":"report"}"#)])
            #expect(recorded.dataControls == [.init(key: "pii", value: "passed")])
            #expect(recorded.inputTokens == 12 && recorded.outputTokens == 3 && recorded.finishReasons == ["stop"])
            let (prompt, completion) = (try #require(recorded.prompt), try #require(recorded.completion))
            #expect(try await ledger.client.payload(prompt) == call.prompt)
            #expect(try await ledger.client.payload(completion) == call.completion)
            #expect(prompt.byteCount == 1_380_000 && completion.byteCount == 8)
            // The same words again commit to something else: equal commitments would tell that they are equal.
            _ = try await audit.record(call)
            #expect(try await ledger.events().last?.genAI?.prompt?.commitment != prompt.commitment)
            let file = directory.path("ledger")
            let kept = try await Program.run("grep", ["-rlF", "What is in the report?", file], in: directory)
            #expect(kept.output.split(separator: "\n").allSatisfy { $0.contains("/payloads/") }, "\(kept)")

            var long = call
            long.toolCalls[0].arguments = String(repeating: "x", count: ModelInteraction.argumentsByteCountMax + 1)
            await #expect(throws: IndelibleError.self) { try await audit.record(long) }
            #expect(try await ledger.events().count == 2)
            let other = DetachedPayload(commitment: prompt.commitment, byteCount: 7)
            let error = await #expect(throws: IndelibleError.self) { try await ledger.client.payload(other) }
            #expect(error?.code == .dataLoss)
            await audit.close()
            try await ingest.program.stop()
            try await ledger.stop()
        }

        @Test func verifiersCheckWhatWasSaid() async throws {
            let directory = try TestDirectory()
            try directory.write(Array("Who is ann@example.org?".utf8), to: "prompt")
            try directory.write(Array("Nobody.".utf8), to: "completion")
            let suite = try RunningSuite()
            let endpoints = try await suite.up("--analyzers", "0")
            let called = try await suite.run(
                "genai",
                "call",
                "--actor",
                "ann",
                "--model",
                "m-1",
                "--prompt",
                directory.path("prompt"),
                "--completion",
                directory.path("completion"),
                "--tool-call",
                "search={}",
                "--data-control",
                "pii=masked",
                "--masking",
                "default",
                "--json",
            )
            #expect(called.status == 0, "\(called)")
            #expect(try called.json["durable"]?.bool == true)
            let changes = [["--model", "m-1", "--from", "1", "--to", "2"], ["--policy", "pii", "--to", "strict"]]
            for change in changes {
                let changed = try await suite.run(["genai", "change", "--actor", "bob", "--reason", "r"] + change)
                #expect(changed.status == 0, "\(changed)")
            }
            let events = try await suite.entries().compactMap { entry -> AuditEvent? in
                guard case .event(let event) = entry.body else { return nil }
                return try AuditEvent(serialized: event)
            }
            #expect(events.map(\.action) == ["genai.chat", "genai.model.change", "genai.policy.change"])
            #expect(events[1].targets == [.init(kind: "genai.model", id: "m-1")] && events[1].actionClass == .update)
            #expect(events[1].attributes.map(\.key) == ["change.from", "change.to", "change.reason"])
            #expect(events[2].attributes.map(\.value) == ["strict", "r"] && events[2].actor.id == "bob")
            #expect(try await suite.grep("ann@example.org").output.isEmpty, "the prompt was masked before it was kept")

            let metrics = try #require(endpoints["metrics_http"]?["verifier"]?.string)
            try await eventually("the verifier has read both payloads") {
                try await suite.metric("indelible_verifier_payloads_checked", at: metrics) == 2 ? () : nil
            }
            #expect(try await suite.metric("indelible_verifier_payloads_wrong", at: metrics) == 0)
        }

        @Test func sayWhatIsMissing() async throws {
            let directory = try TestDirectory()
            let rows: [([String], String)] = [
                (["change", "--actor", "a", "--to", "2"], "either --model or --policy"),
                (["call", "--actor", "a", "--model", "m", "--prompt", "-", "--completion", "-"], "not both"),
                (["call", "--actor", "a", "--model", "m", "--tool-call", "search"], "name=arguments"),
                (["call", "--actor", "a", "--model", "m"], "Say which suite is meant"),
            ]
            for (arguments, words) in rows {
                let result = try await Program.run(Program.ours("indelible"), ["genai"] + arguments, in: directory)
                #expect(result.status == 2 && result.errors.contains(words), "\(result)")
            }
        }
    }
}
