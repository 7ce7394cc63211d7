import AuditModel
import JSONText
import Primitives
import SigmaRules

/// Says why a rule set judged events as it did: with the rules themselves, as the log has them.
struct RuleExplanation {
    private let recorded: RecordedVerdicts
    private let texts: [Digest: String]
    private let isJSON: Bool

    init(_ recorded: RecordedVerdicts, _ set: RuleSet, isJSON: Bool) {
        self.recorded = recorded
        self.texts = Dictionary(
            uniqueKeysWithValues: set.rules.map { ($0.hash, String(decoding: $0.text, as: UTF8.self)) }
        )
        self.isJSON = isJSON
    }

    /// - Throws: ``IndelibleError/Code/dataLoss`` when a verdict names a rule that its set does not have.
    func write() throws(IndelibleError) {
        for verdict in self.recorded.verdicts {
            for hit in verdict.rules {
                guard let text = self.texts[hit.ruleHash] else {
                    throw IndelibleError(
                        .dataLoss,
                        "The verdict on event \(verdict.eventIndex) names rule \(hit.ruleHash.hex), which its set lacks.",
                    )
                }
                Terminal.write(self.isJSON ? self.json(verdict, hit, text) : self.text(verdict, hit, text))
            }
        }
    }

    private func text(_ verdict: Verdict, _ hit: RuleHit, _ text: String) -> String {
        let events =
            hit.events.isEmpty ? "" : ", made by the events \(hit.events.map(String.init).joined(separator: ", "))"
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
        return "event \(verdict.eventIndex): \(hit.level), \(hit.title) (\(hit.id))\(events)\n\(lines)"
    }

    private func json(_ verdict: Verdict, _ hit: RuleHit, _ text: String) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("event_index", verdict.eventIndex)
            writer.member("severity", verdict.severity)
            VerdictJSON.write([hit], to: &writer)
            writer.member("text", text)
            writer.member("rule_set", self.recorded.batch.modelHash.hex)
            writer.member("entry_index", self.recorded.entryIndex)
        }
        return writer.text + "\n"
    }
}
