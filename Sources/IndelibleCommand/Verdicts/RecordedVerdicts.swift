import AuditModel
import IndelibleClient
import Primitives
import ProtobufC
import ServiceProtocol

/// Verdicts to compute again, as they stand in the log.
struct RecordedVerdicts {
    let entryIndex: UInt64
    let batch: VerdictBatch
    /// Those that were asked for.
    let verdicts: [Verdict]

    /// All verdicts of an entry of verdicts, or a model's verdict on an event.
    ///
    /// - Parameters:
    ///   - index: of the event, or of the entry that holds verdicts.
    ///   - model: SHA-256 of the model's file, where several have judged an event; `nil` for the verdict of a rule set.
    /// - Throws: ``IndelibleError/Code/notFound`` when there is no verdict, ``IndelibleError/Code/failedPrecondition`` when
    ///   only other models have judged the event.
    static func find(at index: UInt64, model: Digest?, in ledger: LedgerClient) async throws -> Self {
        let request = ReadEntriesRequest(from: index, to: index + 1, follow: false, kinds: .all, slots: .all)
        for try await batch in ledger.readEntries(request) {
            guard let item = batch.view.items.first else { continue }
            let entry = batch.entry(item)
            switch try EntryScan(entry.span).kind {
            case .event: return try await Self.verdict(on: index, slot: item.slot, model, ledger)
            case .verdicts:
                guard case .verdicts(let batch) = try Entry(serialized: entry).body else { continue }
                return Self(entryIndex: index, batch: batch, verdicts: batch.verdicts)
            case let kind:
                throw IndelibleError(
                    .invalidArgument,
                    "Entry \(index) is of kind \(kind). Give the index of an event, or of an entry of verdicts.",
                )
            }
        }
        throw IndelibleError(.notFound, "The log has no entry \(index) yet.")
    }

    /// Looks through the slot's verdicts after the event.
    private static func verdict(
        on event: UInt64,
        slot: UInt8,
        _ model: Digest?,
        _ ledger: LedgerClient,
    ) async throws -> Self {
        let request = ReadEntriesRequest(
            from: event + 1,
            to: 0,
            follow: false,
            kinds: EntryKindSet([.verdicts]),
            slots: SlotSet([slot]),
        )
        var other: Digest?
        for try await batch in ledger.readEntries(request) {
            for item in batch.view.items {
                guard case .verdicts(let verdicts) = try Entry(serialized: batch.entry(item)).body,
                    let verdict = verdicts.verdicts.first(where: { $0.eventIndex == event })
                else { continue }
                let isAsked = model == nil ? verdicts.ruleSetHash != nil : verdicts.modelHash == model
                if isAsked { return Self(entryIndex: item.index, batch: verdicts, verdicts: [verdict]) }
                if verdicts.ruleSetHash == nil { other = verdicts.modelHash }
            }
        }
        guard let model else {
            throw IndelibleError(.notFound, "No rule holds for event \(event), or none was tried yet.")
        }
        guard let other else { throw IndelibleError(.notFound, "Event \(event) has no verdict yet.") }
        throw IndelibleError(
            .failedPrecondition,
            "The verdict on event \(event) is of the model with SHA-256 \(other.hex), not of \(model.hex). "
                + "Give its file with --model.",
        )
    }
}
