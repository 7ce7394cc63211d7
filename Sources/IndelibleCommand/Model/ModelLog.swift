import AnalyzerCore
import AuditModel
import IndelibleClient
import Primitives
import ProtobufC
import ServiceProtocol
import TransparencyLog

/// What a log says of models.
struct ModelLog {
    private(set) var timeline = ModelTimeline()
    private(set) var records: [ModelRecord] = []
    let size: UInt64

    /// Reads every ModelRecord.
    ///
    /// - Parameter root: the operator's key, without whose signature analyzers ignore a record; `nil` takes all.
    static func read(_ ledger: LedgerClient, root: VerifierKey?) async throws -> ModelLog {
        var log = ModelLog(size: try await ledger.status().durableSize)
        guard log.size > 0 else { return log }
        let request = ReadEntriesRequest(to: log.size, kinds: EntryKindSet([.model]))
        for try await batch in ledger.readEntries(request) {
            for item in batch.view.items {
                guard case .model(let record) = try Entry(serialized: batch.entry(item)).body,
                    root.map({ record.isSigned(byRoot: $0.publicKey) }) ?? true
                else { continue }
                log.records.append(record)
                guard let action = ModelTimeline.Action(rawValue: record.action) else { continue }
                log.timeline.note(.init(index: item.index, model: record.modelHash, action: action))
            }
        }
        return log
    }

    private init(size: UInt64) { self.size = size }

    var judges: ModelTimeline.Judges { self.timeline.judges(of: self.size) }

    /// What was last said of each model, and what it does now, in the order in which they became known.
    var models: [(record: ModelRecord, state: String)] {
        var order: [Digest] = []
        var last: [Digest: ModelRecord] = [:]
        for record in self.records where ModelTimeline.Action(rawValue: record.action) != nil {
            if last.updateValue(record, forKey: record.modelHash) == nil { order.append(record.modelHash) }
        }
        let judges = self.judges
        return order.compactMap { last[$0] }.map { record in
            let isReplaced = record.action == ModelTimeline.Action.promoted.rawValue
            let idle = isReplaced ? "replaced" : record.action
            return (record, judges.inForce == record.modelHash ? "in_force" : idle)
        }
    }

    /// The registered model whose SHA-256 begins with `prefix`.
    ///
    /// - Throws: ``IndelibleError/Code/notFound`` unless there is exactly one.
    func registered(_ prefix: String) throws(IndelibleError) -> ModelRecord {
        var found: [Digest: ModelRecord] = [:]
        for record in self.records where record.action == ModelTimeline.Action.registered.rawValue {
            if record.modelHash.hex.hasPrefix(prefix.lowercased()) { found[record.modelHash] = record }
        }
        guard let record = found.values.first, found.count == 1 else {
            throw IndelibleError(
                .notFound,
                found.isEmpty
                    ? "The log has no registered model \(prefix). Register its file first: `indelible model register`."
                    : "\(found.count) registered models begin with \(prefix). Give more digits.",
            )
        }
        return record
    }

    /// A model beside the one in force, on the events since it was last shadowed or promoted; `nil` when it never was, or
    /// nothing else has judged.
    func comparison(of model: Digest, _ ledger: LedgerClient) async throws -> ModelComparison? {
        let start = self.timeline.changes.last { change in
            change.model == model && (change.action == .shadowed || change.action == .promoted)
        }
        guard let start, start.index < self.size else { return nil }
        let inForce =
            if let inForce = self.judges.inForce { inForce } else {
                try await self.firstJudge(since: start.index, otherThan: self.judges.shadows + [model], ledger)
            }
        guard let inForce, inForce != model else { return nil }
        var comparison = ModelComparison(old: inForce, new: model)
        for try await batch in self.verdicts(since: start.index, ledger) {
            for item in batch.view.items { comparison.take(try Self.verdicts(batch.entry(item))) }
        }
        return comparison
    }

    /// The model in force before any promotion, which analyzers know and the log does not name: whoever judges besides.
    private func firstJudge(
        since start: UInt64,
        otherThan others: [Digest],
        _ ledger: LedgerClient,
    ) async throws -> Digest? {
        for try await batch in self.verdicts(since: start, ledger) {
            for item in batch.view.items {
                let verdicts = try Self.verdicts(batch.entry(item))
                if verdicts.ruleSetHash == nil, !others.contains(verdicts.modelHash) { return verdicts.modelHash }
            }
        }
        return nil
    }

    private func verdicts(since start: UInt64, _ ledger: LedgerClient) -> EntryBatches {
        ledger.readEntries(.init(from: start, to: self.size, kinds: EntryKindSet([.verdicts])))
    }

    private static func verdicts(_ entry: [UInt8]) throws(IndelibleError) -> VerdictBatch {
        guard case .verdicts(let batch) = try Entry(serialized: entry).body else {
            throw IndelibleError(.dataLoss, "The ledger sent an entry of another kind than verdicts.")
        }
        return batch
    }
}
