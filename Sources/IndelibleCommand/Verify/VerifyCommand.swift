import IndelibleClient
import ArgumentParser
import Cryptography
import Primitives
import ServiceKit
import Storage
import TransparencyLog
import VerifierCore

/// Verifies a log or a proof: `indelible verify`.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a whole log, or the proof of one entry.",
        discussion: """
            Reads every entry, recomputes every hash and tile, and compares with the signed checkpoint; checks every batch seal,
            and that every verdict is about the entry that it names. With --collector or --operator a seal by any other key is
            a finding; --data knows the suite's:

              indelible verify --data DIR                  a running suite, over its tile endpoint
              indelible verify --tiles DIR|URL --vkey V    exported files, or any C2SP tlog-tiles log
              indelible verify --log HOST:PORT --policy F  a ledger, over RPC; --log URL reads tiles

            Or checks one entry offline, trusting only the keys given:

              indelible verify --proof 7.tlog-proof --entry 7.bin --vkey V
              indelible verify --proof 7.tlog-proof --entry 7.bin --policy POLICY
              indelible verify --proof 7.tlog-proof --entry 7.bin --data DIR     with the keys of DIR/endpoints.json

            Or checks a verifier's proof that a log signed two histories:

              indelible verify --evidence FILE --vkey V

            Exit code 0: verified. 1: not; with --json the finding is {"kind","index","path","expected","found","remedy"}.
            """,
    )

    @Option(help: "The directory that was given to `indelible up`.")
    var data: String?

    @Option(help: "A directory of tiles, or the URL of a log.")
    var tiles: String?

    @Option(help: "A running log: RPC address of its ledger, host:port, or the URL of its tiles.")
    var log: String?

    @Option(help: "Verifier key of the log, or a file that holds it.")
    var vkey: String?

    @Option(help: "A trust policy (C2SP tlog-policy): logs, witnesses and the quorum.")
    var policy: String?

    @Option(help: "A proof from `indelible prove`.")
    var proof: String?

    @Option(help: "The entry's bytes, from `indelible show --raw`.")
    var entry: String?

    @Option(help: "A verifier's evidence of a fork; verified when it convicts the log.")
    var evidence: String?

    @Option(
        name: .customLong("timestamp-ca"),
        help: "PEM certificates of the authority whose stamp the proof must carry (RFC 3161).",
    )
    var timestampAuthorities: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var keys: AuditOptions
    @OptionGroup var tls: ClientTLSOptions

    func validate() throws {
        let given = [self.proof ?? self.evidence ?? self.data, self.tiles, self.log].count { $0 != nil }
        guard given == 1, self.proof == nil || self.evidence == nil else {
            throw ValidationError("Say one thing to verify: --data, --tiles, --log, --proof or --evidence.")
        }
        guard self.policy == nil || self.vkey == nil else {
            throw ValidationError("--policy and --vkey both say whom to trust. Give one.")
        }
        guard self.timestampAuthorities == nil || self.proof != nil else {
            throw ValidationError("--timestamp-ca goes with --proof.")
        }
        guard (self.proof == nil) == (self.entry == nil) else {
            throw ValidationError("--proof and --entry go together: a proof speaks of the entry's bytes.")
        }
        guard self.data != nil || self.vkey != nil || self.policy != nil else {
            throw ValidationError("Say whom to trust: --vkey or --policy.")
        }
    }

    func run() async throws {
        try await Outcome.report {
            if let evidence { return try self.verifyEvidence(evidence) }
            let result = self.proof == nil ? try await self.verifyLog() : try self.verifyProof()
            switch result {
            case .success(let report): Terminal.write(self.json ? report.json : report.text)
            case .failure(let finding):
                Terminal.write(self.json ? finding.json + "\n" : finding.text + "\n")
                throw Outcome.no
            }
        }
    }

    // MARK: - A whole log

    private func verifyLog() async throws -> Result<VerifyReport, Finding> {
        if let log, !TileSource.isURL(log) {
            let policy = try self.trust(default: nil)
            let audit = try self.keys.audit(default: nil)
            let client = LedgerClient(
                try ServiceAddress(parsing: log, tls: self.tls.settings),
                software: Software.name("cli"),
                retry: .none,
            )
            do {
                let verified = try await StreamVerification(client: client, policy: policy, audit: audit).run()
                await client.close()
                return verified
            } catch {
                await client.close()
                throw error
            }
        }
        let endpoints = try self.suiteEndpoints()
        let verification = TileVerification(
            source: try TileSource(endpoints?.tilesHTTP ?? self.tiles ?? self.log ?? "", tls: self.tls.http),
            policy: try self.trust(default: endpoints),
            audit: try self.keys.audit(default: endpoints),
        )
        return try await verification.run()
    }

    // MARK: - One entry

    private func verifyProof() throws(IndelibleError) -> Result<VerifyReport, Finding> {
        let proof = try TLogProof(parsing: try Self.read(self.proof ?? "", byteCountMax: TLogProof.byteCountMax))
        let entry = try Self.read(self.entry ?? "", byteCountMax: EntryBundle.entryByteCountMax)
        do throws(IndelibleError) {
            let verdict = try proof.verify(
                leafHash: LeafHash.hash(entry),
                policy: try self.trust(default: try self.suiteEndpoints()),
            )
            return .success(
                VerifyReport(verdict, index: proof.index, stampedSeconds: try self.stamp(proof, verdict.log))
            )
        } catch {
            guard error.code == .dataLoss || error.code == .unauthenticated else { throw error }
            return .failure(Finding(.payloadAltered, index: proof.index, path: self.proof, found: error.message))
        }
    }

    /// The time of the stamp that the proof carries; `nil` when none was asked for.
    private func stamp(_ proof: TLogProof, _ log: VerifierKey) throws(IndelibleError) -> UInt64? {
        guard let path = self.timestampAuthorities else { return nil }
        guard let response = proof.extra else {
            throw IndelibleError(.unauthenticated, "The proof carries no time-stamp; see `indelible prove --help`.")
        }
        return try Timestamp.verify(
            response,
            over: Timestamp.subject(proof.checkpoint, log: log),
            authorities: String(decoding: Self.read(path, byteCountMax: 1 << 20).filter { $0 != 0 }, as: UTF8.self),
        )
    }

    // MARK: - A fork

    private func verifyEvidence(_ path: String) throws {
        let evidence = try ForkEvidence(parsing: try Self.read(path, byteCountMax: ForkEvidence.byteCountMax))
        let policy = try self.trust(default: try self.suiteEndpoints())
        do throws(IndelibleError) {
            let report = EvidenceReport(evidence, log: try evidence.verify(by: policy.logs.map(\.key)))
            Terminal.write(self.json ? report.json : report.text)
        } catch {
            let expected = "two histories signed by one log"
            let finding = Finding(.checkpointInvalid, path: path, expected: expected, found: error.message)
            Terminal.write((self.json ? finding.json : finding.text) + "\n")
            throw Outcome.no
        }
    }

    // MARK: - Trust

    private func suiteEndpoints() throws(IndelibleError) -> Endpoints? {
        guard let data else { return nil }
        return try SuiteDirectory(data).endpoints()
    }

    private func trust(default endpoints: Endpoints?) throws(IndelibleError) -> TrustPolicy {
        if let policy {
            return try TrustPolicy(parsing: try Self.read(policy, byteCountMax: TrustPolicy.byteCountMax))
        }
        if let vkey { return TrustPolicy(log: try VerifierKey(argument: vkey)) }
        guard let endpoints else {
            throw IndelibleError(.invalidArgument, "Say whom to trust: --vkey or --policy.")
        }
        // The keys of the suite's own directory: enough to see damage, not to convict the one who runs it.
        var text = "log \(endpoints.logVKey)\n"
        for (number, key) in endpoints.witnessVKeys.enumerated() { text += "witness w\(number) \(key)\n" }
        return try TrustPolicy(parsing: Array((text + "quorum none\n").utf8))
    }

    private static func read(_ path: String, byteCountMax: Int) throws(IndelibleError) -> [UInt8] {
        let (files, name) = try HostPath(path).open()
        guard let bytes = try files.readAll(name, byteCountMax: byteCountMax) else {
            throw IndelibleError(.invalidArgument, "There is no file \(path).")
        }
        return bytes
    }
}
