package import Logging
package import Primitives
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
    package static func run(_ services: [any Service], drainSeconds: Int, logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: logger.label) { LineLogHandler(label: $0, level: .warning) },
        )
        configuration.maximumGracefulShutdownDuration = .seconds(drainSeconds)
        try await ServiceGroup(configuration: configuration).run()
        logger.info("stopped")
    }

    /// Writes the ready file: one JSON object of addresses and the process id.
    ///
    /// - Parameter addresses: names from CLI conventions (`rpc`, `http`) to `host:port`; order is kept.
    package static func announce(
        _ addresses: [(name: String, address: String)],
        to path: String,
    ) throws(IndelibleError) {
        var text = "{\"pid\":\(getpid())"
        for (name, address) in addresses { text += ",\"\(name)\":\"\(address)\"" }
        let (files, name) = try HostPath(path).open(create: true)
        try files.replaceDurably(name, with: Array((text + "}\n").utf8))
    }
}
