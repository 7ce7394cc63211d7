import JSONText
package import NIOHTTP1
package import Primitives
package import ServiceKit

/// One protocol over HTTP: reads its requests, and answers in its own way.
package protocol CollectionAdapter: Sendable {
    /// Takes in what the request holds; returns when that is safe.
    func take(_ request: CollectionRequest) async throws -> HTTPReply
    /// How the protocol says that a request failed as a whole.
    func reply(to error: IndelibleError) -> HTTPReply
    /// For senders that look before they send; `nil` where the protocol has no such thing.
    func answerToGet(_ request: CollectionRequest) -> HTTPReply?
}

extension CollectionAdapter {
    package func reply(to error: IndelibleError) -> HTTPReply { HTTPReply(error: error) }
    package func answerToGet(_ request: CollectionRequest) -> HTTPReply? { nil }
}

extension HTTPReply {
    /// `{"error":"…"}` with the status that tells a sender whether to try again.
    package init(error: IndelibleError) {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("error", error.message)
        }
        self.init(HTTPResponseStatus(error.code), text: writer.text + "\n", contentType: "application/json")
        if let seconds = Self.retrySeconds(error.code) { self.headers.add(name: "Retry-After", value: "\(seconds)") }
    }

    /// `nil` when trying again is of no use.
    package static func retrySeconds(_ code: IndelibleError.Code) -> Int? {
        switch code {
        case .resourceExhausted, .aborted: 1
        case .unavailable, .deadlineExceeded, .internal, .dataLoss: 5
        default: nil
        }
    }
}

extension HTTPResponseStatus {
    package init(_ code: IndelibleError.Code) {
        switch code {
        case .invalidArgument: self = .badRequest
        case .notFound: self = .notFound
        case .alreadyExists: self = .unprocessableEntity
        case .permissionDenied: self = .forbidden
        case .unauthenticated: self = .unauthorized
        case .resourceExhausted: self = .tooManyRequests
        case .failedPrecondition, .aborted: self = .conflict
        case .outOfRange: self = .payloadTooLarge
        case .unimplemented: self = .unsupportedMediaType
        case .unavailable, .deadlineExceeded: self = .serviceUnavailable
        case .internal, .dataLoss, .cancelled: self = .internalServerError
        }
    }
}
