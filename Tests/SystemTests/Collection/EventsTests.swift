import AuditModel
import Foundation
import Glibc
import JSONText
import NIOHTTP1
import Testing

extension RealProcesses {
    /// Goal: what a sender of `POST /v1/events` is told is true: taken events are in the log once, the others are not.
    ///
    /// Method: real processes and sockets; the log is read back.
    struct Events {
        struct Row: Sendable, CustomTestStringConvertible {
            let name: String
            var type: String? = "application/json"
            let body: String
            let status: Int
            var actions: [String] = []
            var says = ""
            var testDescription: String { self.name }
        }

        static let lines = "application/x-ndjson"
        static let deep = String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
        static let rows = [
            Row(name: "an object", body: #"{"actor":"a","action":"x.y"}"#, status: 200, actions: ["x.y"]),
            Row(
                name: "an event of ours",
                body: #"{"actor":{"id":"a","kind":"user"},"action":"x.z","outcome":{"result":"denied"}}"#,
                status: 200,
                actions: ["x.z"],
            ),
            Row(
                name: "an array",
                body: #"[{"action":"a.a"},{"action":"a.b"}]"#,
                status: 200,
                actions: ["a.a", "a.b"],
            ),
            Row(
                name: "an envelope",
                body: #"{"Records":[{"action":"r.a"},{"action":"r.b"}]}"#,
                status: 200,
                actions: ["r.a", "r.b"],
            ),
            Row(
                name: "lines",
                type: lines,
                body: "{\"action\":\"l.a\"}\r\n\n{\"action\":\"l.b\"}",
                status: 200,
                actions: ["l.a", "l.b"],
            ),
            Row(
                name: "a bad line costs itself",
                type: lines,
                body: "{\"action\":\"m.a\"}\n{\"action\":\n{\"action\":\"m.b\"}\n",
                status: 207,
                actions: ["m.a", "m.b"],
                says: "expected a value",
            ),
            Row(name: "no record", type: lines, body: "\n \n", status: 400, says: "at least one"),
            Row(name: "nothing", body: "", status: 400),
            Row(name: "an empty array", body: "[]", status: 400, says: "at least one"),
            Row(name: "a number", body: "7", status: 400, says: "a record is a JSON object"),
            Row(name: "an array cut off", body: #"[{"action":"c"}"#, status: 400, says: "comma"),
            Row(name: "text behind it", body: #"{"action":"c"} x"#, status: 400, says: "end of the text"),
            Row(name: "a name twice", body: #"{"action":"c","action":"d"}"#, status: 400, says: "twice"),
            Row(name: "a name twice inside", body: #"{"action":"c","k":{"a":1,"a":2}}"#, status: 400, says: "twice"),
            Row(name: "nested too deep", body: #"{"action":"c","k":\#(deep)}"#, status: 400, says: "deep"),
            Row(
                name: "form",
                type: "application/x-www-form-urlencoded",
                body: "a=b",
                status: 415,
                says: "Content-Type",
            ),
            Row(name: "plain text", type: "text/plain", body: #"{"action":"c"}"#, status: 415),
            Row(name: "no type", type: nil, body: #"{"action":"c"}"#, status: 415),
        ]

        @Test func takesWhatItSaysAndNothingElse() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            let ingest = try await HTTPIngest.start(in: directory, ledger: ledger.rpc)
            var expected: [String] = []
            for row in Self.rows {
                let reply = try await ingest.post("/v1/events", row.body, type: row.type)
                #expect(reply.status == row.status, "\(row.name): \(reply.text)")
                #expect(row.says.isEmpty || reply.text.contains(row.says), "\(row.name): \(reply.text)")
                expected += row.actions
                let events = try await ledger.events()
                #expect(events.map(\.action) == expected, "\(row.name)")
                let taken = try reply.json["results"]?.array?.filter { $0["id"] != nil } ?? []
                #expect(taken.count == row.actions.count, "\(row.name): \(reply.text)")
                for (result, event) in zip(taken, events.suffix(taken.count)) {
                    #expect(result["id"]?.string == event.id.map { "\($0)" })
                }
            }
            try await Self.checkBytes(ingest)
            #expect(try await ledger.events().count == expected.count)
            let rejects = directory.read("ingest/rejected/rejected.jsonl") ?? []
            let reasons = try rejects.split(separator: UInt8(ascii: "\n")).map {
                try JSONValue(parsing: Array($0), what: "a reject")["reason"]?.string ?? ""
            }
            #expect(reasons.contains { $0.contains("twice") } && reasons.contains { $0.contains("expected a value") })
            let metrics = try await ingest.get("/metrics")
            #expect(metrics.text.contains("indelible_ingest_rejected_events_total \(reasons.count)\n"))
            try await ingest.program.stop()
            try await ledger.stop()
        }

        /// What text cannot show: bytes, and bodies too long for a table.
        private static func checkBytes(_ ingest: HTTPIngest) async throws {
            let invalid = Array(#"{"action":""#.utf8) + [0xc3, 0x28] + Array(#""}"#.utf8)
            #expect(try await ingest.post("/v1/events", invalid).status == 400)
            let long = #"{"action":"\#(String(repeating: "a", count: 1 << 20))"}"#
            let refused = try await ingest.post("/v1/events", long)
            #expect(refused.status == 400 && refused.text.contains("1048576"), "\(refused.text.prefix(200))")
            let huge = try await ingest.post("/v1/events", [UInt8](repeating: 0x20, count: 9 << 20))
            #expect(huge.status == 413)
            let many = try await ingest.post("/v1/events", String(repeating: "{}\n", count: 50_001), type: Self.lines)
            #expect(many.status == 413 && many.text.contains("50000"))
            #expect(try await ingest.post("/v1/events", "x", ["Content-Encoding": "br"]).status == 415)
            #expect(try await ingest.post("/v1/events", "x", ["Content-Encoding": "gzip"]).status == 400)
            #expect(try await ingest.post("/v1/nothing", "{}").status == 404)
            #expect(try await ingest.get("/v1/events").status == 405)
        }

        /// A record that fits no entry lies beside the log, and its event says which it is.
        @Test func keepsALargeRecordBesideTheLog() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            let ingest = try await HTTPIngest.start(in: directory, ledger: ledger.rpc)
            let body = #"{"action":"big.record","text":"\#(String(repeating: "b", count: 100_000))"}"#
            #expect(try await ingest.post("/v1/events", body).status == 200)
            let event = try #require(try await ledger.events().first)
            #expect(event.raw.isEmpty)
            #expect(event.detachedRaw?.byteCount == UInt64(body.utf8.count))
            try await ingest.program.stop()
            try await ledger.stop()
        }

        @Test func decompressesWithinBounds() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            let ingest = try await HTTPIngest.start(in: directory, ledger: ledger.rpc)
            try directory.write(Array("{\"action\":\"z.a\"}\n{\"action\":\"z.b\"}\n".utf8), to: "lines")
            let script =
                "cd '\(directory.path(""))' && " + "gzip -kn lines && head -c 100000000 /dev/zero | gzip > bomb"
            #expect(try await Program.run("sh", ["-c", script], in: directory).status == 0)
            let lines = try #require(directory.read("lines.gz"))
            let gzip: HTTPHeaders = ["Content-Encoding": "gzip"]
            #expect(try await ingest.post("/v1/events", lines, type: Self.lines, gzip).status == 200)
            let cut = try await ingest.post("/v1/events", Array(lines.dropLast(9)), type: Self.lines, gzip)
            #expect(cut.status == 400 && cut.text.contains("gzip"))
            let bomb = try await ingest.post("/v1/events", directory.read("bomb") ?? [], type: Self.lines, gzip)
            #expect(bomb.status == 413 && bomb.text.contains("33554432"))
            #expect(try await ledger.events().map(\.action) == ["z.a", "z.b"])
            try await ingest.program.stop()
            try await ledger.stop()
        }

        /// A request that is repeated adds nothing, also when the collector or the ledger died in between.
        @Test func takesARequestWithAKeyOnce() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            var ingest = try await HTTPIngest.start(in: directory, ledger: ledger.rpc)
            let body = #"[{"action":"k.a"},{"action":"k.b"},7]"#
            let key: HTTPHeaders = ["Idempotency-Key": "order-1"]
            let first = try await ingest.post("/v1/events", body, key)
            #expect(first.status == 207)
            let indexes = try first.json["results"]?.array?.map { $0["index"]?.number?.uint64 } ?? []
            let start = try #require(indexes.first ?? nil)
            #expect(indexes == [start, start + 1, nil])
            for _ in 0..<3 {
                let again = try await ingest.post("/v1/events", body, key)
                #expect(again.status == 207)
                #expect(try again.json["results"]?.array?.map { $0["index"]?.number?.uint64 } ?? [] == indexes)
                #expect(try again.json["results"]?[0]?["duplicate"]?.bool == true)
                try await ingest.program.stop(SIGKILL)
                ingest = try await HTTPIngest.start(in: directory, ledger: ledger.rpc)
            }
            let other = try await ingest.post("/v1/events", #"{"action":"k.c"}"#, key)
            #expect(other.status == 422 && other.text.contains("Idempotency-Key"))
            let long = try await ingest.post(
                "/v1/events",
                body,
                ["Idempotency-Key": String(repeating: "k", count: 256)],
            )
            #expect(long.status == 400)
            #expect(try await ledger.events().map(\.action) == ["k.a", "k.b"])

            // While the ledger is away the events are safe in the spool, at no index yet.
            let rpc = ledger.rpc
            try await ledger.stop(SIGKILL)
            let away: HTTPHeaders = ["Idempotency-Key": "order-2"]
            let spooled = try await ingest.post("/v1/events", #"{"action":"k.d"}"#, away)
            #expect(spooled.status == 200)
            #expect(try spooled.json["results"]?[0]?["index"]?.isNull == true)
            try await ingest.program.stop(SIGKILL)
            ingest = try await HTTPIngest.start(in: directory, ledger: rpc)
            #expect(try await ingest.post("/v1/events", #"{"action":"k.d"}"#, away).status == 200)
            let back = try await TestLedger.start(in: directory, ["--listen", rpc])
            try await eventually("the spool is empty") { () -> Void? in
                try await back.events().contains { $0.action == "k.d" } ? () : nil
            }
            #expect(try await ingest.post("/v1/events", #"{"action":"k.e"}"#).status == 200)
            // It may have been answered from the spool.
            try await eventually("the last event is in the log") { () -> Void? in
                try await back.events().contains { $0.action == "k.e" } ? () : nil
            }
            #expect(try await back.events().map(\.action) == ["k.a", "k.b", "k.d", "k.e"])
            try await ingest.program.stop()
            try await back.stop()
        }
    }
}
