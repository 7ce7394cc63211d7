import ServiceLifecycle
package import Transport

/// Keeps a process's listeners open until it is time to stop; the last to start is the first to stop.
package struct ListenerService: Service {
    private let http: HTTPServer
    private let server: RPCServer?
    private let drain: Duration
    private let beforeDrain: @Sendable () -> Void

    /// - Parameters:
    ///   - http: closed last, so that health and metrics are there to the end.
    ///   - server: drained first; `nil` for a process that takes no calls.
    ///   - drain: how long calls in progress are waited for.
    ///   - beforeDrain: ends what would not end by itself.
    package init(
        http: HTTPServer,
        server: RPCServer? = nil,
        drain: Duration = .zero,
        beforeDrain: @escaping @Sendable () -> Void = {},
    ) {
        self.http = http
        self.server = server
        self.drain = drain
        self.beforeDrain = beforeDrain
    }

    package func run() async throws {
        try? await gracefulShutdown()
        self.beforeDrain()
        await self.server?.shutdownGracefully(drain: self.drain)
        await self.http.shutdown()
    }
}
