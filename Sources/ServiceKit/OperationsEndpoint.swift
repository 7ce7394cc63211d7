import NIOCore
import NIOHTTP1

/// `/healthz` and `/metrics`, the same for every service.
package struct OperationsEndpoint: Sendable {
    /// `nil` when all is well, else what is wrong, for people.
    package typealias Health = @Sendable () -> String?

    private let metrics: Metrics
    private let health: Health

    package init(metrics: Metrics, health: @escaping Health) {
        self.metrics = metrics
        self.health = health
    }

    /// - Returns: `nil` when the path is somebody else's.
    package func reply(to request: HTTPRequest) -> HTTPReply? {
        guard request.path == "/healthz" || request.path == "/metrics" else { return nil }
        guard request.method == .GET || request.method == .HEAD else {
            return HTTPReply(.methodNotAllowed, text: "Use GET.\n")
        }
        guard request.path == "/healthz" else {
            return HTTPReply(.ok, text: self.metrics.render(), contentType: "text/plain; version=0.0.4; charset=utf-8")
        }
        let problem = self.health()
        return HTTPReply(problem == nil ? .ok : .serviceUnavailable, text: (problem ?? "ok") + "\n")
    }

    /// A handler for a service that serves nothing else over HTTP.
    package var handler: HTTPServer.Handler {
        { request, loop in
            loop.makeSucceededFuture(self.reply(to: request) ?? HTTPReply(.notFound, text: "Not found.\n"))
        }
    }
}
