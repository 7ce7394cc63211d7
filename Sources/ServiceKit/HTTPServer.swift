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

    /// What is asked of a request before its body is read.
    package struct Rule: Sendable {
        /// Who may call, where the listener asks for certificates.
        package var roles: Set<Role>
        /// Bytes of a request's body.
        package var bodyByteCountMax: Int

        package init(roles: Set<Role> = HTTPServer.readers, bodyByteCountMax: Int = 128 << 10) {
            self.roles = roles
            self.bodyByteCountMax = bodyByteCountMax
        }
    }

    package struct Limits: Sendable {
        /// Bytes of all bodies that are held at once, over all connections; a request beyond that gets 503.
        package var bodiesByteCountMax = 256 << 20
        /// A request whose body has not come whole so long after its head gets 408.
        package var bodySeconds: Int64 = 60
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
        rule: (@Sendable (HTTPRequestHead) -> Rule)? = nil,
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
        let bodies = ByteBudget(max: limits.bodiesByteCountMax)
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
                    try pipeline.addHandler(IdleStateHandler(readTimeout: .seconds(limits.idleSeconds)))
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try pipeline.addHandler(
                        HTTPExchange(
                            limits: limits,
                            bodies: bodies,
                            asksForCertificates: asksForCertificates,
                            rule: rule ?? { _ in Rule(roles: roles) },
                            handler: handler,
                        )
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
