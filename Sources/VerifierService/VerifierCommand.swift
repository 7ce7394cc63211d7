package import ArgumentParser
import AuditModel
import Logging
import Primitives
import ServiceKit
import Storage
import TransparencyLog
import Transport
import VerifierCore

/// The verifier process: `indelible-verifier`.
package struct VerifierCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "indelible-verifier",
        abstract: "Reads a log from its first byte, remembers every leaf, and cosigns only what it has verified.",
        discussion: """
            Believes no proof of the ledger: it hashes every entry onto the tree that it remembers, checks every seal, and
            reads everything again on a schedule. As a witness it answers C2SP tlog-witness: POST /add-checkpoint and
            GET /<origin hash>/checkpoint. Without --ledger it is a plain witness for any C2SP log.
            """,
    )

    @OptionGroup var service: ServiceOptions
    @OptionGroup var tls: TLSOptions

    @Option(help: "Cosigning key (`indelible keys create`); made as witness.key in --data when missing.")
    var key: String?

    @Option(help: "Name of the cosigning key when it is made here.")
    var name = "witness.local/verifier"

    @Option(help: "Verifier key of the log to follow; its name is the log's origin.", transform: VerifierCommand.key)
    var log: VerifierKey?

    @Option(
        help: """
            Trust policy file (C2SP tlog-policy). Each log in it is followed at its URL, which is the prefix of its tiles or \
            host:port of its ledger, and each witness with a URL is a peer to compare views with.
            """
    )
    var policy: String?

    @Option(name: .customLong("poll-seconds"), help: "Time between two looks at a log that is read as tiles.")
    var pollSeconds = 10

    @Option(
        name: .customLong("witness-log"),
        help: "Verifier key of another log to witness. Can be repeated.",
        transform: VerifierCommand.key,
    )
    var witnessLogs: [VerifierKey] = []

    @Option(help: "RPC address of the ledger to read from: host:port, or @FILE for its ready file.")
    var ledger: PeerAddress?

    @Option(
        help: """
            RPC address of the ingest through which this process's starts and stops, and a signed record of each reading of
            the whole log, get into the log: host:port, or @FILE for its ready file. Without it they are not recorded.
            """
    )
    var ingest: PeerAddress?

    @Option(help: "Address for the witness protocol over RPC, usually port 7421; without it there is none.")
    var listen: Endpoint?

    @Option(help: "Address for the witness protocol, health and metrics over HTTP.")
    var http = Endpoint(host: "127.0.0.1", port: 7422)

    @Option(
        name: .customLong("collector"),
        help: "Verifier key of a collector whose seals count. Can be repeated.",
        transform: VerifierCommand.key,
    )
    var collectors: [VerifierKey] = []

    @Option(help: "The operator's root key, whose key records are believed.", transform: VerifierCommand.key)
    var `operator`: VerifierKey?

    @Option(name: .customLong("rescan-seconds"), help: "Time between two readings of the whole log; 0 for never.")
    var rescanSeconds = 86_400

    @Option(
        name: .customLong("rescan-bytes-per-second"),
        help: "Most that such a reading takes; 0 for as fast as it goes.",
    )
    var rescanBytesPerSecond = 0

    @Option(
        name: .customLong("peer"),
        help: """
            Another verifier or witness to compare views with: the URL prefix of its witness endpoint, or @FILE for its ready \
            file. Can be repeated.
            """,
    )
    var peers: [VerifierPeer] = []

    @Option(name: .customLong("peer-seconds"), help: "Time between two comparisons with each peer.")
    var peerSeconds = 10

    @OptionGroup(title: "Alerts") var alerts: AlertOptions

    @Option(
        name: .customLong("heartbeat-command"),
        help: "Run with /bin/sh -c every --heartbeat-seconds; gets how far this verifier is as JSON. Can be repeated.",
    )
    var heartbeatCommands: [String] = []

    @Option(
        name: .customLong("heartbeat-webhook"),
        help: "http[s]:// URL that gets the same as a POST, signed with --alert-secret. Can be repeated.",
    )
    var heartbeatWebhooks: [String] = []

    @Option(name: .customLong("heartbeat-seconds"), help: "Time between two heartbeats.")
    var heartbeatSeconds = 60

    @Option(
        name: .customLong("mute"),
        help: """
            Kind of finding that no output is told of: gap, silence, checkpoint-stale, clock or unreachable. Can be repeated; \
            what says that the record is not what it was cannot be muted.
            """,
        transform: VerifierCommand.mutable,
    )
    var muted: [Finding.Kind] = []

    @Option(
        name: .customLong("expect-source"),
        help: "NAME=SECONDS: a source of which there must be an event that often, else it is silent. Can be repeated.",
        transform: VerifierCommand.expectation,
    )
    var expectedSources: [(name: String, seconds: UInt64)] = []

    @Option(name: .customLong("stale-seconds"), help: "How long entries may wait for a checkpoint.")
    var staleSeconds: UInt64 = 60

    @Option(name: .customLong("unreachable-seconds"), help: "How long a log or a peer may not answer.")
    var unreachableSeconds: UInt64 = 60

    @Option(
        name: .customLong("timestamp-url"),
        help: "http[s]:// address of a time-stamp authority (RFC 3161) that stamps checkpoints.",
    )
    var timestampURL: String?

    @Option(name: .customLong("timestamp-ca"), help: "Certificates that the authority's signer must lead to, PEM.")
    var timestampAuthorities: String?

    @Option(name: .customLong("timestamp-seconds"), help: "Time between two stamps of a log that grows.")
    var timestampSeconds = 3600

    @Option(
        name: .customLong("http-ca"),
        help: "Certificates of the authorities that https:// servers must be signed by, PEM. Default: the system's.",
    )
    var httpAuthorities: String?

    package init() {}

    package func validate() throws {
        guard self.heartbeatWebhooks.isEmpty || self.alerts.secret != nil else {
            throw ValidationError("--heartbeat-webhook needs --alert-secret.")
        }
        guard self.heartbeatWebhooks.allSatisfy(AlertOptions.isURL) else {
            throw ValidationError("--heartbeat-webhook takes an http:// or https:// URL.")
        }
        guard self.heartbeatSeconds >= 1 else { throw ValidationError("--heartbeat-seconds is 1 or more.") }
        guard (self.timestampURL == nil) == (self.timestampAuthorities == nil), self.timestampSeconds >= 1 else {
            throw ValidationError("--timestamp-url and --timestamp-ca go together; --timestamp-seconds is 1 or more.")
        }
        guard self.peerSeconds >= 1 else { throw ValidationError("--peer-seconds is 1 or more.") }
        guard self.rescanSeconds >= 0, self.rescanBytesPerSecond >= 0 else {
            throw ValidationError("--rescan-seconds and --rescan-bytes-per-second are 0 or more.")
        }
        guard self.log != nil || self.policy != nil else {
            throw ValidationError("Say what to follow: --log or --policy.")
        }
        let seconds = 1...Self.secondsMax
        guard seconds.contains(self.staleSeconds), seconds.contains(self.unreachableSeconds) else {
            throw ValidationError("--stale-seconds and --unreachable-seconds are 1 or more.")
        }
        guard self.pollSeconds >= 1 else { throw ValidationError("--poll-seconds is 1 or more.") }
        guard ([self.log].compactMap(\.self) + self.witnessLogs + self.collectors).allSatisfy({ $0.type == .ed25519 })
        else {
            throw ValidationError("--log, --witness-log and --collector take Ed25519 note keys (type 1).")
        }
    }

    /// What the executable calls.
    package static func start() async { await Self.main() }

    package func run() async throws {
        let logger = ServiceProcess.start("verifier", level: self.service.logLevel)
        do {
            try await VerifierProcess(self, logger: logger).run()
        } catch let error as IndelibleError {
            logger.critical("could not go on", metadata: ["error": "\(error)"])
            throw ExitCode(3)
        }
    }

    private static func key(_ text: String) throws -> VerifierKey { try VerifierKey(parsing: text) }

    private static func mutable(_ text: String) throws -> Finding.Kind {
        guard let kind = Finding.Kind(rawValue: text), !kind.isIntegrity else {
            let kinds = Finding.Kind.allCases.filter { !$0.isIntegrity }.map(\.rawValue)
            throw ValidationError("\(text) cannot be muted. Choose from \(kinds.joined(separator: ", ")).")
        }
        return kind
    }

    private static func expectation(_ text: String) throws -> (name: String, seconds: UInt64) {
        guard let equals = text.lastIndex(of: "="), equals > text.startIndex,
            let seconds = UInt64(text[text.index(after: equals)...]), (1...secondsMax).contains(seconds)
        else {
            throw ValidationError("--expect-source takes NAME=SECONDS, such as k8s/prod=3600.")
        }
        return (String(text[..<equals]), seconds)
    }

    /// Ten years.
    private static let secondsMax: UInt64 = 315_360_000

    /// The policy file's content; `nil` without one.
    func trustPolicy() throws(IndelibleError) -> TrustPolicy? {
        guard let policy else { return nil }
        let (files, name) = try HostPath(policy).open()
        guard let bytes = try files.readAll(name, byteCountMax: TrustPolicy.byteCountMax) else {
            throw IndelibleError(.invalidArgument, "There is no policy file \(policy).")
        }
        return try TrustPolicy(parsing: bytes)
    }

    /// Every log that is followed or witnessed, the one of `--log` first.
    func logs(_ policy: TrustPolicy?) throws(IndelibleError) -> [FollowedLog] {
        var logs: [FollowedLog] = []
        if let log { logs.append(FollowedLog(key: log, source: self.ledger.map { .rpc($0) })) }
        for entry in policy?.logs ?? [] where !logs.contains(where: { $0.key == entry.key }) {
            logs.append(try FollowedLog(entry))
        }
        for key in self.witnessLogs where !logs.contains(where: { $0.key == key }) {
            logs.append(FollowedLog(key: key, source: nil))
        }
        return logs
    }

    /// Where findings go besides the log and `/healthz`.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when there is no secret in its file.
    func alertOutputs() throws(IndelibleError) -> [AlertOutput] {
        try self.alerts.outputs(tls: try ClientTLS(authorities: self.httpAuthorities))
    }

    /// Where heartbeats go.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when there is no secret in its file.
    func heartbeatOutputs() throws(IndelibleError) -> [AlertOutput] {
        let tls = try ClientTLS(authorities: self.httpAuthorities)
        return self.heartbeatCommands.map { AlertOutput.command($0) }
            + (try self.alerts.signed(self.heartbeatWebhooks, tls: tls))
    }

    /// Who stamps checkpoints; `nil` for nobody.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when its certificates cannot be read.
    func timestampAuthority() throws(IndelibleError) -> TimestampService.Authority? {
        guard let url = self.timestampURL, let path = self.timestampAuthorities else { return nil }
        let (files, name) = try HostPath(path).open()
        guard let bytes = try files.readAll(name, byteCountMax: Self.certificatesByteCountMax), !bytes.contains(0)
        else {
            throw IndelibleError(.invalidArgument, "\(path) must hold PEM certificates.")
        }
        return TimestampService.Authority(url: url, certificates: String(decoding: bytes, as: UTF8.self))
    }

    private static let certificatesByteCountMax = 1 << 20

    /// How long a log may be away, or its checkpoint old.
    var limits: FollowConditions.Limits {
        var limits = FollowConditions.Limits()
        limits.staleSeconds = self.staleSeconds
        limits.unreachableSeconds = self.unreachableSeconds
        return limits
    }

    /// The keys of ``collectors`` as seals name them.
    func collectorKeys() throws(IndelibleError) -> [CollectorKey] {
        var keys: [CollectorKey] = []
        for key in self.collectors { keys.append(try CollectorKey(name: key.name, publicKey: key.publicKey)) }
        return keys
    }
}
