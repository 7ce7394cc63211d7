import NIOCore
package import NIOHTTP1
import NIOPosix
import Primitives

/// Small HTTP/1.1 requests to addresses that the operator configured: witnesses and webhooks.
package enum HTTPClient {
    package struct Response: Sendable {
        package let status: Int
        package let headers: HTTPHeaders
        package let body: [UInt8]
    }

    /// Longest answer that is read; a longer one is an error.
    package static let bodyByteCountMax = 1 << 20

    /// One request on a connection of its own.
    ///
    /// - Parameter url: `http://host[:port]/path`; TLS is not spoken here.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for another kind of URL, ``IndelibleError/Code/unavailable`` when
    ///   the peer cannot be reached or breaks off, ``IndelibleError/Code/deadlineExceeded`` after `seconds`.
    package static func request(
        _ method: HTTPMethod,
        _ url: String,
        body: [UInt8] = [],
        headers: HTTPHeaders = [:],
        seconds: Int64 = 5,
    ) async throws -> Response {
        let (host, port, path) = try Self.parse(url)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Response.self)
        var all = headers
        all.replaceOrAdd(name: "Host", value: "\(host):\(port)")
        all.replaceOrAdd(name: "Content-Length", value: String(body.count))
        all.replaceOrAdd(name: "Connection", value: "close")
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: all)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: loop)
                .connectTimeout(.seconds(seconds))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(ResponseCollector(promise: promise))
                    }
                }
                .connect(host: host, port: port).get()
        } catch {
            promise.fail(error)
            _ = try? await promise.futureResult.get()
            throw IndelibleError(
                .unavailable,
                "Could not reach \(url). Check that it runs and that the address is right.",
                cause: error,
            )
        }
        let timeout = loop.scheduleTask(in: .seconds(seconds)) {
            promise.fail(IndelibleError(.deadlineExceeded, "\(url) did not answer within \(seconds) s."))
        }
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if !body.isEmpty {
            channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        defer {
            timeout.cancel()
            channel.close(promise: nil)
        }
        return try await promise.futureResult.get()
    }

    private static func parse(_ url: String) throws(IndelibleError) -> (host: String, port: Int, path: String) {
        let scheme = "http://"
        let rest = url.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        let path = slash == rest.endIndex ? "/" : String(rest[slash...])
        let colon = authority.lastIndex(of: ":")
        let host = colon.map { String(authority[..<$0]) } ?? String(authority)
        let port = colon.map { Int(authority[authority.index(after: $0)...]) } ?? 80
        guard url.hasPrefix(scheme), !host.isEmpty, let port, (1...65_535).contains(port) else {
            throw IndelibleError(.invalidArgument, "\(url) is not of the form http://host:port/path.")
        }
        return (host, port, path)
    }
}

/// Puts a response together and hands it over once.
private final class ResponseCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<HTTPClient.Response>
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []

    init(promise: EventLoopPromise<HTTPClient.Response>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let part):
            guard self.body.count + part.readableBytes <= HTTPClient.bodyByteCountMax else {
                self.promise.fail(
                    IndelibleError(.outOfRange, "The answer is longer than \(HTTPClient.bodyByteCountMax) bytes.")
                )
                return context.close(promise: nil)
            }
            self.body += part.readableBytesView
        case .end:
            guard let head = self.head else { return }
            self.promise.succeed(.init(status: Int(head.status.code), headers: head.headers, body: self.body))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.promise.fail(IndelibleError(.unavailable, "The peer closed the connection before it had answered."))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.promise.fail(error)
        context.close(promise: nil)
    }
}
