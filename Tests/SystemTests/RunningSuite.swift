import AuditModel
import Foundation
import Glibc
import IndelibleClient
import JSONText
import NIOHTTP1
import ProtobufC
import ServiceKit
import ServiceProtocol

/// A suite in a directory of its own; its processes end with it.
final class RunningSuite: Sendable {
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
            if program?.contains("/indelible-") == true { Glibc.kill(pid, SIGKILL) }
        }
    }

    /// Runs a command on this suite.
    func run(_ arguments: String...) async throws -> Program.Result { try await self.run(arguments) }

    func run(_ arguments: [String]) async throws -> Program.Result {
        try await Program.run(
            Program.ours("indelible"),
            arguments + ["--data", self.directory.path("suite")],
            in: self.directory,
        )
    }

    /// - Returns: the endpoints.
    func up(_ arguments: String...) async throws -> JSONValue {
        let result = try await self.run(["up", "--detach", "--json"] + arguments)
        guard result.status == 0 else { throw Unexpected("the suite does not start: \(result)") }
        return try result.json
    }

    func emit(actor: String) async throws -> JSONValue {
        let result = try await self.run("emit", "--actor", actor, "--action", "door.open", "--json")
        guard result.status == 0 else { throw Unexpected("nothing is recorded: \(result)") }
        return try result.json
    }

    /// A JSON file in the suite's directory.
    func read(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: self.directory.read("suite/\(path)") ?? [], what: path)
    }

    /// The suite's files that hold a text.
    func grep(_ text: String) async throws -> Program.Result {
        try await Program.run("grep", ["-rlaF", text, self.directory.path("suite")], in: self.directory)
    }

    /// A metric without labels, of the process that serves under a URL.
    func metric(_ name: String, at url: String) async throws -> Int? {
        let response = try await HTTPClient.request(.GET, url + "/metrics", seconds: 30)
        let lines = String(decoding: response.body, as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix(name + " ") }.flatMap { Int($0.dropFirst(name.utf8.count + 1)) }
    }

    func status() async throws -> JSONValue { try await self.run("status", "--json").json }

    /// All entries that are durable now, read as a service reads them: that leaves no record of an access.
    func entries() async throws -> [Entry] {
        let ready = try JSONValue(parsing: self.directory.read("suite/run/ledger.json") ?? [], what: "ledger.json")
        guard let rpc = ready["rpc"]?.string else { throw Unexpected("the ledger does not say where it listens") }
        let client = LedgerClient(try ServiceAddress(parsing: rpc), software: "system-tests", retry: .none)
        let size = try await client.status().durableSize
        var entries: [Entry] = []
        for try await batch in client.readEntries(.init(from: 0, to: size)) {
            for item in batch.view.items { entries.append(try Entry(serialized: batch.entry(item))) }
        }
        await client.close()
        return entries
    }

    /// Waits until as many starts and stops are in the log.
    func lifecycle(_ count: Int) async throws -> [LifecycleRecord] {
        try await eventually("\(count) starts and stops") {
            let records = try await self.entries().compactMap { entry -> LifecycleRecord? in
                guard case .lifecycle(let record) = entry.body else { return nil }
                return record
            }
            return records.count >= count ? records : nil
        }
    }

    func kill(_ process: String, _ signal: Int32) async throws {
        let endpoints = try JSONValue(
            parsing: self.directory.read("suite/endpoints.json") ?? [],
            what: "endpoints.json",
        )
        guard let pid = endpoints["pids"]?[process]?.number?.int.flatMap({ Int32(exactly: $0) }) else {
            throw Unexpected("there is no \(process)")
        }
        Glibc.kill(pid, signal)
    }

    func file(_ name: String) -> [UInt8]? { self.directory.read("suite/\(name)") }

    /// Waits until verdicts, seals and all are under a checkpoint that the verifier has cosigned.
    func waitUntilWitnessed() async throws {
        var last = -1
        _ = try await eventually("the verifier's cosignature of everything") {
            let analyzers = try await self.run("analyzers", "--json").json
            let lags = analyzers["analyzers"]?.array?.map { $0["lag_entries"]?.number?.int } ?? []
            let status = try await self.status()
            let size = status["durable_size"]?.number?.int ?? 0
            let cosigned = status["witnesses"]?.array?.first?["size"]?.number?.int ?? 0
            // Everything is judged, and twice the same: nothing is on its way any more.
            defer { last = size }
            return size > 0 && lags.allSatisfy { $0 == 0 } && size == cosigned && size == last ? () : nil
        }
    }
}
