import AnalyzerCore
import AuditModel
import Logging
import Platform
import Primitives
import ServiceProtocol
import SigmaRules
import Transport

extension AnalyzerCalls {
    /// A rule set with its place in the log, which is made to say that the set is used.
    func judge(of set: RuleSet, logger: Logger) async throws -> RuleJudge {
        if let start = try await self.ruleHistory().start(of: set.hash) { return try RuleJudge(set, start: start) }
        let records = RuleHistory.announcement(of: set)
        for request in try RecordRequest(records, of: set.hash, now: SystemClock.wallNanoseconds).requests {
            try await self.append(request)
        }
        // Another analyzer may have been faster: the first record counts.
        guard let start = try await self.ruleHistory().start(of: set.hash) else {
            throw IndelibleError(
                .unavailable,
                "The log does not show yet that the rule set is used. It is asked again.",
            )
        }
        logger.info("announced a rule set", metadata: ["hash": "\(set.hash)", "rules": "\(set.rules.count)"])
        return try RuleJudge(set, start: start)
    }

    /// What the log says of rule sets.
    private func ruleHistory() async throws -> RuleHistory {
        var history = RuleHistory()
        var view = EntryBatchView()
        for try await payload in self.entries(from: 0, [.rule]) {
            try view.read(payload.span)
            for item in view.items {
                guard case .rule(let record) = try? Entry(serialized: Array(payload[item.entry])).body else { continue }
                history.note(record, at: item.index)
            }
        }
        return history
    }
}
