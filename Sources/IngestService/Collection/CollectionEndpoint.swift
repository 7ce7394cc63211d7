package import EventFormats
import NIOCore
package import NIOHTTP1
import Platform
import Primitives
package import ServiceKit
import Wire

/// What answers on a collector's HTTP listener: an adapter for each path, beside health and metrics.
///
/// Everything that holds for all protocols is done here: methods, compression, limits, and the status of failures.
package struct CollectionEndpoint: Sendable {
    /// A path of its own, or, with a slash at its end, everything below it.
    package typealias Routes = [(path: String, adapter: any CollectionAdapter)]

    private let routes: Routes
    private let operations: OperationsEndpoint?
    private let limits: CollectionLimits
    /// Decompressed bodies that are being taken in.
    private let bodies: ByteBudget

    /// - Parameters:
    ///   - operations: `nil` for a listener that serves neither health nor metrics.
    ///   - bodiesByteCountMax: bytes of decompressed bodies that are held at once; beyond it requests get 503.
    package init(
        routes: Routes,
        operations: OperationsEndpoint?,
        limits: CollectionLimits = CollectionLimits(),
        bodiesByteCountMax: Int = 256 << 20,
    ) {
        self.routes = routes
        self.operations = operations
        self.limits = limits
        self.bodies = ByteBudget(max: bodiesByteCountMax)
    }

    /// What is asked of a request before its body is read.
    package func rule(_ head: HTTPRequestHead) -> HTTPServer.Rule {
        let path = head.uri.prefix { $0 != "?" }
        guard self.route(String(path)) != nil else { return HTTPServer.Rule() }
        // Looking is for readers too.
        let readers = head.method == .GET ? HTTPServer.readers : []
        return HTTPServer.Rule(
            roles: readers.union([.writer, .admin]),
            bodyByteCountMax: self.limits.bodyByteCountMax,
        )
    }

    package var handler: HTTPServer.Handler {
        { request, loop in
            if let reply = self.operations?.reply(to: request) { return loop.makeSucceededFuture(reply) }
            guard let (adapter, rest) = self.route(request.path) else {
                return loop.makeSucceededFuture(HTTPReply(.notFound, text: "Not found.\n"))
            }
            if request.method == .GET, let reply = adapter.answerToGet(Self.request(request, rest, [])) {
                return loop.makeSucceededFuture(reply)
            }
            guard request.method == .POST || request.method == .PUT else {
                var reply = HTTPReply(.methodNotAllowed, text: "Use POST.\n")
                reply.headers.add(name: "Allow", value: "POST")
                return loop.makeSucceededFuture(reply)
            }
            return loop.makeFutureWithTask { await self.answer(request, rest, adapter) }
        }
    }

    private func route(_ path: String) -> (adapter: any CollectionAdapter, rest: String)? {
        for route in self.routes {
            if route.path == path { return (route.adapter, "") }
            guard route.path.hasSuffix("/"), path.hasPrefix(route.path) else { continue }
            return (route.adapter, CollectionRequest.decoded(path.dropFirst(route.path.count)))
        }
        return nil
    }

    private func answer(_ request: HTTPRequest, _ rest: String, _ adapter: any CollectionAdapter) async -> HTTPReply {
        do {
            let body = try self.body(of: request)
            guard self.bodies.take(body.count) else {
                throw IndelibleError(.unavailable, "Too many requests are being taken in. Try again a little later.")
            }
            defer { self.bodies.release(body.count) }
            return try await adapter.take(Self.request(request, rest, body))
        } catch let error as IndelibleError {
            return adapter.reply(to: error)
        } catch {
            return adapter.reply(to: IndelibleError(.internal, "The request failed. The server's log has more."))
        }
    }

    private static func request(_ request: HTTPRequest, _ rest: String, _ body: [UInt8]) -> CollectionRequest {
        CollectionRequest(
            rest: rest,
            query: request.query ?? "",
            headers: request.headers,
            body: body,
            receivedNanoseconds: SystemClock.wallNanoseconds,
        )
    }

    private func body(of request: HTTPRequest) throws(IndelibleError) -> [UInt8] {
        let body = Array(request.body.readableBytesView)
        let encoding = request.headers.first(name: "Content-Encoding")?.trimmed.lowercased() ?? ""
        switch encoding {
        case "", "identity": return body
        case "gzip", "x-gzip": return try GzipBody.decompress(body, self.limits)
        default:
            throw IndelibleError(.unimplemented, "Content-Encoding may be gzip or identity. Send the body so.")
        }
    }
}
