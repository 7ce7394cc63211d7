package import ArgumentParser
import IngestCore
import Logging
import Primitives
import ServiceKit

/// The collector process: `indelible-ingest`.
package struct IngestCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "indelible-ingest",
        abstract: "Collects events: checks, stamps, batches and seals them, and brings them to the ledger once.",
        discussion: """
            Callers are answered when their events are safe. While the ledger is away, batches wait in a spool on this disk, and
            follow in order. Owns --data alone. Listens on loopback unless mutual TLS is configured.
            """,
    )

    @OptionGroup var service: ServiceOptions
    @OptionGroup var tls: TLSOptions

    @Option(help: "RPC address of the ledger: host:port, or @FILE for its ready file.")
    var ledger: PeerAddress

    @Option(help: "Name of the log to write to; not needed when the ledger has one.")
    var origin = ""

    @Option(help: "Name of this collector's key, in stamps and seals.")
    var collector: String

    @Option(
        help: "Signing key of the collector (`indelible keys create`); made as collector.key in --data when missing."
    )
    var key: String?

    @Option(
        help: "When callers are answered: spooled (synced on this disk) or durable (in the ledger, if it is there)."
    )
    var answer = AnswerLevel.durable

    @Option(name: .customLong("spool-megabytes"), help: "Most that waits on this disk; then callers are refused.")
    var spoolMegabytes: UInt64 = 4096

    @Option(help: "Address for RPC.")
    var listen = Endpoint(host: "127.0.0.1", port: 7411)

    @Option(help: "Address for health and metrics over HTTP.")
    var http = Endpoint(host: "127.0.0.1", port: 7412)

    package init() {}

    /// What the executable calls.
    package static func start() async { await Self.main() }

    package func validate() throws {
        guard 1...1_048_576 ~= self.spoolMegabytes else {
            throw ValidationError("--spool-megabytes is 1 to 1048576.")
        }
    }

    package func run() async throws {
        let logger = ServiceProcess.start("ingest", level: self.service.logLevel)
        do {
            try await IngestProcess(self, logger: logger).run()
        } catch let error as IndelibleError {
            logger.critical("could not go on", metadata: ["error": "\(error)"])
            throw ExitCode(3)
        }
    }
}

extension AnswerLevel: ExpressibleByArgument {}
