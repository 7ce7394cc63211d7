/// A verdict that somebody should look at.
package struct VerdictAlert: Equatable, Sendable {
    package struct Rule: Equatable, Sendable {
        package let id: String
        package let title: String

        package init(id: String, title: String) {
            self.id = id
            self.title = title
        }
    }

    package let eventIndex: UInt64
    /// Of the entry that holds the verdict.
    package let entryIndex: UInt64
    package let severity: Severity
    package let category: String
    package let risk: UInt32
    /// SHA-256 of the model's file, or of the rule set, in hexadecimal.
    package let model: String
    /// Of a rule set, the most severe rules that the event made true: their ids and titles.
    package let rules: [Rule]
    package let actor: String
    package let action: String

    package init(
        eventIndex: UInt64,
        entryIndex: UInt64,
        severity: Severity,
        category: String,
        risk: UInt32,
        model: String,
        actor: String,
        action: String,
        rules: [Rule] = [],
    ) {
        self.eventIndex = eventIndex
        self.entryIndex = entryIndex
        self.severity = severity
        self.category = category
        self.risk = risk
        self.model = model
        self.actor = actor
        self.action = action
        self.rules = rules
    }
}
