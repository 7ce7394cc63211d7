package import ArgumentParser
import AuditModel
import Logging
import Primitives
import ServiceKit
import Storage
import TransparencyLog

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
    var log: VerifierKey

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
            RPC address of the ingest through which this process's starts and stops get into the log: host:port, or @FILE for
            its ready file. Without it they are not recorded.
            """
    )
    var ingest: PeerAddress?

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
        name: .customLong("alert-command"),
        help: "Run with /bin/sh -c for each finding, which it gets as JSON on standard input. Can be repeated.",
    )
    var alertCommands: [String] = []

    @Option(
        name: .customLong("alert-webhook"),
        help: "http:// URL that gets a POST for each finding, signed with --alert-secret. Can be repeated.",
    )
    var alertWebhooks: [String] = []

    @Option(
        name: .customLong("alert-secret"),
        help:
            "File with the webhooks' secret: header Indelible-Signature is sha256= and HMAC-SHA256 of the body in hex.",
    )
    var alertSecret: String?

    package init() {}

    package func validate() throws {
        guard self.alertWebhooks.isEmpty == (self.alertSecret == nil) else {
            throw ValidationError("--alert-webhook and --alert-secret go together.")
        }
        guard self.alertWebhooks.allSatisfy({ $0.hasPrefix("http://") }) else {
            throw ValidationError("--alert-webhook takes an http:// URL.")
        }
        guard self.rescanSeconds >= 0 else { throw ValidationError("--rescan-seconds is 0 or more.") }
        guard ([self.log] + self.witnessLogs + self.collectors).allSatisfy({ $0.type == .ed25519 }) else {
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

    /// Where findings go besides the log and `/healthz`.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when there is no secret in its file.
    func alertOutputs() throws(IndelibleError) -> [AlertOutput] {
        var outputs = self.alertCommands.map { AlertOutput.command($0) }
        guard let path = self.alertSecret else { return outputs }
        let (files, name) = try HostPath(path).open()
        var secret = try files.readAll(name, byteCountMax: Self.secretByteCountMax) ?? []
        while secret.last == UInt8(ascii: "\n") { secret.removeLast() }
        guard secret.count >= Self.secretByteCountMin else {
            let least = "at least \(Self.secretByteCountMin) bytes"
            throw IndelibleError(.invalidArgument, "\(path) must hold the webhooks' secret, \(least).")
        }
        for url in self.alertWebhooks { outputs.append(.webhook(url: url, secret: secret)) }
        return outputs
    }

    private static let secretByteCountMin = 16
    private static let secretByteCountMax = 4096

    /// The keys of ``collectors`` as seals name them.
    func collectorKeys() throws(IndelibleError) -> [CollectorKey] {
        var keys: [CollectorKey] = []
        for key in self.collectors { keys.append(try CollectorKey(name: key.name, publicKey: key.publicKey)) }
        return keys
    }
}
