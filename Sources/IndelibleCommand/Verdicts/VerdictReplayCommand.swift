import AnalyzerCore
import ArgumentParser
import AuditModel
import IndelibleClient
import Primitives
import ServiceProtocol

/// Computes a verdict again and compares: `indelible verdict replay`.
struct VerdictReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Compute a verdict again from the log, and compare it bit for bit.",
        discussion: """
            Reads the events of the actor's slot in order, up to the event,
            computes features and margins anew with the model whose hash the
            verdict names, and compares every field with what was recorded.

            INDEX is an event's, or that of an entry of verdicts: then all of its
            verdicts are computed again. With --json one object a line: event_index,
            equal, differences (names of fields), model, schema, slot,
            entry_index (where the verdict stands), recorded and recomputed, each
            as `indelible verdicts --json` prints it and with its features.

            Exit codes: 0 equal; 1 different, or there is no verdict; 2 the
            verdict is of another model than the file given; 3 not reachable.
            With --rule-set the verdict of the rule set is computed again, from the
            rules as the log has them; correlations need the slot's events since
            the set was used, other rules the event alone.

            Whether the log itself was altered is what `indelible verify` says.
            """,
    )

    @OptionGroup var options: VerdictOptions

    func run() async throws {
        try await Outcome.report {
            if let (recorded, history, ledger) = try await self.options.findRules() {
                let isEqual = try await self.replay(recorded, history, ledger)
                await ledger.close()
                guard isEqual else { throw Outcome.no }
                return
            }
            let (model, recorded, ledger) = try await self.options.find()
            let isEqual = try await self.replay(recorded, model, ledger)
            await ledger.close()
            if !isEqual { throw Outcome.no }
        }
    }

    /// Prints each comparison; whether all are equal.
    private func replay(
        _ recorded: RecordedVerdicts,
        _ model: AnalyzerModel,
        _ ledger: LedgerClient,
    ) async throws -> Bool {
        var replay = try VerdictReplay(recorded.batch, recorded.verdicts, model: model)
        let request = ReadEntriesRequest(
            from: 0,
            to: (recorded.verdicts.map(\.eventIndex).max() ?? 0) + 1,
            follow: false,
            kinds: EntryKindSet([.event]),
            slots: SlotSet([UInt8(truncatingIfNeeded: recorded.batch.slot)]),
        )
        var isEqual = true
        func show(_ comparison: VerdictReplay.Comparison) {
            self.show(comparison, recorded)
            isEqual = isEqual && comparison.isEqual
        }
        for try await batch in ledger.readEntries(request) {
            for item in batch.view.items {
                if let comparison = try replay.take(index: item.index, entry: batch.entry(item)) { show(comparison) }
            }
        }
        for comparison in replay.finish() { show(comparison) }
        return isEqual
    }

    private func show(_ comparison: VerdictReplay.Comparison, _ recorded: RecordedVerdicts) {
        Terminal.write(
            self.options.json
                ? VerdictJSON.line(comparison, of: recorded.batch, in: recorded.entryIndex)
                : Self.text(comparison, in: recorded.entryIndex)
        )
    }

    /// As for models, by the rules in the log.
    private func replay(
        _ recorded: RecordedVerdicts,
        _ history: RuleHistory,
        _ ledger: LedgerClient,
    ) async throws -> Bool {
        let hash = recorded.batch.modelHash
        guard let start = history.start(of: hash) else {
            throw IndelibleError(.dataLoss, "The log does not say that the rule set \(hash.hex) is used.")
        }
        let set = try history.set(hash)
        var replay = try RuleReplay(recorded.batch, recorded.verdicts, set: set, start: start)
        let request = ReadEntriesRequest(
            from: replay.from,
            to: (recorded.verdicts.map(\.eventIndex).max() ?? 0) + 1,
            follow: false,
            kinds: EntryKindSet([.event]),
            slots: SlotSet([UInt8(truncatingIfNeeded: recorded.batch.slot)]),
        )
        var isEqual = true
        for try await batch in ledger.readEntries(request) {
            for item in batch.view.items {
                guard let comparison = try replay.take(index: item.index, entry: batch.entry(item)) else { continue }
                self.show(comparison, recorded)
                isEqual = isEqual && comparison.isEqual
            }
        }
        for comparison in replay.finish() {
            self.show(comparison, recorded)
            isEqual = false
        }
        return isEqual
    }

    private static func text(_ comparison: VerdictReplay.Comparison, in entryIndex: UInt64) -> String {
        let finding = comparison.isEqual ? "equal" : "differs in \(comparison.differences.joined(separator: ", "))"
        return "event \(comparison.recorded.eventIndex), verdict in entry \(entryIndex): \(finding)\n"
    }
}
