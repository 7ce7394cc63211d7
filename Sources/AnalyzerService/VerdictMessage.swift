import AnalyzerCore
import AuditModel
import JSONText
import ServiceKit

/// A group of alerts for people and programs.
struct VerdictMessage {
    let message: AlertMessage

    /// - Parameter now: nanoseconds since the Unix epoch.
    init(_ group: AlertGroups.Group, at now: UInt64) {
        let alert = group.first
        let time = TimeText.rfc3339(nanoseconds: now)
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("kind", "verdict")
            writer.member("count", group.count)
            writer.member("mixed", group.isMixed)
            writer.member("event_index", alert.eventIndex)
            writer.member("entry_index", alert.entryIndex)
            writer.member("severity", alert.severity.rawValue)
            writer.member("category", alert.category)
            writer.member("risk", alert.risk)
            writer.member("actor", alert.actor)
            writer.member("action", alert.action)
            writer.member(alert.rules.isEmpty ? "model" : "rule_set", alert.model)
            if !alert.rules.isEmpty {
                writer.key("rules")
                writer.array { writer in
                    for rule in alert.rules {
                        writer.object { writer in
                            writer.member("id", rule.id)
                            writer.member("title", rule.title)
                        }
                    }
                }
            }
            writer.member("time", time)
        }
        let others = group.count > 1 ? ", and \(group.count - 1) more\(group.isMixed ? " of several kinds" : "")" : ""
        let actor = alert.actor.isEmpty ? "an unknown actor" : alert.actor
        let what = alert.rules.first?.title ?? alert.category
        let explain = alert.rules.isEmpty ? "explain" : "explain --rule-set"
        self.message = AlertMessage(
            json: Array((writer.text + "\n").utf8),
            summary: "\(alert.severity.rawValue): \(what) by \(actor), \(alert.action), "
                + "event \(alert.eventIndex)\(others). See `indelible verdict \(explain) \(alert.eventIndex)`.",
            labels: [
                ("alertname", "IndelibleVerdict"), ("severity", alert.severity.rawValue),
                ("category", alert.category), ("actor", alert.actor),
            ],
            startsAt: time,
        )
    }
}
