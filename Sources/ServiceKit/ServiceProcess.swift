package import Logging
import Primitives
package import ServiceLifecycle
import Storage
import UnixSignals

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What every service does around its own work: log, announce itself, stop on a signal.
package enum ServiceProcess {
    /// Prepares the process before anything is opened.
    ///
    /// Files that this process makes are for its owner only, and a write to a closed socket is an error, not a signal.
    package static func start(_ label: String, level: Logger.Level) -> Logger {
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level) }
        return Logger(label: label)
    }

    /// Runs services until SIGTERM or SIGINT; the first to be named is the last to be stopped.
    ///
    /// - Parameters:
    ///   - addresses: where the process serves, by the command line's names (`rpc`, `http`), as `host:port`; order is kept.
    ///   - path: the ready file that tells them, a JSON object; written when a signal would stop the process in order.
    package static func run(
        _ services: [any Service],
        serving addresses: [(name: String, address: String)],
        readyFile path: String?,
        drainSeconds: Int,
        logger: Logger,
    ) async throws {
        let ready = path.map { ReadyFileService(path: $0, addresses: addresses) as any Service }
        var configuration = ServiceGroupConfiguration(
            services: (services + [ready].compactMap(\.self)).map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: logger.label) { LineLogHandler(label: $0, level: .warning) },
        )
        configuration.maximumGracefulShutdownDuration = .seconds(drainSeconds)
        try await ServiceGroup(configuration: configuration).run()
        logger.info("stopped")
    }
}

/// Writes the ready file; the group that runs it has taken over the signals by then.
private struct ReadyFileService: Service {
    let path: String
    let addresses: [(name: String, address: String)]

    func run() async throws {
        var text = "{\"pid\":\(getpid())"
        for (name, address) in self.addresses { text += ",\"\(name)\":\"\(address)\"" }
        let (files, name) = try HostPath(self.path).open(create: true)
        try files.replaceDurably(name, with: Array((text + "}\n").utf8))
        try? await gracefulShutdown()
    }
}
