import AnalyzerCore
package import ArgumentParser
import Logging
import Primitives
import ServiceKit

/// The analyzer process: `indelible-analyzer`.
package struct AnalyzerCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "indelible-analyzer",
        abstract: "Scores every event of a log with a boosted-tree model; its verdicts are entries of the same log.",
        discussion: """
            Each verdict names the event, the model and the feature vector, and anyone can compute it again, bit for bit.
            Several analyzers share the 256 actor slots: start one with --slots 0-127 and another with --slots 128-255. Owns
            nothing that cannot be made again: stop it anywhere, and it goes on after the last verdict in the log.
            """,
    )

    @OptionGroup var service: ServiceOptions
    @OptionGroup var tls: TLSOptions

    @Option(help: "RPC address of the ledger: host:port, or @FILE for its ready file.")
    var ledger: PeerAddress

    @Option(
        help: """
            RPC address of the ingest through which this process's starts and stops get into the log: host:port, or @FILE for
            its ready file. Without it they are not recorded.
            """
    )
    var ingest: PeerAddress?

    @Option(help: "Name of the log to read; not needed when the ledger has one.")
    var origin = ""

    @Option(help: "Model file (tools/train makes them); without it the shipped one is used.")
    var model: String?

    @Option(help: "Actor slots of this analyzer, A-B, both included.", transform: AnalyzerCommand.slotRange)
    var slots = SlotRange.all

    @Option(help: "Address for health and metrics over HTTP.")
    var http = Endpoint(host: "127.0.0.1", port: 7432)

    package init() {}

    /// What the executable calls.
    package static func start() async { await Self.main() }

    package func run() async throws {
        let logger = ServiceProcess.start("analyzer", level: self.service.logLevel)
        do {
            try await AnalyzerProcess(self, logger: logger).run()
        } catch let error as IndelibleError {
            logger.critical("could not go on", metadata: ["error": "\(error)"])
            throw ExitCode(3)
        }
    }

    private static func slotRange(_ text: String) throws -> SlotRange { try SlotRange(text) }
}
