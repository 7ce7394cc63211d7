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
            follow in order. With --masking every event is masked before anything else sees it, under keys in --vault (vault in
            --data when not given). Owns --data alone. Listens on loopback unless mutual TLS is configured.
            """,
    )

    @OptionGroup var service: ServiceOptions
    @OptionGroup var tls: TLSOptions
    @OptionGroup var masking: MaskingOptions

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

    @Option(help: "Address of the collection endpoints over HTTP, and of health and metrics.")
    var http = Endpoint(host: "127.0.0.1", port: 7412)

    @Option(help: "Address for OpenTelemetry logs and traces over HTTP, such as 127.0.0.1:4318; none when missing.")
    var otlp: Endpoint?

    @Option(
        help: "File with the sources that are expected; gaps and silence of these become entries (docs/collection.md)."
    )
    var sources: String?

    @Option(
        name: .customLong("syslog-tcp"),
        help: "Address for syslog over TCP, RFC 5424 or 3164, either framing; none when missing.",
    )
    var syslogTCP: Endpoint?

    @Option(
        name: .customLong("syslog-tls"),
        help: "Address for syslog over TLS, such as 127.0.0.1:6514; needs --tls-cert and --tls-key.",
    )
    var syslogTLS: Endpoint?

    @Option(
        name: .customLong("syslog-udp"),
        help:
            "Address for syslog over UDP; none when missing. Datagrams can be lost without a trace before they get here.",
    )
    var syslogUDP: Endpoint?

    @Option(
        name: .customLong("hec-token"),
        help: "File with the token that Splunk HEC senders show; none is asked for without it.",
    )
    var hecToken: String?

    @Option(
        name: .customLong("github-secret"),
        help: "File with the secret of GitHub's webhooks; they are not taken without it.",
    )
    var githubSecret: String?

    @Option(
        name: .customLong("gitlab-token"),
        help: "File with the token of GitLab's webhooks; they are not taken without it.",
    )
    var gitlabToken: String?

    package init() {}

    /// What the executable calls.
    package static func start() async { await Self.main() }

    package func validate() throws {
        guard 1...1_048_576 ~= self.spoolMegabytes else {
            throw ValidationError("--spool-megabytes is 1 to 1048576.")
        }
        guard self.syslogTLS == nil || self.tls.settings != nil else {
            throw ValidationError("--syslog-tls needs --tls-cert and --tls-key.")
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
