import Foundation
import Glibc
import JSONText
import Testing

extension RealProcesses {
    /// Goal: `indelible up` gives a working suite, and `down` and `up` go on with the same log.
    ///
    /// Method: the commands of the README, with real processes.
    struct WholeSuite {
        @Test func goesOnWithItsLog() async throws {
            let suite = try Suite()
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
            let suite = try Suite()
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
            #expect(try demo.json["finding"]?["kind"]?.string == "entry")
            #expect(try demo.json["finding"]?["index"]?.number?.int == 7)
            #expect(try await suite.run("verify").status == 0)
            #expect(try await suite.run("down").status == 0)
            #expect(try await suite.run("fsck").status == 0)
        }

        /// Goal: what nobody writes to does not grow: no heartbeat costs an entry or a checkpoint.
        ///
        /// Method: the checkpoint is the same, to the byte, after many of its intervals.
        @Test func idleLogDoesNotGrow() async throws {
            let suite = try Suite()
            _ = try await suite.up()
            _ = try await suite.emit(actor: "alice")
            try await suite.waitUntilWitnessed()
            let before = try await suite.run("checkpoint")
            await after(microseconds: 2_000_000)
            #expect(try await suite.run("checkpoint").output == before.output)
            #expect(try await suite.run("down").status == 0)
        }
    }
}

/// A suite in a directory of its own; its processes end with it.
private final class Suite: Sendable {
    private let directory: TestDirectory

    init() throws { self.directory = try TestDirectory() }

    deinit {
        guard let bytes = self.directory.read("suite/endpoints.json"),
            let endpoints = try? JSONValue(parsing: bytes, what: "endpoints.json")
        else { return }
        for member in endpoints["pids"]?.object?.members ?? [] {
            guard let pid = member.value.number?.int.flatMap({ Int32(exactly: $0) }) else { continue }
            // The number may be somebody else's by now.
            let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")
            if program?.contains("/indelible-") == true { kill(pid, SIGKILL) }
        }
    }

    /// Runs a command on this suite.
    func run(_ command: String, _ arguments: String...) async throws -> Program.Result {
        // The subcommand of `demo` comes first.
        let words = [command] + arguments.prefix(command == "demo" ? 1 : 0)
        return try await Program.run(
            Program.ours("indelible"),
            words + ["--data", self.directory.path("suite")] + arguments.dropFirst(words.count - 1),
            in: self.directory,
        )
    }

    /// - Returns: the endpoints.
    func up(_ options: String...) async throws -> JSONValue {
        let result = try await Program.run(
            Program.ours("indelible"),
            ["up", "--data", self.directory.path("suite"), "--detach", "--json"] + options,
            in: self.directory,
        )
        guard result.status == 0 else { throw Unexpected("the suite does not start: \(result)") }
        return try result.json
    }

    func emit(actor: String) async throws -> JSONValue {
        let result = try await self.run("emit", "--actor", actor, "--action", "door.open", "--json")
        guard result.status == 0 else { throw Unexpected("nothing is recorded: \(result)") }
        return try result.json
    }

    func status() async throws -> JSONValue { try await self.run("status", "--json").json }

    /// Waits until verdicts, seals and all are under a checkpoint that the verifier has cosigned.
    func waitUntilWitnessed() async throws {
        var last = -1
        _ = try await eventually("the verifier's cosignature of everything") {
            let status = try await self.status()
            let size = status["durable_size"]?.number?.int ?? 0
            let cosigned = status["witnesses"]?.array?.first?["size"]?.number?.int ?? 0
            // Twice the same: nothing is on its way any more.
            defer { last = size }
            return size > 0 && size == cosigned && size == last ? () : nil
        }
    }
}
