import AuditModel
import Cryptography
import Foundation
import Glibc
import JSONText
import NIOHTTP1
import Primitives
import Testing

extension RealProcesses {
    /// Goal: each protocol's senders get the answers that they understand, and what they were told is safe is in the log once.
    ///
    /// Method: real processes and sockets; the log is read back.
    struct Adapters {
        private static func suite(
            _ arguments: [String] = []
        ) async throws -> (directory: TestDirectory, ledger: TestLedger, ingest: HTTPIngest) {
            let directory = try TestDirectory()
            try directory.write(Array("s3cret\n".utf8), to: "secret")
            let ledger = try await TestLedger.start(in: directory)
            let secrets = ["--hec-token", "--github-secret", "--gitlab-token"].flatMap {
                [$0, directory.path("secret")]
            }
            let ingest = try await HTTPIngest.start(in: directory, ledger: ledger.rpc, secrets + arguments)
            return (directory, ledger, ingest)
        }

        private static func audit(_ id: String, _ stage: String) -> String {
            """
            {"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"\(id)","stage":"\(stage)","verb":"delete",
            "user":{"username":"ann"},"objectRef":{"resource":"pods","namespace":"n","name":"p"},
            "responseStatus":{"code":200},"requestReceivedTimestamp":"2026-01-31T12:00:00Z"}
            """
        }

        @Test func kubernetesEventsAreTakenOnce() async throws {
            let (_, ledger, ingest) = try await Self.suite()
            func list(_ items: String...) -> String {
                #"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[\#(items.joined(separator: ","))]}"#
            }
            let first = list(Self.audit("a", "RequestReceived"), Self.audit("a", "ResponseComplete"), "7")
            for _ in 0..<2 { #expect(try await ingest.post("/v1/k8s/audit/prod", first).status == 200) }
            // Another cut of the batches, an event twice in one of them, and the same ids of another cluster.
            let second = list(
                Self.audit("a", "ResponseComplete"),
                Self.audit("b", "Panic"),
                Self.audit("b", "Panic"),
            )
            #expect(try await ingest.post("/v1/k8s/audit/prod", second).status == 200)
            #expect(try await ingest.post("/v1/k8s/audit/test", list(Self.audit("a", "Panic"))).status == 200)
            let events = try await ledger.events()
            #expect(events.map(\.source) == ["k8s/prod", "k8s/prod", "k8s/prod", "k8s/test"])
            #expect(events.allSatisfy { $0.action == "k8s.pods.delete" && $0.actor.id == "ann" })
            #expect(try await ingest.post("/v1/k8s/audit/", list(Self.audit("c", "Panic"))).status == 400)
            #expect(try await ingest.post("/v1/k8s/audit/a%2fb", list(Self.audit("c", "Panic"))).status == 400)
            #expect(try await ingest.post("/v1/k8s/audit/prod", "{").status == 400)
            try await ingest.program.stop()
            try await ledger.stop()
        }

        @Test func splunkSendersAreUnderstood() async throws {
            let (_, ledger, ingest) = try await Self.suite()
            let path = "/services/collector/event"
            let token: HTTPHeaders = ["Authorization": "Splunk s3cret"]
            let body = #"{"event":{"user":"ann","action":"a.b"},"time":1700000000}{"event":"a line","host":"h"}"#
            for _ in 0..<2 {
                let reply = try await ingest.post(path, body, token)
                #expect(reply.status == 200 && reply.text == #"{"text":"Success","code":0}"#)
            }
            let rows: [(String, HTTPHeaders, status: Int, code: Int)] = [
                (body, [:], 401, 2), (body, ["Authorization": "Splunk no"], 403, 4), ("", token, 400, 5),
                ("{", token, 400, 6), (#"{"event":"good"}{"host":"h"}"#, token, 400, 6),
            ]
            for row in rows {
                let reply = try await ingest.post(path, row.0, row.1)
                #expect(try reply.status == row.status && reply.json["code"]?.number?.int == row.code, "\(reply.text)")
            }
            #expect(try await ingest.get("/services/collector/health").status == 200)
            #expect(try await ledger.events().map(\.action) == ["a.b", "log.record", "log.record"])
            try await ingest.program.stop()
            try await ledger.stop()
        }

        @Test func cloudEventsComeInEachMode() async throws {
            let (_, ledger, ingest) = try await Self.suite()
            let path = "/v1/cloudevents"
            func event(_ id: String) -> String {
                #"{"specversion":"1.0","id":"\#(id)","source":"/s","type":"a.b","subject":"x"}"#
            }
            let structured = "application/cloudevents+json"
            for _ in 0..<2 { #expect(try await ingest.post(path, event("1"), type: structured).status == 200) }
            let batch = "[\(event("1")),\(event("2")),\(event("3").replacingOccurrences(of: "1.0", with: "9"))]"
            #expect(try await ingest.post(path, batch, type: "application/cloudevents-batch+json").status == 207)
            let binary: HTTPHeaders = [
                "ce-specversion": "1.0", "ce-id": "4", "ce-source": "/s", "ce-type": "a.c", "ce-subject": "a%20b",
            ]
            #expect(try await ingest.post(path, #"{"actor":{"id":"ann"}}"#, binary).status == 200)
            #expect(
                try await ingest.post(path, "text", type: "text/plain", binary).status == 200,
                "the same id again",
            )
            #expect(try await ingest.post(path, "{}").status == 415)
            #expect(try await ingest.post(path, "{}", ["ce-specversion": "1.0"]).status == 400)
            let events = try await ledger.events()
            #expect(events.map(\.action) == ["a.b", "a.b", "a.c"])
            #expect(events.last?.actor.id == "ann" && events.last?.targets.first?.id == "a b")
            try await ingest.program.stop()
            try await ledger.stop()
        }

        @Test func webhooksAreTakenFromTheirSendersAlone() async throws {
            let (_, ledger, ingest) = try await Self.suite()
            let body = #"{"action":"publicized","sender":{"login":"octo"},"repository":{"full_name":"o/r"}}"#
            let signature = try HMACSHA256.authenticate(Array(body.utf8), key: Array("s3cret".utf8))
            let signed: HTTPHeaders = [
                "X-Hub-Signature-256": "sha256=\(Hex.encode(signature.bytes))", "X-GitHub-Event": "repository",
                "X-GitHub-Delivery": "d1",
            ]
            for _ in 0..<2 { #expect(try await ingest.post("/v1/github", body, signed).status == 200) }
            #expect(try await ingest.post("/v1/github", body + " ", signed).status == 401)
            #expect(try await ingest.post("/v1/github", body).status == 401)
            let streamed: HTTPHeaders = ["X-Gitlab-Event-Streaming-Token": "s3cret", "X-Gitlab-Event-UUID": "u1"]
            let audit = #"{"event_type":"user_add","author_id":3,"entity_path":"g/p"}"#
            for _ in 0..<2 { #expect(try await ingest.post("/v1/gitlab", audit, streamed).status == 200) }
            #expect(try await ingest.post("/v1/gitlab", audit, ["X-Gitlab-Token": "other"]).status == 401)
            #expect(try await ledger.events().map(\.action) == ["github.repository.publicized", "gitlab.user_add"])
            try await ingest.program.stop()
            try await ledger.stop()

            let directory = try TestDirectory()
            let without = try await HTTPIngest.start(in: directory, ledger: ledger.rpc)
            #expect(try await without.post("/v1/github", body, signed).status == 404, "no secret, no webhook")
            try await without.program.stop()
        }

        /// The exporter of the OpenTelemetry SDK for Python, with and without compression.
        @Test(.enabled(if: Tool.isHere("python3"), "Python is not installed; tools/install test installs it"))
        func theOpenTelemetrySDKExports() async throws {
            let (directory, ledger, ingest) = try await Self.suite(["--otlp", "127.0.0.1:0"])
            let otlp = try #require(ingest.otlp)
            for arguments in [[], ["--gzip"]] {
                let result = try await Program.run(
                    Program.inPackage("tools/interop/send-otlp"),
                    ["--endpoint", otlp, "--count", "5"] + arguments,
                    in: directory,
                )
                #expect(result.status == 0, "\(result)")
            }
            let events = try await ledger.events()
            let logs = events.filter { $0.format == "otlp.log" }
            #expect(logs.count == 10 && logs.allSatisfy { $0.action == "order.refund" && $0.actor.id == "alice" })
            #expect(Set(logs.compactMap { $0.targets.first?.id }).count == 5)
            let calls = events.filter { $0.format == "otlp.span" }
            #expect(calls.count == 10 && calls.allSatisfy { $0.action == "genai.chat" && $0.genAI?.model == "m-1" })
            #expect(calls.allSatisfy { $0.actor.id == "eve" && $0.source == "otlp/shop" })
            try await Self.checkTelemetryAnswers(HTTPIngest(program: ingest.program, http: otlp, otlp: nil))
            #expect(try await ledger.events().count == events.count + 1)
            try await ingest.program.stop()
            try await ledger.stop()
        }

        private static func checkTelemetryAnswers(_ otlp: HTTPIngest) async throws {
            let body = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"x.y"}]}]}]}"#
            for _ in 0..<2 {
                let reply = try await otlp.post("/v1/logs", body)
                #expect(reply.status == 200 && reply.text == "{}")
            }
            let bytes: [UInt8] = [0x0a, 0x7f, 0x00]
            let bad = try await otlp.post("/v1/logs", bytes, type: "application/x-protobuf")
            #expect(bad.status == 400 && bad.headers.first(name: "Content-Type") == "application/x-protobuf")
            #expect(try await otlp.post("/v1/logs", [], type: "application/x-protobuf").status == 200)
            let wrong = try await otlp.post("/v1/traces", "{")
            #expect(try wrong.status == 400 && wrong.json["message"]?.string?.contains("JSON") == true)
            #expect(try await otlp.post("/v1/logs", "x", type: "text/plain").status == 415)
            #expect(try await otlp.post("/v1/metrics", "{}").status == 404)
        }
    }
}
