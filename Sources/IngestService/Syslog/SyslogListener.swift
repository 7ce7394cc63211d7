package import Logging
package import NIOCore
import NIOPosix
import Primitives
package import ServiceKit
import Synchronization
package import Transport

/// Takes syslog over TCP, in both framings of RFC 6587, or over TLS as RFC 5425 has it.
package final class SyslogListener: Sendable {
    private let channel: any Channel
    private let open: OpenConnections
    package let address: SocketAddress

    /// - Parameter tls: `nil` speaks plain TCP.
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when the address is not loopback and senders show no certificates,
    ///   ``IndelibleError/Code/unavailable`` when it cannot be bound.
    package init(
        at address: Endpoint,
        _ sink: SyslogSink,
        tls: TLSSettings?,
        allowInsecureRemote: Bool,
        limits: SyslogLimits = SyslogLimits(),
        logger: Logger,
    ) async throws {
        let tls = try tls.map { try ServerTLS($0) }
        let asksForCertificates = tls?.asksForCertificates ?? false
        guard address.isLoopback || asksForCertificates || allowInsecureRemote else {
            throw IndelibleError(
                .failedPrecondition,
                "Syslog on \(address.host) is not loopback, so it needs --syslog-tls with --tls-cert, --tls-key and --tls-ca; "
                    + "or listen on 127.0.0.1.",
            )
        }
        let open = OpenConnections(max: limits.connectionsMax)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                let finished = channel.eventLoop.makePromise(of: Void.self)
                guard open.add(channel, until: finished.futureResult) else {
                    finished.succeed()
                    return channel.close()
                }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    // First, so that it sees the end of a connection whose handshake fails.
                    try pipeline.addHandler(
                        SyslogConnection(
                            sink,
                            limits: limits,
                            asksForCertificates: asksForCertificates,
                            finished: finished,
                            logger: logger,
                        )
                    )
                    try tls?.install(in: pipeline)
                }
            }
        do {
            self.channel = try await bootstrap.bind(host: address.host, port: address.port).get()
        } catch {
            throw IndelibleError(
                .unavailable,
                "Could not listen for syslog on \(address). Stop whatever holds the port, or choose another.",
                cause: error,
            )
        }
        guard let bound = self.channel.localAddress else {
            throw IndelibleError(.internal, "The syslog listener has no address.")
        }
        self.open = open
        self.address = bound
        logger.info("serving syslog", metadata: ["address": "\(bound)", "tls": "\(tls != nil)"])
    }

    /// Takes no more; returns when what came is safe, or cannot be made so.
    package func shutdown() async {
        try? await self.channel.close()
        await self.open.close()
    }
}

/// Connections open now, bounded, each until what it sent is safe.
private final class OpenConnections: Sendable {
    private struct Connection {
        let channel: any Channel
        let end: EventLoopFuture<Void>
    }

    private let connections = Mutex<[ObjectIdentifier: Connection]>([:])
    private let max: Int

    init(max: Int) { self.max = max }

    func add(_ channel: any Channel, until end: EventLoopFuture<Void>) -> Bool {
        let id = ObjectIdentifier(channel)
        let isAdded = self.connections.withLock { connections in
            guard connections.count < self.max else { return false }
            connections[id] = Connection(channel: channel, end: end)
            return true
        }
        if isAdded { end.whenComplete { _ in self.connections.withLock { $0[id] = nil } } }
        return isAdded
    }

    func close() async {
        let connections = self.connections.withLock { Array($0.values) }
        for connection in connections { connection.channel.close(promise: nil) }
        for connection in connections { try? await connection.end.get() }
    }
}
