package import AnalyzerCore
package import AuditModel
package import JSONText
import Primitives

/// Verdicts as JSON, for every command that prints one.
package enum VerdictJSON {
    /// The members of a verdict, into an object that is open.
    package static func write(_ verdict: Verdict, to writer: inout JSONWriter) {
        writer.member("event_index", verdict.eventIndex)
        writer.member("leaf_hash", verdict.leafHash.hex)
        writer.member("category", verdict.category)
        writer.member("risk", verdict.risk)
        writer.member("severity", verdict.severity)
        writer.key("margins")
        writer.array { for margin in verdict.margins { $0.number(margin) } }
        writer.key("margin_bits")
        writer.array { for bits in verdict.marginBits { $0.string(Self.hex(bits)) } }
        writer.key("actor_previous")
        if verdict.actorPrevious == 0 { writer.null() } else { writer.integer(verdict.actorPrevious - 1) }
        writer.key("contributions")
        writer.array { for contribution in verdict.contributions { Self.write(contribution, to: &$0) } }
        if !verdict.rules.isEmpty { Self.write(verdict.rules, to: &writer) }
    }

    /// The rules that an event made true, as a member.
    package static func write(_ rules: [RuleHit], to writer: inout JSONWriter) {
        writer.key("rules")
        writer.array { writer in
            for rule in rules {
                writer.object { writer in
                    writer.member("id", rule.id)
                    writer.member("title", rule.title)
                    writer.member("level", rule.level)
                    writer.member("hash", rule.ruleHash.hex)
                    writer.key("tags")
                    writer.array { for tag in rule.tags { $0.string(tag) } }
                    writer.key("events")
                    writer.array { for event in rule.events { $0.integer(event) } }
                }
            }
        }
    }

    /// A verdict as it is listed: with the entry that it is in and the model that it is of.
    package static func line(_ verdict: Verdict, of batch: VerdictBatch, in entryIndex: UInt64) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            Self.write(verdict, to: &writer)
            Self.writeOrigin(of: batch, in: entryIndex, to: &writer)
        }
        return writer.text + "\n"
    }

    /// A verdict beside the one that was computed again.
    package static func line(
        _ comparison: VerdictReplay.Comparison,
        of batch: VerdictBatch,
        in entryIndex: UInt64,
    ) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("event_index", comparison.recorded.eventIndex)
            writer.member("equal", comparison.isEqual)
            writer.key("differences")
            writer.array { for name in comparison.differences { $0.string(name) } }
            Self.writeOrigin(of: batch, in: entryIndex, to: &writer)
            writer.member("recorded") { Self.writeWithFeatures(comparison.recorded, to: &$0) }
            writer.key("recomputed")
            guard let recomputed = comparison.recomputed else { return writer.null() }
            writer.object { Self.writeWithFeatures(recomputed, to: &$0) }
        }
        return writer.text + "\n"
    }

    private static func writeWithFeatures(_ verdict: Verdict, to writer: inout JSONWriter) {
        Self.write(verdict, to: &writer)
        writer.key("features")
        writer.array { for value in verdict.features { $0.integer(value) } }
    }

    private static func writeOrigin(of batch: VerdictBatch, in entryIndex: UInt64, to writer: inout JSONWriter) {
        writer.member(batch.ruleSetHash == nil ? "model" : "rule_set", batch.modelHash.hex)
        writer.member("schema", batch.schemaHash.hex)
        writer.member("slot", batch.slot)
        writer.member("entry_index", entryIndex)
    }

    private static func write(_ contribution: Verdict.Contribution, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("feature", contribution.feature)
            writer.key("value")
            writer.number(contribution.value)
            writer.member("value_bits", Self.hex(contribution.valueBits))
        }
    }

    private static func hex(_ bits: UInt32) -> String {
        Hex.encode([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> UInt32($0)) })
    }
}
