import Cryptography
package import EventFormats
import JSONText
import NIOHTTP1
package import Primitives
package import ServiceKit

/// Splunk's HTTP Event Collector, `/services/collector/event`: events as JSON objects, one after the other.
///
/// A body is its own key, as for OTLP. Answers have HEC's codes.
package struct SplunkAdapter: CollectionAdapter {
    /// HEC's codes.
    private enum Code: Int {
        case success = 0
        case tokenRequired = 2
        case invalidToken = 4
        case noData = 5
        case invalidFormat = 6
        case serverError = 8
        case serverBusy = 9
    }

    private let intake: Intake
    private let token: [UInt8]?
    private let limits: CollectionLimits

    /// - Parameter token: what `Authorization: Splunk …` must hold; `nil` asks for none.
    package init(_ intake: Intake, token: [UInt8]?, limits: CollectionLimits = CollectionLimits()) {
        self.intake = intake
        self.token = token
        self.limits = limits
    }

    package func take(_ request: CollectionRequest) async throws -> HTTPReply {
        if let refusal = self.refusal(request) { return refusal }
        guard request.body.contains(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }) else {
            return Self.reply(.badRequest, .noData, "No data")
        }
        let parts = try RecordBody.sequence.split(request.body, self.limits)
        let key = try SHA256.hash(Array("indelible/hec/v1\n".utf8), request.body)
        let normalizer = self.intake.normalizer(self.limits)
        let items = try parts.enumerated().map { number, part throws(IndelibleError) in
            try normalizer.item(part, number, request, seed: key.bytes, in: .hec)
        }
        let results = try await self.intake.take(items, adapter: "hec", key: .request(key: key, content: key))
        guard let bad = results.firstIndex(where: { !$0.isTaken }), case .refused(let reason) = results[bad] else {
            return Self.reply(.ok, .success, "Success")
        }
        return Self.reply(
            .badRequest,
            .invalidFormat,
            "Invalid data format: \(reason); \(results.count(where: \.isTaken)) of \(results.count) events were taken",
            invalidEvent: bad,
        )
    }

    package func reply(to error: IndelibleError) -> HTTPReply {
        let code: Code =
            switch error.code {
            case .invalidArgument, .outOfRange, .unimplemented: .invalidFormat
            case .resourceExhausted, .unavailable, .aborted: .serverBusy
            default: .serverError
            }
        let status = code == .serverBusy ? .serviceUnavailable : HTTPResponseStatus(error.code)
        var reply = Self.reply(status, code, error.message)
        if let seconds = HTTPReply.retrySeconds(error.code) {
            reply.headers.add(name: "Retry-After", value: "\(seconds)")
        }
        return reply
    }

    /// Senders look here whether they may start.
    package func answerToGet(_ request: CollectionRequest) -> HTTPReply? {
        HTTPReply(.ok, text: #"{"text":"HEC is healthy","code":17}"#, contentType: "application/json")
    }

    private func refusal(_ request: CollectionRequest) -> HTTPReply? {
        guard let token = self.token else { return nil }
        guard let given = request.header("Authorization") else {
            return Self.reply(.unauthorized, .tokenRequired, "Token is required")
        }
        let prefix = "Splunk "
        guard given.hasPrefix(prefix), ConstantTime.equal(Array(given.dropFirst(prefix.count).utf8), token) else {
            return Self.reply(.forbidden, .invalidToken, "Invalid token")
        }
        return nil
    }

    private static func reply(
        _ status: HTTPResponseStatus,
        _ code: Code,
        _ text: String,
        invalidEvent: Int? = nil,
    ) -> HTTPReply {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("text", text)
            writer.member("code", code.rawValue)
            if let invalidEvent {
                writer.member("invalid-event-number", invalidEvent)
            }
        }
        return HTTPReply(status, text: writer.text, contentType: "application/json")
    }
}
