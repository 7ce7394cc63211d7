import Cryptography
package import EventFormats
import JSONText
import NIOHTTP1
import Primitives
package import ServiceKit

/// CloudEvents 1.0 over HTTP: structured, batched and binary mode.
///
/// A producer names each event by `source` and `id` (specification, section 3.1): an event that comes again is taken once.
package struct CloudEventsAdapter: CollectionAdapter {
    private let intake: Intake
    private let limits: CollectionLimits

    package init(_ intake: Intake, limits: CollectionLimits = CollectionLimits()) {
        self.intake = intake
        self.limits = limits
    }

    package func take(_ request: CollectionRequest) async throws -> HTTPReply {
        let request = try self.structured(request)
        let parts = try RecordBody.json.split(request.body, self.limits)
        let normalizer = self.intake.normalizer(self.limits)
        var items: [IntakeItem] = []
        var keys: [Digest] = []
        for part in parts {
            let item = try normalizer.item(part, 0, request, seed: [], in: .cloudEvent)
            items.append(item)
            keys.append(try Self.key(of: request.body[part.range]))
        }
        let results = try await self.intake.take(items, adapter: "cloudevents", key: .records(keys))
        return EventsAdapter.reply(results, isMinimal: false)
    }

    /// By the record as it came: what is masked in it must not make different events look the same.
    private static func key(of record: ArraySlice<UInt8>) throws(IndelibleError) -> Digest {
        let record = Array(record)
        let names = RecordNames.read(["source", "id"], of: record)
        guard let source = names[0], let id = names[1] else { return try SHA256.hash(record) }
        return try SHA256.hash(Array("indelible/cloudevents/v1\n\(source)\n\(id)".utf8))
    }

    /// The request in structured mode, whichever mode it came in.
    private func structured(_ request: CollectionRequest) throws(IndelibleError) -> CollectionRequest {
        switch request.mediaType {
        case "application/cloudevents+json", "application/cloudevents-batch+json": return request
        default:
            guard request.header("ce-specversion") != nil else {
                throw IndelibleError(
                    .unimplemented,
                    "Content-Type is application/cloudevents+json, application/cloudevents-batch+json, or any other with ce- headers.",
                )
            }
            return request.with(body: try self.binary(request))
        }
    }

    /// HTTP protocol binding, section 3.1: attributes are headers, the body is the data.
    private func binary(_ request: CollectionRequest) throws(IndelibleError) -> [UInt8] {
        var object = JSONObject()
        for header in request.headers {
            let name = header.name.lowercased()
            guard name.hasPrefix("ce-") else { continue }
            guard object.append(String(name.dropFirst(3)), .string(CollectionRequest.decoded(header.value))) else {
                throw IndelibleError(.invalidArgument, "The header \(name) occurs twice.")
            }
        }
        let type = request.mediaType
        if !type.isEmpty { object.append("datacontenttype", .string(type)) }
        if type == "application/json" || type.hasSuffix("+json") {
            object.append(
                "data",
                try JSONValue(parsing: request.body, options: self.limits.recordOptions, what: "The data"),
            )
        } else if let text = String(validating: request.body, as: UTF8.self) {
            if !text.isEmpty { object.append("data", .string(text)) }
        } else {
            object.append("data_hex", .string(Hex.encode(request.body)))
        }
        return Array(JSONValue.object(object).text().utf8)
    }
}
