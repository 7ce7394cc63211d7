package import Logging
package import NIOCore
package import NIOHTTP1
import NIOPosix
import Primitives
package import Transport
package import Wire
import Synchronization

/// What a handler is given: a whole request, within the server's limits.
package struct HTTPRequest: Sendable {
    package let method: HTTPMethod
    /// As sent, without the query.
    package let path: String
    package let query: String?
    package let headers: HTTPHeaders
    package let body: ByteBuffer
}

/// What a handler gives back.
package struct HTTPReply: Sendable {
    package var status: HTTPResponseStatus
    package var headers: HTTPHeaders
    package var body: ByteBuffer

    package init(
        _ status: HTTPResponseStatus,
        _ contentType: String = "text/plain; charset=utf-8",
        body: ByteBuffer = ByteBuffer(),
    ) {
        self.status = status
        self.headers = ["Content-Type": contentType]
        self.body = body
    }

    package init(
        _ status: HTTPResponseStatus,
        text: String,
        contentType: String = "text/plain; charset=utf-8",
    ) {
        self.init(status, contentType, body: ByteBuffer(string: text))
    }
}

/// A small HTTP/1.1 server for the edges: tiles, the witness endpoint, health and metrics.
///
/// Runs on one thread of its own, so that a slow disk behind a handler does not hold up anything else.
package final class HTTPServer: Sendable {
    package typealias Handler = @Sendable (HTTPRequest, any EventLoop) -> EventLoopFuture<HTTPReply>

    package struct Limits: Sendable {
        /// Bytes of a request's body.
        package var bodyByteCountMax = 128 << 10
        /// Connections open at once; more are closed when accepted.
        package var connectionsMax = 4096
        /// A connection that sends no whole request for so long is closed.
        package var idleSeconds: Int64 = 60

        package init() {}
    }

    /// Who may call, where the listener asks for certificates: everybody who may read.
    package static let readers: Set<Role> = [.reader, .analyzer, .verifier, .admin]

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: any Channel
    /// Where it listens; with port 0 in the configuration this is the port that the system chose.
    package let address: SocketAddress

    /// Binds and starts to serve.
    ///
    /// - Throws: ``IndelibleError/Code/unavailable`` when the address cannot be bound.
    package init(
        host: String,
        port: Int,
        tls: TLSSettings? = nil,
        allowInsecureRemote: Bool = false,
        roles: Set<Role> = HTTPServer.readers,
        limits: Limits = Limits(),
        logger: Logger,
        handler: @escaping Handler,
    ) async throws {
        let tls = try tls.map { try ServerTLS($0) }
        let asksForCertificates = tls?.asksForCertificates ?? false
        guard Endpoint(host: host, port: port).isLoopback || asksForCertificates || allowInsecureRemote else {
            throw IndelibleError(
                .failedPrecondition,
                "HTTP on \(host) is not loopback, so it needs mutual TLS: pass --tls-cert, --tls-key and --tls-ca, "
                    + "or listen on 127.0.0.1.",
            )
        }
        let connections = ConnectionCount(max: limits.connectionsMax)
        let bootstrap = ServerBootstrap(group: self.group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                guard connections.enter() else { return channel.close() }
                channel.closeFuture.whenComplete { _ in connections.leave() }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try tls?.install(in: pipeline)
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(IdleStateHandler(readTimeout: .seconds(limits.idleSeconds)))
                    try pipeline.addHandler(
                        HTTPExchange(limits: limits, roles: asksForCertificates ? roles : nil, handler: handler)
                    )
                }
            }
        do {
            self.channel = try await bootstrap.bind(host: host, port: port).get()
        } catch {
            throw IndelibleError(
                .unavailable,
                "Could not listen for HTTP on \(host):\(port). Stop whatever holds the port, or choose another.",
                cause: error,
            )
        }
        guard let address = self.channel.localAddress else {
            throw IndelibleError(.internal, "The HTTP listener has no address.")
        }
        self.address = address
        logger.info("serving HTTP", metadata: ["address": "\(address)"])
    }

    /// Stops accepting and closes what is open.
    package func shutdown() async {
        try? await self.channel.close()
        try? await self.group.shutdownGracefully()
    }
}

/// Connections open now, bounded.
private final class ConnectionCount: Sendable {
    private let count = Mutex(0)
    private let max: Int

    init(max: Int) { self.max = max }

    func enter() -> Bool {
        self.count.withLock { count in
            guard count < self.max else { return false }
            count += 1
            return true
        }
    }

    func leave() { self.count.withLock { $0 -= 1 } }
}

/// Collects one request at a time and writes its reply.
private final class HTTPExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: HTTPServer.Limits
    /// `nil` lets everybody in.
    private let roles: Set<Role>?
    private let handler: HTTPServer.Handler
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(limits: HTTPServer.Limits, roles: Set<Role>?, handler: @escaping HTTPServer.Handler) {
        self.limits = limits
        self.roles = roles
        self.handler = handler
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            self.body.clear()
        case .body(var part):
            guard self.body.readableBytes + part.readableBytes <= self.limits.bodyByteCountMax else {
                self.head = nil
                let refusal = HTTPReply(
                    .payloadTooLarge,
                    text: "A request body may have at most \(self.limits.bodyByteCountMax) bytes.\n",
                )
                return self.write(refusal, keepAlive: false, isHead: false, context: context)
            }
            self.body.writeBuffer(&part)
        case .end:
            guard let head = self.head else { return }
            self.head = nil
            self.answer(head, context: context)
        }
    }

    private func answer(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        if let roles, !self.isAllowed(roles, context) {
            let refusal = HTTPReply(
                .forbidden,
                text: "The role in your certificate may not call this. Ask for a certificate with another role.\n",
            )
            return self.write(refusal, keepAlive: head.isKeepAlive, isHead: false, context: context)
        }
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let request = HTTPRequest(
            method: head.method,
            path: parts.first.map(String.init) ?? "/",
            query: parts.count > 1 ? String(parts[1]) : nil,
            headers: head.headers,
            body: self.body,
        )
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        self.handler(request, context.eventLoop).hop(to: context.eventLoop).whenComplete { result in
            let (exchange, context) = bound.value
            let reply =
                switch result {
                case .success(let reply): reply
                case .failure(let error): HTTPReply(.internalServerError, text: "\(error)\n")
                }
            exchange.write(reply, keepAlive: head.isKeepAlive, isHead: head.method == .HEAD, context: context)
        }
    }

    private func isAllowed(_ roles: Set<Role>, _ context: ChannelHandlerContext) -> Bool {
        ServerTLS.role(of: context.pipeline.syncOperations).map { roles.contains($0) } ?? false
    }

    private func write(_ reply: HTTPReply, keepAlive: Bool, isHead: Bool, context: ChannelHandlerContext) {
        var headers = reply.headers
        headers.replaceOrAdd(name: "Content-Length", value: String(reply.body.readableBytes))
        if !keepAlive { headers.replaceOrAdd(name: "Connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: reply.status, headers: headers)
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        if !isHead, reply.body.readableBytes > 0 {
            context.write(self.wrapOutboundOut(.body(.byteBuffer(reply.body))), promise: nil)
        }
        let done = context.writeAndFlush(self.wrapOutboundOut(.end(nil)))
        guard keepAlive == false else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        done.whenComplete { _ in bound.value.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
