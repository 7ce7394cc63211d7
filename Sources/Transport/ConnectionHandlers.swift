package import Logging
package import NIOCore
internal import Wire

/// The handlers of connections without their sockets, for channels whose clock tests move themselves.
package enum ConnectionHandlers {
    package static func server(
        _ configuration: RPCServer.Configuration,
        router: Router,
        logger: Logger,
        eventLoop: any EventLoop,
    ) -> any ChannelHandler {
        ServerConnectionHandler(
            configuration: configuration,
            router: router,
            methods: MethodTable(router.methods),
            registry: ConnectionRegistry(),
            logger: logger,
            eventLoop: eventLoop,
        )
    }

    /// - Returns: the handler, and what becomes of its handshake.
    package static func client(
        _ configuration: RPCClient.Configuration,
        eventLoop: any EventLoop,
    ) -> (handler: any ChannelHandler, ready: EventLoopFuture<Void>) {
        let ready = eventLoop.makePromise(of: Session.self)
        let handler = ClientConnectionHandler(
            name: "\(configuration.host):\(configuration.port)",
            limits: configuration.limits,
            software: configuration.software,
            ready: ready,
        )
        return (handler, ready.futureResult.map { _ in })
    }
}
