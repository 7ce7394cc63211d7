import AnalyzerCore
import ArgumentParser
import AuditModel
import IndelibleClient
import Primitives
import TransparencyLog

/// Lets a model judge beside the one in force: `indelible model shadow`.
struct ModelShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow",
        abstract: "Let a registered model judge every event from now on, beside the one in force, for comparison.",
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
            let judges = log.judges
            guard judges.inForce != record.modelHash, !judges.shadows.contains(record.modelHash) else {
                throw IndelibleError(.failedPrecondition, "The model \(record.modelHash.hex) judges already.")
            }
            guard judges.shadows.count < ModelTimeline.judgeCountMax - 1 else {
                throw IndelibleError(
                    .failedPrecondition,
                    "\(judges.shadows.count) models are shadowed already. Retire one first.",
                )
            }
            try await ModelWord.record(record, .shadowed, card: "", signedBy: signer, self.client)
        }
    }
}
