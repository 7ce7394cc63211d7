/// Makes few messages of many alerts, and loses none: the first of a group goes out at once, those that follow are counted
/// and told together; beyond a rate everything waits.
package struct AlertGroups: Sendable {
    /// Alerts of one actor, category, severity and rule within this time are one group.
    package static let windowNanoseconds: UInt64 = 300 * 1_000_000_000
    package static let messagesPerMinuteMax = 20
    /// Groups that wait; beyond, alerts join a group of all others.
    package static let groupCountMax = 1024
    private static let minute: UInt64 = 60 * 1_000_000_000

    package struct Group: Equatable, Sendable {
        /// The first alert that was not told yet.
        package var first: VerdictAlert
        /// Alerts that were not told yet; 0 after telling.
        package var count: Int
        /// Alerts of other groups are in it, too.
        package var isMixed: Bool
        /// Of the entries of alerts that were not told yet.
        var oldestEntry: UInt64
        /// Nothing of it is told before this time.
        var nextTime: UInt64
    }

    private struct Key: Hashable {
        let actor: String
        let category: String
        let severity: Severity?
        /// The first rule, of verdicts of a rule set.
        var rule = ""
    }

    private static let others = Key(actor: "", category: "", severity: nil)

    private var groups: [Key: Group] = [:]
    /// When messages went out, within the last minute.
    private var sent: [UInt64] = []

    package init() {}

    /// Takes in an alert.
    package mutating func take(_ alert: VerdictAlert, at now: UInt64) {
        var key = Key(actor: alert.actor, category: alert.category, severity: alert.severity)
        key.rule = alert.rules.first?.id ?? ""
        if self.groups[key] == nil, self.groups.count >= Self.groupCountMax { key = Self.others }
        var group =
            self.groups[key]
            ?? Group(first: alert, count: 0, isMixed: key == Self.others, oldestEntry: .max, nextTime: now)
        if group.count == 0 || alert.severity > group.first.severity { group.first = alert }
        group.oldestEntry = group.count == 0 ? alert.entryIndex : min(group.oldestEntry, alert.entryIndex)
        group.count += 1
        self.groups[key] = group
    }

    /// The groups to tell now, the most severe first; telling them is the caller's part.
    package mutating func due(at now: UInt64) -> [Group] {
        self.sent.removeAll { $0 + Self.minute <= now }
        self.groups = self.groups.filter { $0.value.count > 0 || $0.value.nextTime > now }
        let ready = self.groups.filter { $0.value.count > 0 && $0.value.nextTime <= now }.sorted {
            ($1.value.first.severity, $0.value.first.eventIndex) < ($0.value.first.severity, $1.value.first.eventIndex)
        }
        var due: [Group] = []
        for (key, group) in ready.prefix(max(0, Self.messagesPerMinuteMax - self.sent.count)) {
            due.append(group)
            self.sent.append(now)
            self.groups[key]?.count = 0
            self.groups[key]?.nextTime = now + Self.windowNanoseconds
        }
        return due
    }

    /// The entry of the oldest alert that is not told yet.
    package var oldestEntry: UInt64? {
        self.groups.values.filter { $0.count > 0 }.map(\.oldestEntry).min()
    }
}
