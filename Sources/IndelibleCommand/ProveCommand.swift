import Storage
import ArgumentParser
import IndelibleClient
import Primitives
import ServiceKit
import ServiceProtocol
import TransparencyLog
import VerifierCore

/// Writes a proof that verifies offline: `indelible prove`.
struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Write a proof that an entry is in the log.",
        discussion: """
            A c2sp.org/tlog-proof: the inclusion proof and the signed, cosigned checkpoint that it leads to. With the entry's
            bytes (`indelible show --raw`) and the log's vkey anyone can verify it, without us:

              indelible verify --proof 7.tlog-proof --entry 7.bin --vkey "$(jq -r .log_vkey DIR/endpoints.json)"

            With --checkpoint and --timestamp, files that a verifier keeps under timestamps/, the proof leads to the stamped
            checkpoint and carries the stamp, so that it also shows when:

              indelible prove 7 --out 7.tlog-proof --checkpoint 900.checkpoint --timestamp 900.tsr
            """,
    )

    @OptionGroup var client: ClientOptions

    @Argument(help: "Index of the entry.")
    var index: UInt64

    @Option(help: "File to write.")
    var out: String

    @Option(help: "A signed checkpoint that the proof is to lead to. Default: the current one.")
    var checkpoint: String?

    @Option(help: "An RFC 3161 response over that checkpoint, to be carried along.")
    var timestamp: String?

    func validate() throws {
        guard self.timestamp == nil || self.checkpoint != nil else {
            throw ValidationError("--timestamp needs the --checkpoint that was stamped.")
        }
    }

    func run() async throws {
        try await Outcome.report {
            let ledger = try self.client.ledgerClient()
            let given = try self.checkpoint.map { (path) throws(IndelibleError) in
                try Self.read(path, byteCountMax: SignedNote.byteCountMax)
            }
            let note = if let given { given } else { try await ledger.checkpoint().note }
            let checkpoint = try SignedCheckpoint(parsing: note)
            let stamp = try self.timestamp.map { (path) throws(IndelibleError) in
                try Self.read(path, byteCountMax: Timestamp.responseByteCountMax)
            }
            guard self.index < checkpoint.checkpoint.size else {
                throw IndelibleError(
                    .notFound,
                    "Entry \(self.index) is not under the checkpoint of \(checkpoint.checkpoint.size) entries yet.",
                )
            }
            let answer = try await ledger.inclusionProof(index: self.index, size: checkpoint.checkpoint.size)
            await ledger.close()
            let proof = try TLogProof(index: self.index, hashes: answer.hashes, checkpoint: checkpoint, extra: stamp)
            let (files, name) = try HostPath(self.out).open()
            try files.replaceDurably(name, with: proof.bytes)
            Terminal.note(
                "\(self.out): entry \(self.index) in the tree of \(checkpoint.checkpoint.size), \(answer.hashes.count) hashes"
            )
        }
    }

    private static func read(_ path: String, byteCountMax: Int) throws(IndelibleError) -> [UInt8] {
        let (files, name) = try HostPath(path).open()
        guard let bytes = try files.readAll(name, byteCountMax: byteCountMax) else {
            throw IndelibleError(.invalidArgument, "There is no file \(path).")
        }
        return bytes
    }
}
