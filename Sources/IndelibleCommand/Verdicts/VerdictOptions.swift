import AnalyzerCore
import ArgumentParser
import AuditModel
import IndelibleClient
import Primitives
import ProtobufC
import ServiceProtocol

/// Which recorded verdicts a command is about.
struct VerdictOptions: ParsableArguments {
    @OptionGroup var client: ClientOptions

    @Argument(help: "Index of an event, or of an entry of verdicts.")
    var index: UInt64

    @Option(help: "Model file; without it the shipped one.")
    var model: String?

    @Flag(
        name: .customLong("rule-set"),
        help: "The verdict of the rule set rather than that of a model; its rules are taken from the log.",
    )
    var isOfRuleSet = false

    @Flag(help: "One JSON object a line.")
    var json = false

    /// - Returns: the model, what the log has of its verdicts there, and a connection that the caller closes.
    func find() async throws -> (model: AnalyzerModel, recorded: RecordedVerdicts, ledger: LedgerClient) {
        let model = try VerdictModel.load(self.model)
        let ledger = try self.client.ledgerClient()
        return (model, try await RecordedVerdicts.find(at: self.index, model: model.hash, in: ledger), ledger)
    }
}

extension VerdictOptions {
    /// - Returns: what the log has of a rule set's verdicts there and of its rules, and a connection that the caller closes;
    ///   `nil` when these are verdicts of a model.
    func findRules() async throws -> (recorded: RecordedVerdicts, history: RuleHistory, ledger: LedgerClient)? {
        let ledger = try self.client.ledgerClient()
        let kind = try await Self.kind(of: self.index, ledger)
        guard self.isOfRuleSet || kind == .verdicts else {
            await ledger.close()
            return nil
        }
        let recorded = try await RecordedVerdicts.find(at: self.index, model: nil, in: ledger)
        guard recorded.batch.ruleSetHash != nil else {
            await ledger.close()
            return nil
        }
        var history = RuleHistory()
        for try await batch in ledger.readEntries(.init(to: recorded.entryIndex, kinds: EntryKindSet([.rule]))) {
            for item in batch.view.items {
                guard case .rule(let record) = try? Entry(serialized: batch.entry(item)).body else { continue }
                history.note(record, at: item.index)
            }
        }
        return (recorded, history, ledger)
    }

    private static func kind(of index: UInt64, _ ledger: LedgerClient) async throws -> EntryKind? {
        let request = ReadEntriesRequest(from: index, to: index + 1, follow: false, kinds: .all, slots: .all)
        for try await batch in ledger.readEntries(request) {
            if let item = batch.view.items.first { return try EntryScan(batch.entry(item).span).kind }
        }
        return nil
    }
}
