import AnalyzerCore
import AuditModel
import IndelibleClient
import ProtobufC
import ServiceProtocol

/// The labels of a log.
struct LabelLog {
    private(set) var policy = LabelPolicy()
    /// By entry.
    private(set) var outcomes: [UInt64: LabelPolicy.Outcome] = [:]

    /// Reads every Label.
    static func read(_ ledger: LedgerClient) async throws -> LabelLog {
        var log = LabelLog()
        let size = try await ledger.status().durableSize
        guard size > 0 else { return log }
        for try await batch in ledger.readEntries(.init(to: size, kinds: EntryKindSet([.label]))) {
            for item in batch.view.items {
                let entry = try Entry(serialized: batch.entry(item))
                guard case .label(let label) = entry.body else { continue }
                let time = entry.stamp?.receivedNanoseconds ?? 0
                log.outcomes[item.index] = log.policy.take(.init(label, at: time, index: item.index))
            }
        }
        return log
    }
}
