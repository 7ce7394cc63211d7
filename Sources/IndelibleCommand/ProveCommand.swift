import Storage
import ArgumentParser
import IndelibleClient
import Primitives
import ServiceKit
import ServiceProtocol
import TransparencyLog

/// Writes a proof that verifies offline: `indelible prove`.
struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Write a proof that an entry is in the log.",
        discussion: """
            A c2sp.org/tlog-proof: the inclusion proof and the signed, cosigned checkpoint that it leads to. With the entry's
            bytes (`indelible show --raw`) and the log's vkey anyone can verify it, without us:

              indelible verify --proof 7.tlog-proof --entry 7.bin --vkey "$(jq -r .log_vkey DIR/endpoints.json)"
            """,
    )

    @OptionGroup var client: ClientOptions

    @Argument(help: "Index of the entry.")
    var index: UInt64

    @Option(help: "File to write.")
    var out: String

    func run() async throws {
        try await Outcome.report {
            let ledger = try self.client.ledgerClient()
            let checkpoint = try SignedCheckpoint(parsing: try await ledger.checkpoint().note)
            guard self.index < checkpoint.checkpoint.size else {
                throw IndelibleError(
                    .notFound,
                    "Entry \(self.index) is not under the current checkpoint of \(checkpoint.checkpoint.size) entries yet.",
                )
            }
            let answer = try await ledger.inclusionProof(index: self.index, size: checkpoint.checkpoint.size)
            await ledger.close()
            let proof = try TLogProof(index: self.index, hashes: answer.hashes, checkpoint: checkpoint)
            let (files, name) = try HostPath(self.out).open()
            try files.replaceDurably(name, with: proof.bytes)
            Terminal.note(
                "\(self.out): entry \(self.index) in the tree of \(checkpoint.checkpoint.size), \(answer.hashes.count) hashes"
            )
        }
    }
}
