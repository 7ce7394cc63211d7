import AuditModel
import Glibc
import JSONText
import Primitives
import ProtobufC
import Testing
import TransparencyLog

extension RealProcesses {
    /// Goal: the log tells what happened to the suite that keeps it, and nothing more.
    ///
    /// Method: real suites are started, stopped, killed and read; the entries are read as a service reads them.
    struct OwnRecords {
        private static let components: Set = ["ledger", "ingest", "verifier", "analyzer"]

        @Test func startsAndStopsAreEntries() async throws {
            let suite = try RunningSuite()
            _ = try await suite.up()
            let first = try await suite.lifecycle(4)
            #expect(first.count == 4)
            #expect(Set(first.map(\.component)) == Self.components)
            #expect(first.allSatisfy { $0.change == "start" && !$0.detail.contains("the run since") }, "\(first)")
            #expect(first.allSatisfy { $0.software == "indelible-\($0.component)/0.1.0" })
            try await suite.waitUntilWitnessed()
            #expect(try await suite.run("down").status == 0)

            _ = try await suite.up()
            // Analyzer, ingest and ledger stopped while entries were taken; the verifier stops last and says it later.
            let second = try await suite.lifecycle(11)
            #expect(second.count == 11)
            #expect(Set(second[4..<7].map(\.component)) == Self.components.subtracting(["verifier"]))
            #expect(second[4..<7].allSatisfy { $0.change == "stop" })
            #expect(second[7...].allSatisfy { $0.change == "start" })
            let told = second[7...].filter { $0.detail.contains("stopped in order, unrecorded") }
            #expect(told.map(\.component) == ["verifier"])
            #expect(!second.contains { $0.detail.contains("did not stop in order") })

            // Killed, each says so at its next start.
            try await suite.waitUntilWitnessed()
            for component in Self.components { try await suite.kill(component, SIGKILL) }
            _ = try await eventually("the end of all") {
                try await suite.run("status").status == 3 ? () : nil
            }
            _ = try await suite.up()
            let third = try await suite.lifecycle(15)
            #expect(third.count == 15)
            #expect(third[11...].allSatisfy { $0.change == "start" && $0.detail.contains("did not stop in order") })
            // What they wrote is proven, sealed and cosigned like everything else, and judged by nobody.
            try await suite.waitUntilWitnessed()
            #expect(try await suite.run("verify", "--json").status == 0)
            let entries = try await suite.entries()
            #expect(!entries.contains { $0.body.kind == .verdicts || $0.body.kind == .event })
            #expect(try await suite.run("down").status == 0)
            #expect(try await suite.run("fsck").status == 0)
        }

        @Test func keysAreEnrolledOnce() async throws {
            let suite = try RunningSuite()
            let endpoints = try await suite.up("--analyzers", "0")
            let root = try VerifierKey(parsing: try #require(endpoints["operator_vkey"]?.string))
            try await Self.expectKeys(suite, root)
            _ = try await suite.lifecycle(3)
            #expect(try await suite.run("down").status == 0)
            _ = try await suite.up("--analyzers", "0")
            _ = try await suite.lifecycle(8)
            try await Self.expectKeys(suite, root)
            #expect(try await suite.run("down").status == 0)
        }

        private static func expectKeys(_ suite: RunningSuite, _ root: VerifierKey) async throws {
            let bodies = try await suite.entries().compactMap { entry -> KeyRecord.Body? in
                guard case .key(let record) = entry.body else { return nil }
                return try record.verified(byRoot: root.publicKey)
            }
            #expect(bodies.map(\.purpose) == ["log", "collector", "witness"])
            #expect(bodies.allSatisfy { $0.action == "enrolled" && $0.fromNanoseconds > 0 })
        }

        @Test func whoReadsIsRecordedOnce() async throws {
            let suite = try RunningSuite()
            let endpoints = try await suite.up("--analyzers", "0", "--verifiers", "0")
            let directory = try TestDirectory()
            let emitted = try await suite.emit(actor: "alice")
            let index = try #require(emitted["index"]?.number?.int.map { UInt64($0) })
            #expect(try await suite.run("show", "\(index)").status == 0)
            #expect(try await suite.run("tail", "--from", "0", "--to", "\(index + 1)").status == 0)
            #expect(try await suite.run("export", "features", directory.path("f.csv")).status == 0)
            let tiles = try await suite.run("export", "tiles", directory.path("tiles"))
            #expect(tiles.status == 0, "\(tiles)")
            let records = try await Self.accesses(suite)
            #expect(records.map(\.what) == ["show", "tail", "export features", "export tiles"])
            #expect(records[0].firstIndex == index && records[0].lastIndex == index)
            #expect(records[1].firstIndex == 0 && records[1].lastIndex == index)
            #expect(records.allSatisfy { $0.who.hasPrefix("user ") && $0.who.count > 5 })
            // What shows no entries leaves none.
            for command in ["status", "checkpoint", "verify"] { _ = try await suite.run(command) }
            #expect(try await Self.accesses(suite).count == 4)

            // People can read a log whose ingest is away; they are told that it is not recorded.
            let rpc = try #require(endpoints["ledger_rpc"]?.string)
            let program = try Program.ours("indelible")
            let unrecorded = try await Program.run(program, ["show", "0", "--ledger", rpc], in: directory)
            #expect(unrecorded.status == 0 && unrecorded.errors.contains("not recorded"), "\(unrecorded)")
            #expect(try await suite.run("down").status == 0)
        }

        @Test func canBeLeftOut() async throws {
            let suite = try RunningSuite()
            _ = try await suite.up("--no-own-records")
            let emitted = try await suite.emit(actor: "alice")
            #expect(emitted["index"]?.number?.int == 0)
            #expect(try await suite.run("show", "0").status == 0)
            try await suite.waitUntilWitnessed()
            #expect(try await Set(suite.entries().map(\.body.kind)) == [.event, .seal, .verdicts])
            #expect(try await suite.run("down").status == 0)
        }

        private static func accesses(_ suite: RunningSuite) async throws -> [AccessRecord] {
            try await suite.entries().compactMap { entry in
                guard case .access(let record) = entry.body else { return nil }
                return record
            }
        }
    }
}
