import AuditModel
import Cryptography
package import EventFormats
import JSONText
import NIOHTTP1
import Primitives
package import ServiceKit

/// `POST /v1/events`: records of any kind that the importer reads, and events in our own JSON.
package struct EventsAdapter: CollectionAdapter {
    /// Bytes of an Idempotency-Key.
    private static let keyByteCountMax = 255
    private static let lineTypes = [
        "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
        "application/json-lines",
    ]

    private let intake: Intake
    private let limits: CollectionLimits

    package init(_ intake: Intake, limits: CollectionLimits = CollectionLimits()) {
        self.intake = intake
        self.limits = limits
    }

    package func take(_ request: CollectionRequest) async throws -> HTTPReply {
        let body = try Self.kind(of: request)
        let normalizer = try self.normalizer(request)
        let parts = try body.split(request.body, self.limits)
        let (key, seed) = try self.identity(request)
        let items = try parts.enumerated().map { number, part throws(IndelibleError) in
            try normalizer.item(part, number, request, seed: seed)
        }
        let results = try await self.intake.take(items, adapter: "events", key: key)
        return Self.reply(results, isMinimal: request.header("Prefer")?.contains("return=minimal") == true)
    }

    /// A web page may send other types without being asked whether it may: they are refused.
    private static func kind(of request: CollectionRequest) throws(IndelibleError) -> RecordBody {
        let type = request.mediaType
        if type == "application/json" || type.hasSuffix("+json") { return .json }
        guard Self.lineTypes.contains(type) else {
            throw IndelibleError(
                .unimplemented,
                "Content-Type is application/json for a record or an array of them, or application/x-ndjson for one a line.",
            )
        }
        return .lines
    }

    private func normalizer(_ request: CollectionRequest) throws(IndelibleError) -> EventNormalizer {
        var normalizer = self.intake.normalizer(source: request.query("source"), self.limits)
        if let name = request.query("format") {
            guard let format = SourceFormat(rawValue: name) else {
                let known = SourceFormat.allCases.map(\.rawValue).joined(separator: ", ")
                throw IndelibleError(.invalidArgument, "format is one of: \(known).")
            }
            normalizer.format = format
        }
        normalizer.takesNative = normalizer.format == nil
        return normalizer
    }

    /// What makes a repeat a repeat, and what the ids of the events are made of beside the records.
    private func identity(_ request: CollectionRequest) throws(IndelibleError) -> (key: IntakeKey, seed: [UInt8]) {
        guard let text = request.header("Idempotency-Key") else { return (.none, try SecureRandom.bytes(16)) }
        guard 1...Self.keyByteCountMax ~= text.utf8.count else {
            throw IndelibleError(
                .invalidArgument,
                "Idempotency-Key has \(text.utf8.count) bytes. Use 1 to \(Self.keyByteCountMax).",
            )
        }
        let key = try SHA256.hash(Array("indelible/request-key/v1\n/v1/events\n\(text)".utf8))
        return (.request(key: key, content: try SHA256.hash(request.body)), key.bytes)
    }

    static func reply(_ results: [IntakeResult], isMinimal: Bool) -> HTTPReply {
        let taken = results.count(where: \.isTaken)
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("accepted", taken)
            writer.member("rejected", results.count - taken)
            writer.key("results")
            writer.array { writer in
                for (position, result) in results.enumerated() where !isMinimal || !result.isTaken {
                    Self.write(result, position, to: &writer)
                }
            }
        }
        let status: HTTPResponseStatus = taken == results.count ? .ok : taken > 0 ? .multiStatus : .badRequest
        return HTTPReply(status, text: writer.text + "\n", contentType: "application/json")
    }

    private static func write(_ result: IntakeResult, _ position: Int, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("item", position)
            switch result {
            case .taken(let id, let index, let isRepeat):
                writer.member("id", "\(id)")
                writer.key("index")
                if let index { writer.integer(index) } else { writer.null() }
                if isRepeat {
                    writer.member("duplicate", true)
                }
            case .refused(let reason):
                writer.member("error", reason)
            }
        }
    }
}
