import AuditModel
import Cryptography
import IndelibleClient
import JSONText
import Primitives
import ProtobufC
import ServiceProtocol
import Testing

extension RealProcesses {
    /// Goal: `indelible verdict replay` says yes to what an analyzer recorded, and no to what somebody else did.
    ///
    /// Method: a suite's own verdicts; then a ledger with a verdict that no model ever gave.
    struct VerdictReplays {
        @Test func analyzersAreConfirmed() async throws {
            let suite = try RunningSuite()
            _ = try await suite.up()
            for _ in 0..<3 { _ = try await suite.emit(actor: "alice") }
            let index = try #require(try await suite.emit(actor: "alice")["index"]?.number?.int)
            try await suite.waitUntilWitnessed()

            let listed = try await suite.run("verdicts", "--json")
            let lines = try listed.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
            #expect(lines.count == 4)
            let verdict = try #require(lines.first { $0["event_index"]?.number?.int == index })
            for key in [
                "leaf_hash", "category", "risk", "severity", "model", "margin_bits", "contributions", "entry_index",
            ] {
                #expect(verdict[key] != nil, "\(key)")
            }

            let one = try await suite.run("verdict", "replay", "\(index)", "--json")
            #expect(one.status == 0, "\(one)")
            let answer = try one.json
            #expect(answer["equal"]?.bool == true && answer["differences"]?.array?.isEmpty == true)
            #expect(answer["recorded"] == answer["recomputed"])
            #expect(answer["recorded"]?["margin_bits"] == verdict["margin_bits"])
            #expect(answer["recorded"]?["features"]?.array?.isEmpty == false)

            let explained = try await suite.run("verdict", "explain", "\(index)", "--json")
            #expect(explained.status == 0, "\(explained)")
            let explanation = try explained.json
            let parts = try #require(explanation["features"]?.array).map { $0["contribution"]?.number?.double ?? .nan }
            let margin = try #require(explanation["margin"]?.number?.double)
            let base = try #require(explanation["base"]?.number?.double)
            #expect(!parts.isEmpty && abs(parts.reduce(base, +) - margin) < 1e-4, "\(explained)")
            let unexplained = try await suite.run("verdict", "explain", "1000000")
            #expect(unexplained.status == 1 && unexplained.output.isEmpty, "\(unexplained)")

            // What models are trained on is what analyzers judged by.
            let folder = try TestDirectory()
            let export = try await suite.run("export", "features", folder.path("features.csv"))
            #expect(export.status == 0, "\(export)")
            let table = String(decoding: try #require(folder.read("features.csv")), as: UTF8.self).split(
                separator: "\n"
            )
            #expect(table.count == 1 + 4 && table[0].hasPrefix("index,"))
            let row = try #require(table.first { $0.hasPrefix("\(index),") })
            #expect(
                row.split(separator: ",").dropFirst().map { Int($0) }
                    == answer["recorded"]?["features"]?.array?.map { $0.number?.int }
            )

            let entry = try #require(verdict["entry_index"]?.number?.int)
            let all = try await suite.run("verdict", "replay", "\(entry)")
            #expect(
                all.status == 0 && all.output.contains("event \(index), verdict in entry \(entry): equal\n"),
                "\(all)",
            )
            let none = try await suite.run("verdict", "replay", "1000000")
            #expect(none.status == 1 && none.output.isEmpty, "\(none)")
            #expect(try await suite.run("down").status == 0)
            let away = try await suite.run("verdict", "replay", "\(index)")
            #expect(away.status == 3, "\(away)")
        }

        @Test func forgeriesAreNamed() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            let model = Program.inPackage("models/indelible-v1.json")
            let inspected = try await Program.indelible("model", "inspect", model, "--json", in: directory).json
            let event = Self.event.serialized
            let verdict = Verdict(
                eventIndex: 0,
                leafHash: LeafHash.hash(event),
                marginBits: [0],
                category: "other",
                severity: "none",
            )
            let batch = VerdictBatch(
                modelHash: try Self.digest(inspected["file_sha256"]),
                schemaHash: try Self.digest(inspected["attributes"]?["indelible.schema"]),
                slot: 9,
                verdicts: [verdict],
            )
            var builder = AppendRequestBuilder(acknowledgement: .durable)
            let noID: [UInt8] = []
            let producer = builder.append(Producer(id: [1], epoch: 1), firstSequence: 1)
            builder.append(entry: event.span, kind: .event, slot: 9, producer: producer, eventID: noID.span)
            builder.append(
                entry: Self.entry(.verdicts(batch)).serialized.span,
                kind: .verdicts,
                slot: 9,
                producer: producer,
                eventID: noID.span,
            )
            builder.append(entry: event.span, kind: .event, slot: 9, producer: producer, eventID: noID.span)
            _ = try await ledger.client.append(builder.bytes)
            func replay(_ arguments: String...) async throws -> Program.Result {
                try await Program.run(
                    Program.ours("indelible"),
                    ["verdict", "replay", "--json", "--ledger", ledger.rpc] + arguments,
                    in: directory,
                )
            }
            for index in ["0", "1"] {
                let forged = try await replay(index)
                #expect(forged.status == 1, "\(forged)")
                let answer = try forged.json
                #expect(answer["equal"]?.bool == false && answer["entry_index"]?.number?.int == 1)
                let differences = answer["differences"]?.array?.compactMap(\.string) ?? []
                #expect(differences.contains("features") && differences.contains("margin_bits"), "\(differences)")
                #expect(
                    !differences.contains("leaf_hash") && answer["recomputed"]?["features"]?.array?.isEmpty == false
                )
            }
            let waiting = try await replay("2")
            #expect(
                waiting.status == 1 && waiting.output.isEmpty && waiting.errors.contains("no verdict yet"),
                "\(waiting)",
            )
            try directory.write(Array("tree\n".utf8), to: "other.txt")
            let broken = try await replay("0", "--model", directory.path("other.txt"))
            #expect(broken.status == 2 && broken.errors.contains("other.txt"), "\(broken)")
            try await ledger.stop()
        }

        private static func digest(_ value: JSONValue?) throws -> Digest {
            let bytes = try #require(value?.string.flatMap { Hex.decode($0) })
            return try #require(Digest(bytes))
        }

        private static var event: Entry {
            var event = AuditEvent()
            event.actor = .init(id: "alice")
            event.action = "door.open"
            return Self.entry(.event(event.serialized))
        }

        private static func entry(_ body: EntryBody) -> Entry {
            Entry(blind: [UInt8](repeating: 7, count: Entry.blindByteCount), stamp: nil, body: body)
        }
    }
}
