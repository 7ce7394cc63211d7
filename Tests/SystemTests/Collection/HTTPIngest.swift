import AuditModel
import IndelibleClient
import Foundation
import JSONText
import NIOHTTP1
import Primitives
import ProtobufC
import ServiceKit
import ServiceProtocol

/// A collector process in front of a ledger.
struct HTTPIngest: Sendable {
    static let collector = "log.example/system-ingest"

    let program: Program
    /// Base URLs.
    let http: String
    let otlp: String?
    /// `host:port` of its other listeners, by their names in the ready file.
    var others: [String: String] = [:]

    /// What an adapter answered.
    struct Reply: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let bytes: [UInt8]

        var json: JSONValue { get throws { try JSONValue(parsing: self.bytes, what: "the reply") } }
        var text: String { String(decoding: self.bytes, as: UTF8.self) }
    }

    static func start(
        in directory: TestDirectory,
        ledger: String,
        data: String = "ingest",
        _ arguments: [String] = [],
    ) async throws -> HTTPIngest {
        let file = "ready-\(UUID().uuidString).json"
        let program = try Program(
            Program.ours("indelible-ingest"),
            [
                "--data", directory.path(data), "--collector", Self.collector, "--ledger", ledger,
                "--ready-file", directory.path(file), "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0",
            ] + arguments,
            in: directory,
        )
        let addresses = try await program.ready(file)
        guard let http = addresses["http"]?.string else { throw Unexpected("the ingest does not say where it listens") }
        return HTTPIngest(
            program: program,
            http: "http://\(http)",
            otlp: addresses["otlp"]?.string.map { "http://\($0)" },
            others: Dictionary(
                uniqueKeysWithValues: ["rpc", "syslog_tcp", "syslog_tls", "syslog_udp"].compactMap { name in
                    addresses[name]?.string.map { (name, $0) }
                }
            ),
        )
    }

    func post(
        _ path: String,
        _ body: [UInt8],
        type: String? = "application/json",
        _ headers: HTTPHeaders = [:],
    ) async throws -> Reply {
        var headers = headers
        if let type { headers.add(name: "Content-Type", value: type) }
        let response = try await HTTPClient.request(.POST, self.http + path, body: body, headers: headers, seconds: 60)
        return Reply(status: response.status, headers: response.headers, bytes: response.body)
    }

    func post(
        _ path: String,
        _ body: String,
        type: String? = "application/json",
        _ headers: HTTPHeaders = [:],
    ) async throws -> Reply {
        try await self.post(path, Array(body.utf8), type: type, headers)
    }
}

extension TestLedger {
    /// All events in the log, in order.
    func events() async throws -> [AuditEvent] {
        let size = try await self.client.status().durableSize
        return try await self.entries(to: size).compactMap { bytes -> AuditEvent? in
            guard case .event(let event) = try Entry(serialized: bytes).body else { return nil }
            return try AuditEvent(serialized: event)
        }
    }
}

extension HTTPIngest {
    func get(_ path: String) async throws -> Reply {
        let response = try await HTTPClient.request(.GET, self.http + path, seconds: 60)
        return Reply(status: response.status, headers: response.headers, bytes: response.body)
    }
}
