package import AuditModel
import Primitives

/// Which verdicts are kept from people, as the log's MuteRecords say.
///
/// A rule is `actor:ID`, `category:NAME`, `action:VERB`, `model:SHA-256` or `rule:ID`, the id of a Sigma rule: it mutes an alert
/// of no other rule. A mute needs an author and a reason, and ends: a
/// record without them, or one that would last for longer than ``daysMax``, mutes nothing.
package struct MuteList: Sendable {
    package static let countMax = 1024
    package static let daysMax: UInt64 = 90
    private static let day: UInt64 = 86_400 * 1_000_000_000

    /// By rule; the last record of a rule counts, so that a mute can be ended early.
    private var mutes: [String: MuteRecord]

    /// - Parameter records: those of an earlier list.
    package init(_ records: [MuteRecord] = []) {
        self.mutes = Dictionary(records.map { ($0.rule, $0) }) { $1 }
    }

    /// What a next list can begin with.
    package var records: [MuteRecord] { self.mutes.values.sorted { $0.rule < $1.rule } }

    /// Takes in the log's next mute.
    ///
    /// - Parameter time: of the entry's stamp, in nanoseconds since the Unix epoch.
    /// - Returns: why it mutes nothing; `nil` when it does.
    @discardableResult package mutating func take(_ record: MuteRecord, at time: UInt64) -> String? {
        self.mutes = self.mutes.filter { $0.value.expiresNanoseconds > time }
        guard Self.isRule(record.rule) else {
            return "A rule is actor:ID, category:NAME (a known one), action:VERB, model:SHA-256 (64 digits) or rule:ID"
        }
        guard !record.author.isEmpty, !record.reason.isEmpty else { return "A mute needs an author and a reason" }
        let endMax = time.addingReportingOverflow(Self.daysMax * Self.day).partialValue
        guard record.expiresNanoseconds <= endMax else { return "A mute ends within \(Self.daysMax) days" }
        guard self.mutes.count < Self.countMax || self.mutes[record.rule] != nil else {
            return "There are \(Self.countMax) mutes already"
        }
        self.mutes[record.rule] = record
        return nil
    }

    private static func isRule(_ rule: String) -> Bool {
        guard let colon = rule.firstIndex(of: ":") else { return false }
        let value = String(rule[rule.index(after: colon)...])
        return switch rule[..<colon] {
        case "actor", "action", "rule": !value.isEmpty
        case "category": ActivityCategory(rawValue: value) != nil
        case "model": Hex.decode(value)?.count == Digest.byteCount && value == value.lowercased()
        default: false
        }
    }

    /// - Parameter time: now, in nanoseconds since the Unix epoch.
    package func mutes(_ alert: VerdictAlert, at time: UInt64) -> Bool {
        let rules = [
            "actor:\(alert.actor)", "category:\(alert.category)", "action:\(alert.action)", "model:\(alert.model)",
        ]
        func isMuted(_ rule: String) -> Bool { self.mutes[rule].map { $0.expiresNanoseconds > time } ?? false }
        return rules.contains(where: isMuted)
            || (!alert.rules.isEmpty && alert.rules.allSatisfy { isMuted("rule:\($0.id)") })
    }
}
