import AnalyzerCore
import ArgumentParser
import AuditModel
import IndelibleClient
import Primitives
import TransparencyLog

/// Ends a model's part: `indelible model retire`.
struct ModelRetireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "End a shadowed model's part.",
    )

    @Argument(help: "SHA-256 of the model's file, or the first digits.")
    var model: String

    @OptionGroup var client: ClientOptions
    @OptionGroup var signing: ModelSigningOptions

    func run() async throws {
        try await Outcome.report {
            let signer = try self.signing.signer(self.client)
            let ledger = try self.client.ledgerClient()
            let log = try await ModelLog.read(ledger, root: signer.verifierKey)
            await ledger.close()
            let record = try log.registered(self.model)
            guard log.judges.inForce != record.modelHash else {
                throw IndelibleError(
                    .failedPrecondition,
                    "The model \(record.modelHash.hex) is in force. Promote another one first.",
                )
            }
            try await ModelWord.record(record, .retired, card: "", signedBy: signer, self.client)
        }
    }
}
