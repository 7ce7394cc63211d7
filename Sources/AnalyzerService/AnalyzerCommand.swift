import AnalyzerCore
package import ArgumentParser
import Logging
import Primitives
import ServiceKit
import TransparencyLog

/// The analyzer process: `indelible-analyzer`.
package struct AnalyzerCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "indelible-analyzer",
        abstract: "Scores every event of a log with a boosted-tree model; its verdicts are entries of the same log.",
        discussion: """
            Each verdict names the event, the model and the feature vector, and anyone can compute it again, bit for bit.
            Start as many as you like: the ledger shares the actors among them, and gives those of one that stops, dies or
            hangs to the others. Owns nothing that cannot be made again.
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

    @Option(
        help:
            "Folder of models that the log names, each in a file called like its SHA-256 (`indelible model register`)."
    )
    var models: String?

    @Option(
        help: """
            Folder of Sigma rules that judge beside the model (docs/rules.md); all analyzers of a log need the same. One that
            cannot be used stops the start.
            """
    )
    var rules: String?

    @Option(
        name: .customLong("operator"),
        help: "vkey of the operator's root key: then model records count only with its signature.",
        transform: { try VerifierKey(parsing: $0) },
    )
    var operatorKey: VerifierKey?

    @Option(help: "Name of this analyzer among those that share the log; without it one of its own for each start.")
    var member: String?

    @OptionGroup(title: "Alerts") var alerts: AlertOptions

    @Option(
        name: .customLong("alert-severity"),
        help: "Least severity of a verdict that people are told of: none (all), low, medium, high or critical.",
    )
    var alertSeverity = Severity.high

    @Option(
        name: .customLong("http-ca"),
        help: "Certificates of the authorities that https:// servers must be signed by, PEM. Default: the system's.",
    )
    var httpAuthorities: String?

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
}

extension Severity: ExpressibleByArgument {}
