import NIOCore
package import NIOHTTP1
import NIOPosix
import Primitives
package import Transport

/// Small HTTP/1.1 requests to addresses that the operator configured: witnesses and webhooks.
package enum HTTPClient {
    package struct Response: Sendable {
        package let status: Int
        package let headers: HTTPHeaders
        package let body: [UInt8]
    }

    /// Longest answer that is read unless more is asked for; a longer one is an error.
    package static let bodyByteCountMax = 1 << 20

    /// One request on a connection of its own.
    ///
    /// - Parameters:
    ///   - method: GET, POST and so on.
    ///   - url: `http://host[:port]/path` or `https://host[:port]/path`.
    ///   - body: of the request.
    ///   - headers: besides those that every request has.
    ///   - seconds: that all of it may take.
    ///   - byteCountMax: longest answer.
    ///   - tls: for `https`; `nil` trusts the system's authorities.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for another kind of URL, ``IndelibleError/Code/unavailable`` when
    ///   the peer cannot be reached or breaks off, ``IndelibleError/Code/deadlineExceeded`` after `seconds`.
    package static func request(
        _ method: HTTPMethod,
        _ url: String,
        body: [UInt8] = [],
        headers: HTTPHeaders = [:],
        seconds: Int64 = 5,
        byteCountMax: Int = HTTPClient.bodyByteCountMax,
        tls: ClientTLS? = nil,
    ) async throws -> Response {
        let (isSecure, host, port, path) = try Self.parse(url)
        let tls = isSecure ? try tls ?? ClientTLS(authorities: nil) : nil
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
                        try tls?.install(in: channel.pipeline.syncOperations, host: host)
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(
                            ResponseCollector(promise: promise, byteCountMax: byteCountMax)
                        )
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

    private static func parse(
        _ url: String
    ) throws(IndelibleError) -> (isSecure: Bool, host: String, port: Int, path: String) {
        let isSecure = url.hasPrefix("https://")
        let scheme = isSecure ? "https://" : "http://"
        let rest = url.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        let path = slash == rest.endIndex ? "/" : String(rest[slash...])
        let colon = authority.lastIndex(of: ":")
        let host = colon.map { String(authority[..<$0]) } ?? String(authority)
        let port = colon.map { Int(authority[authority.index(after: $0)...]) } ?? (isSecure ? 443 : 80)
        guard url.hasPrefix(scheme), !host.isEmpty, let port, (1...65_535).contains(port) else {
            throw IndelibleError(.invalidArgument, "\(url) is not of the form http[s]://host:port/path.")
        }
        return (isSecure, host, port, path)
    }
}

/// Puts a response together and hands it over once.
private final class ResponseCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<HTTPClient.Response>
    private let byteCountMax: Int
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []

    init(promise: EventLoopPromise<HTTPClient.Response>, byteCountMax: Int) {
        self.promise = promise
        self.byteCountMax = byteCountMax
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let part):
            guard self.body.count + part.readableBytes <= self.byteCountMax else {
                self.promise.fail(
                    IndelibleError(.outOfRange, "The answer is longer than \(self.byteCountMax) bytes.")
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
