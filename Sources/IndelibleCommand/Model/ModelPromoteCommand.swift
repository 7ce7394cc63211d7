import AnalyzerCore
import ArgumentParser
import AuditModel
import IndelibleClient
import Primitives
import TransparencyLog

/// Puts a model in force: `indelible model promote`.
struct ModelPromoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Put a model in force: it judges every event after the record.",
        discussion: """
            The record's card is the comparison with the model in force on the
            events that both have judged since the model was shadowed, as
            `indelible model compare` prints it. Exits with 2 when there are
            fewer than --events-min of them, unless --untested is given, which
            the card then says.
            """,
    )

    @Argument(help: "SHA-256 of the model's file, or the first digits.")
    var model: String

    @Option(name: .customLong("events-min"), help: "Events that both models must have judged.")
    var eventsMin: UInt64 = 1000

    @Flag(help: "Promote it without a comparison, such as when going back to an earlier one.")
    var untested = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var signing: ModelSigningOptions

    func run() async throws {
        try await Outcome.report {
            let signer = try self.signing.signer(self.client)
            let ledger = try self.client.ledgerClient()
            let log = try await ModelLog.read(ledger, root: signer.verifierKey)
            let record = try log.registered(self.model)
            guard log.judges.inForce != record.modelHash else {
                throw IndelibleError(.failedPrecondition, "The model \(record.modelHash.hex) is in force already.")
            }
            let card = self.untested ? #"{"untested":true}"# : try await self.comparison(record, log, ledger)
            await ledger.close()
            try await ModelWord.record(record, .promoted, card: card, signedBy: signer, self.client)
        }
    }

    private func comparison(_ record: ModelRecord, _ log: ModelLog, _ ledger: LedgerClient) async throws -> String {
        let comparison = try await log.comparison(of: record.modelHash, ledger)
        guard let comparison, comparison.eventCount >= self.eventsMin else {
            throw IndelibleError(
                .failedPrecondition,
                "\(comparison?.eventCount ?? 0) events were judged by both models, fewer than \(self.eventsMin). "
                    + "Shadow it for longer, or say --untested.",
            )
        }
        return comparison.json
    }
}
