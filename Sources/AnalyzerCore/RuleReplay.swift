package import AuditModel
internal import Cryptography
package import Primitives
package import SigmaRules

/// Computes recorded verdicts of a rule set again, from the events of their slot and the rules alone.
package struct RuleReplay: Sendable {
    private let set: RuleSet
    private var state = RuleState()
    /// By event, those that have not been computed again.
    private var recorded: [UInt64: Verdict] = [:]
    /// The first event to be given.
    package let from: UInt64

    /// - Parameters:
    ///   - verdicts: of one entry, not empty.
    ///   - start: the first entry that the set counts for.
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when another rule set, or other semantics, made them.
    package init(
        _ batch: VerdictBatch,
        _ verdicts: [Verdict],
        set: RuleSet,
        start: UInt64,
    ) throws(IndelibleError) {
        guard batch.ruleSetHash == set.hash, batch.schemaHash == (try RuleSet.semanticsHash()) else {
            throw IndelibleError(
                .failedPrecondition,
                "These verdicts are not of the rule set \(set.hash.hex) as this version evaluates it.",
            )
        }
        self.set = set
        // Without correlations, what came before does not matter.
        self.from = set.hasCorrelations ? start : verdicts.map(\.eventIndex).min() ?? start
        for verdict in verdicts { self.recorded[verdict.eventIndex] = verdict }
    }

    /// Takes the slot's next event, from ``from`` on.
    ///
    /// - Precondition: events come in log order.
    /// - Returns: the comparison, when this is an event of a verdict that was asked for.
    /// - Throws: ``IndelibleError/Code/internal`` when hashing fails.
    package mutating func take(
        index: UInt64,
        entry: [UInt8],
    ) throws(IndelibleError) -> VerdictReplay.Comparison? {
        let leafHash = LeafHash.hash(entry)
        var verdict: Verdict?
        if let event = VerdictStream.event(in: entry.span) {
            verdict = try RuleJudge.verdict(self.set, index: index, leafHash: leafHash, event, &self.state)
        }
        guard let recorded = self.recorded.removeValue(forKey: index) else { return nil }
        return VerdictReplay.Comparison(recorded, verdict)
    }

    /// Verdicts on events that never came.
    package consuming func finish() -> [VerdictReplay.Comparison] {
        self.recorded.values.sorted { $0.eventIndex < $1.eventIndex }.map { VerdictReplay.Comparison($0, nil) }
    }
}
