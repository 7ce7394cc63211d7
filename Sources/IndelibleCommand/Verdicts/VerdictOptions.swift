import AnalyzerCore
import ArgumentParser
import IndelibleClient

/// Which recorded verdicts a command is about.
struct VerdictOptions: ParsableArguments {
    @OptionGroup var client: ClientOptions

    @Argument(help: "Index of an event, or of an entry of verdicts.")
    var index: UInt64

    @Option(help: "Model file; without it the shipped one.")
    var model: String?

    @Flag(help: "One JSON object a line.")
    var json = false

    /// - Returns: the model, what the log has of its verdicts there, and a connection that the caller closes.
    func find() async throws -> (model: AnalyzerModel, recorded: RecordedVerdicts, ledger: LedgerClient) {
        let model = try VerdictModel.load(self.model)
        let ledger = try self.client.ledgerClient()
        return (model, try await RecordedVerdicts.find(at: self.index, model: model.hash, in: ledger), ledger)
    }
}
