import AnalyzerCore
import ArgumentParser
import AuditModel
import IndelibleClient
import Primitives

/// Compares two models on the log's own events: `indelible model compare`.
struct ModelCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare what a shadowed model and the one in force say of the same events.",
        discussion: """
            From the verdicts in the log, since the model was last shadowed or
            promoted. With --json one object: old, new (SHA-256), events (judged
            by both), raised and lowered (in severity, by the new model),
            category_differences, feature_differences (0, or something is wrong),
            mean_margin_difference, stability_index (of the risks; above 0.25
            they are distributed otherwise) and severities, by the old model's
            and then the new one's.

            Exits with 1 when no event was judged by both.
            """,
    )

    @Argument(help: "SHA-256 of the new model's file, or the first digits.")
    var model: String

    @OptionGroup var client: ClientOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let ledger = try self.client.ledgerClient()
            let log = try await ModelLog.read(ledger, root: try self.client.operatorKey())
            let comparison = try await log.comparison(of: try log.registered(self.model).modelHash, ledger)
            await ledger.close()
            guard let comparison, comparison.eventCount > 0 else {
                throw IndelibleError(.notFound, "No event was judged by this model and the one in force.")
            }
            Terminal.write(self.json ? comparison.json + "\n" : comparison.text)
        }
    }
}
