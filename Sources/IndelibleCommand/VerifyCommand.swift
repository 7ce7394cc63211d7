import IndelibleClient
import ArgumentParser
import Cryptography
import JSONText
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
            Reads every entry, recomputes every hash and tile, and compares with the signed checkpoint:

              indelible verify --data DIR                  a running suite, over its tile endpoint
              indelible verify --tiles DIR|URL --vkey V    exported files, or any C2SP tlog-tiles log

            Or checks one entry offline, trusting only the keys given:

              indelible verify --proof 7.tlog-proof --entry 7.bin --vkey V
              indelible verify --proof 7.tlog-proof --entry 7.bin --policy POLICY
              indelible verify --proof 7.tlog-proof --entry 7.bin --data DIR     with the keys of DIR/endpoints.json

            Exit code 0: verified. 1: not; with --json the finding is {"kind","index","path","expected","found"}.
            """,
    )

    @Option(help: "The directory that was given to `indelible up`.")
    var data: String?

    @Option(help: "A directory of tiles, or the URL of a log.")
    var tiles: String?

    @Option(help: "Verifier key of the log, or a file that holds it.")
    var vkey: String?

    @Option(help: "A trust policy (C2SP tlog-policy): logs, witnesses and the quorum.")
    var policy: String?

    @Option(help: "A proof from `indelible prove`.")
    var proof: String?

    @Option(help: "The entry's bytes, from `indelible show --raw`.")
    var entry: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard self.tiles == nil || (self.data == nil && self.proof == nil),
            (self.data ?? self.tiles ?? self.proof) != nil
        else { throw ValidationError("Say one thing to verify: --data, --tiles or --proof.") }
        guard (self.proof == nil) == (self.entry == nil) else {
            throw ValidationError("--proof and --entry go together: a proof speaks of the entry's bytes.")
        }
        guard self.data != nil || self.vkey != nil || self.policy != nil else {
            throw ValidationError("Say whom to trust: --vkey or --policy.")
        }
    }

    func run() async throws {
        try await Outcome.report {
            let result = self.proof == nil ? try await self.verifyLog() : try self.verifyProof()
            switch result {
            case .success(let report): Terminal.write(self.json ? report.json : report.text)
            case .failure(let finding):
                Terminal.write(self.json ? finding.json + "\n" : finding.text + "\n")
                throw Outcome.no
            }
        }
    }

    /// What was verified.
    private struct Report {
        let origin: String
        let size: UInt64
        let root: Digest
        let index: UInt64?
        let cosignatureCount: Int

        var text: String {
            let what = self.index.map { "Entry \($0) is" } ?? "All \(self.size) entries are"
            return "Verified. \(what) in \(self.origin) at size \(self.size), root \(Base64.encode(self.root.bytes)), "
                + "\(self.cosignatureCount) trusted cosignatures.\n"
        }

        var json: String {
            var writer = JSONWriter()
            writer.object { writer in
                writer.key("verified")
                writer.bool(true)
                writer.key("origin")
                writer.string(self.origin)
                writer.key("size")
                writer.integer(self.size)
                writer.key("root")
                writer.string(Base64.encode(self.root.bytes))
                writer.key("index")
                if let index = self.index { writer.integer(index) } else { writer.null() }
                writer.key("cosignatures")
                writer.integer(self.cosignatureCount)
            }
            return writer.text + "\n"
        }
    }

    // MARK: - A whole log

    private func verifyLog() async throws -> Result<Report, Finding> {
        let place: String
        var policy: TrustPolicy
        if let data {
            let endpoints = try SuiteDirectory(data).endpoints()
            place = endpoints.tilesHTTP
            policy = try self.trust(default: endpoints)
        } else {
            place = self.tiles ?? ""
            policy = try self.trust(default: nil)
        }
        let source = try TileSource(place)
        guard let note = try await source.read("checkpoint") else {
            return .failure(Finding(.missing, path: "checkpoint"))
        }
        let verdict: TrustPolicy.Verdict
        do throws(IndelibleError) {
            verdict = try policy.verify(try SignedNote(parsing: note))
        } catch {
            return .failure(
                Finding(.checkpoint, path: "checkpoint", expected: "a trusted signature", found: error.message)
            )
        }
        var verifier = TileVerifier(checkpoint: verdict.checkpoint)
        defer { Terminal.endProgress() }
        while case .read(let path) = verifier.step {
            verifier.supply(try await source.read(path.description))
            Terminal.progress("verified \(verifier.entryCount) of \(verdict.checkpoint.size) entries")
        }
        if case .finding(let finding) = verifier.step { return .failure(finding) }
        return .success(Self.report(verdict, index: nil))
    }

    // MARK: - One entry

    private func verifyProof() throws(IndelibleError) -> Result<Report, Finding> {
        let proof = try TLogProof(parsing: try Self.read(self.proof ?? "", byteCountMax: TLogProof.byteCountMax))
        let entry = try Self.read(self.entry ?? "", byteCountMax: EntryBundle.entryByteCountMax)
        do throws(IndelibleError) {
            let verdict = try proof.verify(
                leafHash: LeafHash.hash(entry),
                policy: try self.trust(default: try self.suiteEndpoints()),
            )
            return .success(Self.report(verdict, index: proof.index))
        } catch {
            guard error.code == .dataLoss || error.code == .unauthenticated else { throw error }
            return .failure(Finding(.entry, index: proof.index, path: self.proof, found: error.message))
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
        if let vkey { return TrustPolicy(log: try VerifierKey(parsing: try Self.text(vkey))) }
        guard let endpoints else {
            throw IndelibleError(.invalidArgument, "Say whom to trust: --vkey or --policy.")
        }
        // The keys of the suite's own directory: enough to see damage, not to convict the one who runs it.
        var text = "log \(endpoints.logVKey)\n"
        for (number, key) in endpoints.witnessVKeys.enumerated() { text += "witness w\(number) \(key)\n" }
        return try TrustPolicy(parsing: Array((text + "quorum none\n").utf8))
    }

    /// A vkey as it is, or the first line of a file that holds one.
    private static func text(_ vkey: String) throws(IndelibleError) -> String {
        guard !vkey.contains("+") else { return vkey }
        let bytes = try Self.read(vkey, byteCountMax: VerifierKey.byteCountMax)
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    private static func report(_ verdict: TrustPolicy.Verdict, index: UInt64?) -> Report {
        Report(
            origin: verdict.checkpoint.origin,
            size: verdict.checkpoint.size,
            root: verdict.checkpoint.root,
            index: index,
            cosignatureCount: verdict.cosignatures.count,
        )
    }

    private static func read(_ path: String, byteCountMax: Int) throws(IndelibleError) -> [UInt8] {
        let (files, name) = try HostPath(path).open()
        guard let bytes = try files.readAll(name, byteCountMax: byteCountMax) else {
            throw IndelibleError(.invalidArgument, "There is no file \(path).")
        }
        return bytes
    }
}

extension Finding {
    fileprivate var text: String {
        var text = "NOT verified: \(self.kind.rawValue)"
        if let index = self.index { text += ", first wrong entry \(index)" }
        if let path = self.path { text += ", \(path)" }
        if let expected = self.expected { text += "\n  expected \(expected)" }
        if let found = self.found { text += "\n  found    \(found)" }
        return text
    }

    fileprivate var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("kind")
            writer.string(self.kind.rawValue)
            writer.key("index")
            if let index = self.index { writer.integer(index) } else { writer.null() }
            for (key, text) in [("path", self.path), ("expected", self.expected), ("found", self.found)] {
                writer.key(key)
                if let text { writer.string(text) } else { writer.null() }
            }
        }
        return writer.text
    }
}
