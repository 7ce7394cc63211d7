import AnalyzerCore
import IndelibleClient
import ArgumentParser
import Foundation
import Primitives
import ServiceKit

/// Starts a suite: `indelible up`.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start the whole suite on this machine.",
        discussion: """
            Ledger, ingest, verifiers and analyzers run as processes of their own on loopback, on ports that the system
            chooses, with everything they keep under --data. When all serve, --data/endpoints.json says where. A second `up` on
            a stopped directory goes on with the same log.
            """,
    )

    @Option(help: "Directory for the log, keys, spools and process logs; made when missing.")
    var data: String

    @Flag(help: "Return once everything serves; stop it with `indelible down`.")
    var detach = false

    @Option(help: "How many analyzers share the events.")
    var analyzers = 1

    @Option(help: "How many verifiers follow and cosign.")
    var verifiers = 1

    @Option(help: "Name of the log, as in its checkpoints. A new log takes this name; an old one keeps its own.")
    var origin: String?

    @Option(help: "Model file of the analyzers; without it they use the one that is shipped.")
    var model: String?

    @Option(help: "Folder of Sigma rules that judge beside the model (docs/rules.md).")
    var rules: String?

    @Option(
        name: .customLong("segment-entries"),
        help: "Entries of a sealed segment of a new log, a power of two from 2 to 65536. Default: 65536.",
    )
    var segmentEntries: Int?

    @OptionGroup(title: "Masking, by ingest, of everything that it takes in") var masking: MaskingOptions

    @OptionGroup(title: "Alerts of verifiers and analyzers") var alerts: AlertOptions

    @Option(
        name: .customLong("alert-severity"),
        help:
            "Least severity of a verdict that people are told of: none (all), low, medium, high (the default) or critical.",
    )
    var alertSeverity: String?

    @Flag(
        name: .customLong("no-own-records"),
        help: """
            Leave the suite's own records out of the log: starts and stops, keys, who reads and exports. For tests that have to
            know every entry.
            """,
    )
    var withoutOwnRecords = false

    @Flag(help: "Print endpoints.json instead of a summary.")
    var json = false

    func validate() throws {
        guard (0...64).contains(self.analyzers), (0...16).contains(self.verifiers) else {
            throw ValidationError("--analyzers is 0 to 64, --verifiers is 0 to 16.")
        }
        if let severity = self.alertSeverity, Severity(rawValue: severity) == nil {
            throw ValidationError("--alert-severity is \(Severity.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
    }

    func run() async throws {
        try await Outcome.report { try await self.start() }
    }

    private func start() async throws {
        let directory = SuiteDirectory(self.data)
        let before = try? directory.endpoints()
        let running = before?.processIdentifiers.map { ChildProcess(name: $0.process, pid: $0.pid) }.filter(\.isRunning)
        if let running, let first = running.first {
            throw IndelibleError(
                .failedPrecondition,
                "A suite runs in \(self.data) already (\(first.name), process \(first.pid)). "
                    + "Stop it with `indelible down --data \(self.data)`.",
            )
        }
        _ = try self.masking.rules()  // Refused here, and not in the log of a process that does not start.
        let suite = Suite(
            directory: directory,
            origin: self.origin ?? before?.origin ?? "indelible.local/log",
            analyzerCount: self.analyzers,
            verifierCount: self.verifiers,
            modelFile: self.model.map { URL(filePath: $0).path() },
            segmentEntries: self.segmentEntries,
            recordsItself: !self.withoutOwnRecords,
            maskingArguments: self.maskingArguments,
            alertArguments: self.alerts.arguments,
            verdictArguments: (self.alertSeverity.map { ["--alert-severity", $0] } ?? [])
                + (self.rules.map { ["--rules", URL(filePath: $0).path()] } ?? []),
        )
        let endpoints = try await suite.start()
        Terminal.write(self.json ? endpoints.text : Self.summary(endpoints, directory))
        guard !self.detach else { return }
        Terminal.note("Press Ctrl-C to stop.")
        await Interrupt.wait()
        try await DownCommand.stop(directory)
    }

    /// What ingest is started with; paths hold wherever it runs.
    private var maskingArguments: [String] {
        let rules: [String] =
            switch self.masking.masking {
            case .none: []
            case .standard: ["--masking", "default"]
            case .file(let path): ["--masking", URL(filePath: path).path()]
            }
        return rules + (self.masking.vault.map { ["--vault", URL(filePath: $0).path()] } ?? [])
    }

    private static func summary(_ endpoints: Endpoints, _ directory: SuiteDirectory) -> String {
        """
        \(endpoints.origin) is up: \(endpoints.processIdentifiers.map(\.process).joined(separator: ", "))
          tiles    \(endpoints.tilesHTTP)/checkpoint
          ledger   \(endpoints.ledgerRPC)
          ingest   \(endpoints.ingestRPC), \(endpoints.ingestHTTP)/v1/events
          otlp     \(endpoints.otlpHTTP ?? "none")
          log key  \(endpoints.logVKey)
          stop     indelible down --data \(directory.root.path())

        """
    }
}
