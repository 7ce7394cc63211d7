package import Logging
package import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Primitives
internal import Synchronization
package import Wire

/// Listens, speaks the protocol of docs/protocol.md, and hands calls to a ``Router``.
package final class RPCServer: Sendable {
    package struct Configuration: Sendable {
        /// An address or name of this machine.
        package var host: String
        /// 0 picks one.
        package var port: Int
        /// `nil` speaks plain TCP.
        package var tls: TLSSettings?
        /// Lets a listener leave loopback without asking clients for certificates.
        package var allowInsecureRemote: Bool
        package var limits: ConnectionLimits
        /// For peers' logs, such as `indelible-ledger/0.1.0`.
        package var software: String
        /// Threads that serve connections.
        package var eventLoopGroup: any EventLoopGroup
        /// Connections that wait to be accepted.
        package var backlog: Int32

        package init(
            host: String,
            port: Int,
            tls: TLSSettings? = nil,
            allowInsecureRemote: Bool = false,
            limits: ConnectionLimits = ConnectionLimits(),
            software: String,
            eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
            backlog: Int32 = 1_024,
        ) {
            self.host = host
            self.port = port
            self.tls = tls
            self.allowInsecureRemote = allowInsecureRemote
            self.limits = limits
            self.software = software
            self.eventLoopGroup = eventLoopGroup
            self.backlog = backlog
        }

        /// Whether every peer has a certificate, and so a role.
        var asksForCertificates: Bool { self.tls?.trustRootsPath != nil }
    }

    private let configuration: Configuration
    private let router: Router
    private let logger: Logger
    private let registry = ConnectionRegistry()
    private let listener = Mutex<(any Channel)?>(nil)

    package init(configuration: Configuration, router: Router, logger: Logger) {
        self.configuration = configuration
        self.router = router
        self.logger = logger
    }

    /// Connections that are open now.
    package var connectionCount: Int { self.registry.count }

    /// Starts to listen.
    ///
    /// - Returns: where, with the port that was picked.
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when the address is not loopback and clients are not asked for
    ///   certificates, or the certificates cannot be used; ``IndelibleError/Code/unavailable`` when the address is taken.
    package func bind() async throws -> SocketAddress {
        let address = try await self.resolve()
        guard address.isLoopback || self.configuration.asksForCertificates || self.configuration.allowInsecureRemote
        else {
            throw IndelibleError(
                .failedPrecondition,
                """
                \(self.configuration.host) can be reached from other machines, so clients must show certificates. \
                Configure a certificate, its key and the authority for clients; or listen on 127.0.0.1; or allow \
                insecure remote access by name.
                """,
            )
        }
        let tls = try self.configuration.tls.map { settings throws(IndelibleError) in
            try TLSContextSource(settings, .server)
        }
        let (configuration, router, registry, logger) = (self.configuration, self.router, self.registry, self.logger)
        let methods = MethodTable(router.methods)
        let bootstrap = ServerBootstrap(group: configuration.eventLoopGroup)
            .serverChannelOption(.backlog, value: configuration.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.recvAllocator, value: ReceiveAllocator())
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(
                    low: configuration.limits.unsentByteCountMax / 4,
                    high: configuration.limits.unsentByteCountMax / 2,
                ),
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let (context, failure) = tls.current()
                        if let failure {
                            logger.warning("New certificates were not taken", metadata: ["error": "\(failure)"])
                        }
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    let handler = ServerConnectionHandler(
                        configuration: configuration,
                        router: router,
                        methods: methods,
                        registry: registry,
                        logger: logger,
                        eventLoop: channel.eventLoop,
                    )
                    if tls == nil { try handler.receiveBuffer.install(in: channel) }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        do {
            let channel = try await bootstrap.bind(to: address).get()
            guard let bound = channel.localAddress else {
                throw IndelibleError(.internal, "The listener has no address.")
            }
            self.listener.withLock { $0 = channel }
            return bound
        } catch let error as IOError {
            throw IndelibleError(
                .unavailable,
                "Could not listen on \(address). Stop whatever holds the port, or choose another one.",
                cause: error,
            )
        }
    }

    /// Stops listening, lets open calls finish, and returns when every connection is closed.
    ///
    /// - Parameter drain: after this long, calls that are still open are cut off.
    package func shutdownGracefully(drain: Duration) async {
        let listener = self.listener.withLock { listener in
            defer { listener = nil }
            return listener
        }
        // An error here means that it is closed already.
        try? await listener?.close()
        self.registry.drain()
        let registry = self.registry
        let deadline = self.configuration.eventLoopGroup.next().scheduleTask(in: TimeAmount(drain)) { registry.close() }
        await self.registry.waitUntilEmpty()
        deadline.cancel()
    }

    private func resolve() async throws -> SocketAddress {
        let (host, port) = (self.configuration.host, self.configuration.port)
        do {
            // Asks the resolver, which may block.
            return try await NIOThreadPool.singleton.runIfActive {
                try SocketAddress.makeAddressResolvingHost(host, port: port)
            }
        } catch {
            throw IndelibleError(
                .invalidArgument,
                "\(host) is no address of this machine. Check the host name to listen on.",
                cause: error,
            )
        }
    }
}

extension SocketAddress {
    /// Whether only this machine can reach it: 127.0.0.0/8, ::1, Unix sockets.
    var isLoopback: Bool {
        switch self {
        case .v4: self.ipAddress?.hasPrefix("127.") == true
        case .v6: self.ipAddress == "::1" || self.ipAddress?.hasPrefix("::ffff:127.") == true
        case .unixDomainSocket: true
        }
    }
}
