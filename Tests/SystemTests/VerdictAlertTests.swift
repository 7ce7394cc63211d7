import AuditModel
import Foundation
import Glibc
import IndelibleClient
import JSONText
import Platform
import Primitives
import ProtobufC
import ServiceProtocol
import Testing

extension RealProcesses {
    /// Goal: people are told of verdicts above the threshold, once for a group, also when the teller is killed; what is muted
    /// is kept back.
    ///
    /// Method: a model to which everything is critical, analyzers whose alert command writes to a file.
    struct VerdictAlerts {
        @Test func verdictsReachPeople() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory, ["--slot-lease-milliseconds", "500"])
            let shipped = try Data(contentsOf: URL(filePath: Program.inPackage("models/indelible-v1.json")))
            var text = String(decoding: shipped, as: UTF8.self)
            for name in ["low", "medium", "high", "critical"] {
                text.replace(
                    try Regex("\"indelible.threshold.\(name)\":\"[^\"]*\""),
                    with: "\"indelible.threshold.\(name)\":\"-90\"",
                )
            }
            try directory.write(Array(text.utf8), to: "alarming.json")
            let far = SystemClock.wallNanoseconds + 3600 * 1_000_000_000
            let mute = MuteRecord(rule: "actor:quiet", author: "a", reason: "r", expiresNanoseconds: far)
            var builder = AppendRequestBuilder(acknowledgement: .durable)
            let producer = builder.append(Producer(id: [1], epoch: 1), firstSequence: 1)
            Self.append(.mute(mute), .mute, actor: "", producer, to: &builder)
            for actor in ["alice", "quiet", "alice", "bob"] {
                Self.append(.event(Self.event(actor).serialized), .event, actor: actor, producer, to: &builder)
            }
            _ = try await ledger.client.append(builder.bytes)

            let first = try Self.analyzer(1, ledger, directory)
            let told = try await Self.told("three events", in: directory) { alerts in
                alerts.reduce(0) { $0 + ($1["count"]?.number?.int ?? 0) } >= 3
            }
            #expect(Set(told.map { $0["actor"]?.string }) == ["alice", "bob"] && told.count == 2)
            #expect(told.allSatisfy { $0["severity"]?.string == "critical" && $0["kind"]?.string == "verdict" })

            try await first.stop(SIGKILL)
            var more = AppendRequestBuilder(acknowledgement: .durable)
            let again = more.append(Producer(id: [1], epoch: 1), firstSequence: 100)
            for actor in ["quiet", "carol"] {
                Self.append(.event(Self.event(actor).serialized), .event, actor: actor, again, to: &more)
            }
            _ = try await ledger.client.append(more.bytes)
            let second = try Self.analyzer(2, ledger, directory)
            // What was told before the kill may be told again.
            let all = try await Self.told("carol", in: directory) { alerts in
                alerts.contains { $0["actor"]?.string == "carol" }
            }
            #expect(!all.contains { $0["actor"]?.string == "quiet" }, "muted, also for the next who tells")
            #expect(try await second.stop().status == 0)
            try await ledger.stop()
        }

        @Test func outputsCanBeTried() async throws {
            let directory = try TestDirectory()
            let path = directory.path("told")
            let tried = try await Program.run(
                Program.ours("indelible"),
                ["alert", "test", "--alert-command", "cat > \(path)", "--alert-command", "exit 7"],
                in: directory,
            )
            #expect(tried.status == 1, "\(tried)")
            let lines = tried.output.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines.first?.contains("\"delivered\":true") == true, "\(tried)")
            #expect(lines.last?.contains("\"delivered\":false") == true, "\(tried)")
            let told = String(decoding: directory.read("told") ?? [], as: UTF8.self)
            #expect(told.contains("\"kind\":\"test\""))
        }

        private static func analyzer(_ number: Int, _ ledger: TestLedger, _ directory: TestDirectory) throws -> Program
        {
            try Program(
                Program.ours("indelible-analyzer"),
                [
                    "--data", directory.path("analyzer-\(number)"), "--no-lifecycle-records", "--ledger", ledger.rpc,
                    "--http", "127.0.0.1:0", "--model", directory.path("alarming.json"),
                    "--alert-command", "cat >> \(directory.path("alerts"))", "--alert-severity", "critical",
                ],
                in: directory,
            )
        }

        /// What was told, once it is enough.
        private static func told(
            _ what: String,
            in directory: TestDirectory,
            _ isEnough: ([JSONValue]) -> Bool,
        ) async throws -> [JSONValue] {
            try await eventually("alerts of \(what)") {
                let text = String(decoding: directory.read("alerts") ?? [], as: UTF8.self)
                let alerts = try text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
                return isEnough(alerts) ? alerts : nil
            }
        }

        private static func append(
            _ body: EntryBody,
            _ kind: EntryKind,
            actor: String,
            _ producer: UInt16,
            to builder: inout AppendRequestBuilder,
        ) {
            let noID: [UInt8] = []
            let entry = Entry(
                blind: [UInt8](repeating: 7, count: Entry.blindByteCount),
                stamp: Stamp(collector: "t", receivedNanoseconds: SystemClock.wallNanoseconds),
                body: body,
            ).serialized
            let slot = ActorSlot.slot(of: actor)
            builder.append(entry: entry.span, kind: kind, slot: slot, producer: producer, eventID: noID.span)
        }

        private static func event(_ actor: String) -> AuditEvent {
            var event = AuditEvent()
            event.source = "test"
            event.actor = .init(id: actor)
            event.action = "door.open"
            return event
        }
    }
}
