import AuditModel
import Foundation
import IndelibleClient
import JSONText
import NIOHTTP1
import Primitives
import ProtobufC
import ServiceKit

/// An ingest process and a client of it.
struct TestIngest: Sendable {
    /// Where its ledger's ready file is looked for.
    static let ledgerFile = "ledger-of-ingests.json"

    let program: Program
    let http: String
    let client: IngestClient

    /// - Parameters:
    ///   - data: name of its directory.
    ///   - name: of its key; that of its directory when not given.
    static func start(
        in directory: TestDirectory,
        _ data: String,
        name: String? = nil,
        _ arguments: [String] = [],
    ) async throws -> TestIngest {
        let file = "ready-\(UUID().uuidString).json"
        let program = try Program(
            Program.ours("indelible-ingest"),
            [
                "--data", directory.path(data), "--collector", name ?? data, "--listen", "127.0.0.1:0",
                "--http", "127.0.0.1:0", "--ledger", "@" + directory.path(Self.ledgerFile), "--ready-file",
                directory.path(file), "--no-lifecycle-records",
            ] + arguments,
            in: directory,
        )
        let addresses = try await program.ready(file)
        guard let rpc = addresses["rpc"]?.string, let http = addresses["http"]?.string else {
            throw Unexpected("the ingest does not say where it listens")
        }
        let client = IngestClient(try ServiceAddress(parsing: rpc), software: "system-tests", retry: .none)
        return TestIngest(program: program, http: http, client: client)
    }

    func stop() async throws {
        await self.client.close()
        let result = try await self.program.stop()
        guard result.status == 0 else {
            throw Unexpected("the ingest ended with \(result.status): \(result.errors.suffix(2_000))")
        }
    }

    /// The value of a metric without labels.
    func metric(_ name: String) async throws -> Int? {
        let page = try await HTTPClient.request(.GET, "http://\(self.http)/metrics")
        let line = String(decoding: page.body, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Int($0.dropFirst(name.utf8.count + 1)) }
    }
}

/// The smallest event that an ingest takes.
enum TestEvent {
    static func event(actor: String, number: UInt64) -> AuditEvent {
        var event = AuditEvent()
        event.id = EventID(unixMilliseconds: number, randomness: (number, number))
        event.occurredNanoseconds = 1
        event.source = "system-tests"
        event.actor.id = actor
        event.action = "door.open"
        return event
    }

    /// - Returns: `nil` for an entry that is no event.
    static func actor(of entry: [UInt8]) throws -> String? {
        guard case .event(let event) = try Entry(serialized: entry).body else { return nil }
        return try AuditEvent(serialized: event).actor.id
    }
}
