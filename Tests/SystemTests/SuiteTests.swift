import Foundation
import Glibc
import JSONText
import ProtobufC
import ServiceKit
import ServiceProtocol
import Testing
import Transport

extension RealProcesses {
    /// Goal: `indelible up` gives a working suite, and `down` and `up` go on with the same log.
    ///
    /// Method: the commands of the README, with real processes.
    struct WholeSuite {
        @Test func goesOnWithItsLog() async throws {
            let suite = try RunningSuite()
            let first = try await suite.up()
            let origin = try #require(first["origin"]?.string)
            let emitted = try await suite.emit(actor: "alice")
            #expect(emitted["durable"]?.bool == true)
            let index = try #require(emitted["index"]?.number?.int)
            let tail = try await suite.run("tail", "--from", "\(index)", "--to", "\(index + 1)", "--json")
            #expect(tail.status == 0 && tail.output.contains("alice"), "\(tail)")
            try await suite.waitUntilWitnessed()
            let verified = try await suite.run("verify", "--json")
            #expect(verified.status == 0, "\(verified)")
            #expect(try verified.json["cosignatures"]?.number?.int == 1)

            // Beside the ledger, too, its files can be checked, but for what moves.
            let beside = try await suite.run("fsck", "--json")
            #expect(beside.status == 0, "\(beside)")
            #expect(try beside.json["journal_checked"]?.bool == false)
            let status = try await suite.status()
            let verifier = try #require(status["verifiers"]?.array?.first)
            #expect(verifier["reachable"]?.bool == true && verifier["findings"]?.number?.int == 0, "\(status)")
            #expect(verifier["verified_size"]?.number?.int ?? 0 > index && status["scrub"]?["age_s"] != nil)
            #expect(try await suite.run("status").output.contains("not read again yet"))

            // The verdict about the event is bound to it, by the verifier that runs and by who reads once.
            try await eventually("a bound verdict") { () -> Void? in
                let verifier = try await suite.status()["verifiers"]?.array?.first
                let count = verifier?["verdicts_bound"]?.number?.int ?? 0
                return count > 0 && verifier?["verdicts"]?.number?.int == count ? () : nil
            }
            try await suite.waitUntilWitnessed()
            let said = try await suite.run("verify", "--json").json
            #expect(said["seals"]?.number?.int ?? 0 > 0 && said["seals_by_unknown_keys"]?.number?.int == 0, "\(said)")
            #expect(said["verdicts"]?.number?.int ?? 0 > 0, "\(said)")
            #expect(said["verdicts"]?.number?.int == said["verdicts_bound"]?.number?.int, "\(said)")

            // The verifier is a witness over RPC.
            let witness = try Endpoint(parsing: try #require(first["witness_rpc"]?.array?.first?.string))
            let client = try await RPCClient.connect(
                .init(host: witness.host, port: witness.port, tls: nil, software: "system-tests")
            )
            let request = AddCheckpointRequest(body: Array("no request\n".utf8)).serialized
            let answer = try await client.call(WitnessMethods.addCheckpoint, request)
            #expect(try AddCheckpointResponse(serialized: answer).status == 400)
            await client.close()

            // A suite that runs is not started again.
            let twice = try await suite.run("up", "--detach")
            #expect(twice.status == 2 && twice.errors.contains("already"), "\(twice)")
            let before = try await suite.status()
            #expect(try await suite.run("down").status == 0)
            #expect(try await suite.run("status").status == 3)

            let second = try await suite.up()
            #expect(second["origin"]?.string == origin)
            #expect(second["log_vkey"]?.string == first["log_vkey"]?.string)
            let size = try #require(before["durable_size"]?.number?.int)
            let again = try await suite.emit(actor: "bob")
            #expect(again["index"]?.number?.int ?? 0 >= size)
            let old = try await suite.run("tail", "--from", "\(index)", "--to", "\(index + 1)", "--json")
            #expect(old.output == tail.output)
            try await suite.waitUntilWitnessed()
            #expect(try await suite.run("verify", "--json").status == 0)
            #expect(try await suite.run("down").status == 0)
        }

        /// Goal: the demonstration of the README shows what it says, and leaves the log as it was.
        @Test func demonstratesTampering() async throws {
            let suite = try RunningSuite()
            _ = try await suite.up("--segment-entries", "64", "--analyzers", "0")
            let early = try await suite.run("demo", "tamper", "--json")
            #expect(early.status == 2 && early.errors.contains("import"), "\(early)")
            for number in 0..<40 { _ = try await suite.emit(actor: "alice-\(number)") }
            try await eventually("a sealed segment") { () -> Void? in
                try await suite.status()["sealed_size"]?.number?.int ?? 0 >= 64 ? () : nil
            }
            try await suite.waitUntilWitnessed()
            let demo = try await suite.run("demo", "tamper", "--index", "7", "--json")
            #expect(demo.status == 0, "\(demo)")
            #expect(try demo.json["index"]?.number?.int == 7)
            #expect(try demo.json["finding"]?["kind"]?.string == "payload-altered")
            #expect(try demo.json["finding"]?["index"]?.number?.int == 7)
            #expect(try await suite.run("verify").status == 0)
            #expect(try await suite.run("down").status == 0)
            #expect(try await suite.run("fsck").status == 0)
        }

        @Test func analyzersAreShown() async throws {
            let suite = try RunningSuite()
            let endpoints = try await suite.up("--analyzers", "2")
            _ = try await suite.emit(actor: "alice")
            try await suite.waitUntilWitnessed()
            let report = try await eventually("both analyzers have looked at everything") {
                let result = try await suite.run("analyzers", "--json")
                let report = try result.json
                let lags = report["analyzers"]?.array?.compactMap { $0["lag_entries"]?.number?.int } ?? []
                return result.status == 0 && lags == [0, 0] ? report : nil
            }
            let analyzers = report["analyzers"]?.array ?? []
            #expect(report["uncovered_slots"]?.number?.int == 0)
            #expect(analyzers.map { $0["slots"]?.string } == ["0-127", "128-255"])
            #expect(analyzers.compactMap { $0["scored_events"]?.number?.int }.reduce(0, +) == 1)
            #expect(analyzers.allSatisfy { $0["model_name"]?.string == "indelible-v1" })

            let pid = try #require(endpoints["pids"]?["analyzer-2"]?.number?.int.flatMap { Int32(exactly: $0) })
            kill(pid, SIGKILL)
            let without = try await eventually("the other one has all slots") { () -> Program.Result? in
                let result = try await suite.run("analyzers", "--json")
                return try result.json["analyzers"]?.array?.first?["slots"]?.string == "0-255" ? result : nil
            }
            #expect(without.status == 1, "one does not answer: \(without)")
            #expect(try without.json["uncovered_slots"]?.number?.int == 0)
            #expect(try await suite.run("down").status == 0)
            #expect(try await suite.run("analyzers").status == 3)
        }

        /// Goal: what nobody writes to does not grow: no heartbeat costs an entry or a checkpoint.
        ///
        /// Method: the checkpoint is the same, to the byte, after many of its intervals. INDELIBLE_IDLE_SECONDS makes it longer.
        @Test func idleLogDoesNotGrow() async throws {
            let suite = try RunningSuite()
            _ = try await suite.up()
            _ = try await suite.emit(actor: "alice")
            _ = try await suite.lifecycle(4)
            try await suite.waitUntilWitnessed()
            let before = try await suite.run("checkpoint")
            await after(microseconds: Environment.number("INDELIBLE_IDLE_SECONDS", otherwise: 2) * 1_000_000)
            #expect(try await suite.run("checkpoint").output == before.output)
            #expect(try await suite.run("down").status == 0)
        }
    }
}
