import Cryptography
package import EventFormats
import JSONText
import NIOCore
import NIOHTTP1
import Primitives
import ProtobufC
package import ServiceKit

/// OTLP/HTTP: `/v1/logs` or `/v1/traces`, in protobuf or JSON, with partial-success answers.
///
/// Exporters send the same bytes again until they are answered, so a body is its own key: repeated, it adds nothing.
package struct OTLPAdapter: CollectionAdapter {
    private let signal: OTLPItem.Signal
    private let intake: Intake
    private let limits: CollectionLimits

    package init(_ signal: OTLPItem.Signal, _ intake: Intake, limits: CollectionLimits = CollectionLimits()) {
        self.signal = signal
        self.intake = intake
        self.limits = limits
    }

    package func take(_ request: CollectionRequest) async throws -> HTTPReply {
        let isJSON = try Self.isJSON(request)
        do {
            let items =
                isJSON
                ? try OTLPJSON.items(self.signal, request.body, self.limits)
                : try OTLPProtobuf.items(self.signal, request.body, self.limits)
            guard items.count <= self.limits.recordCountMax else {
                throw IndelibleError(
                    .outOfRange,
                    "The body holds \(items.count) items; a request may have \(self.limits.recordCountMax).",
                )
            }
            guard !items.isEmpty else { return self.reply(rejected: 0, reason: "", isJSON: isJSON) }
            let content = try SHA256.hash(request.body)
            let normalizer = self.intake.normalizer(self.limits)
            let prepared = try items.enumerated().map { number, item throws(IndelibleError) in
                try self.prepare(item, number, normalizer, request, seed: content.bytes)
            }
            let results = try await self.intake.take(
                prepared,
                adapter: "otlp.\(self.signal.rawValue)",
                key: .request(key: content, content: content),
            )
            let reasons = results.compactMap { result -> String? in
                guard case .refused(let reason) = result else { return nil }
                return reason
            }
            return self.reply(rejected: reasons.count, reason: reasons.first ?? "", isJSON: isJSON)
        } catch let error as IndelibleError {
            return Self.failure(error, isJSON: isJSON)
        }
    }

    private static func isJSON(_ request: CollectionRequest) throws(IndelibleError) -> Bool {
        switch request.mediaType {
        case "application/x-protobuf": return false
        case "application/json": return true
        default:
            throw IndelibleError(.unimplemented, "Content-Type is application/x-protobuf or application/json.")
        }
    }

    private func prepare(
        _ item: OTLPItem,
        _ number: Int,
        _ normalizer: EventNormalizer,
        _ request: CollectionRequest,
        seed: [UInt8],
    ) throws(IndelibleError) -> IntakeItem {
        do throws(IndelibleError) {
            return .event(
                try item.event(
                    normalizer,
                    number: number,
                    receivedNanoseconds: request.receivedNanoseconds,
                    seed: seed,
                )
            )
        } catch {
            guard error.code == .invalidArgument else { throw error }
            return .refused(reason: error.message, record: Array(item.name.utf8))
        }
    }

    /// ExportLogsServiceResponse or ExportTraceServiceResponse; their partial success has the same numbers.
    private func reply(rejected: Int, reason: String, isJSON: Bool) -> HTTPReply {
        guard isJSON else {
            var response = ProtoWriter()
            if rejected > 0 {
                var partial = ProtoWriter()
                partial.varint(1, UInt64(rejected))
                partial.text(2, reason)
                response.bytes(1, partial.bytes)
            }
            return HTTPReply(.ok, "application/x-protobuf", body: ByteBuffer(bytes: response.bytes))
        }
        var writer = JSONWriter()
        writer.object { writer in
            guard rejected > 0 else { return }
            writer.member("partialSuccess") { writer in
                writer.member(self.signal == .log ? "rejectedLogRecords" : "rejectedSpans", "\(rejected)")
                writer.member("errorMessage", reason)
            }
        }
        return HTTPReply(.ok, text: writer.text, contentType: "application/json")
    }

    /// A google.rpc.Status in the request's encoding, with a status that exporters retry when trying again is of use.
    private static func failure(_ error: IndelibleError, isJSON: Bool) -> HTTPReply {
        // Exporters give up at a 409.
        let status = error.code == .aborted ? .serviceUnavailable : HTTPResponseStatus(error.code)
        var reply: HTTPReply
        if isJSON {
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("code", error.code.rawValue)
                writer.member("message", error.message)
            }
            reply = HTTPReply(status, text: writer.text, contentType: "application/json")
        } else {
            var writer = ProtoWriter()
            writer.varint(1, UInt64(error.code.rawValue))
            writer.text(2, error.message)
            reply = HTTPReply(status, "application/x-protobuf", body: ByteBuffer(bytes: writer.bytes))
        }
        if let seconds = HTTPReply.retrySeconds(error.code) {
            reply.headers.add(name: "Retry-After", value: "\(seconds)")
        }
        return reply
    }
}
