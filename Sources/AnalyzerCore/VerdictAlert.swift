/// A verdict that somebody should look at.
package struct VerdictAlert: Equatable, Sendable {
    package let eventIndex: UInt64
    /// Of the entry that holds the verdict.
    package let entryIndex: UInt64
    package let severity: Severity
    package let category: String
    package let risk: UInt32
    /// SHA-256 of the model's file, in hexadecimal.
    package let model: String
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
    ) {
        self.eventIndex = eventIndex
        self.entryIndex = entryIndex
        self.severity = severity
        self.category = category
        self.risk = risk
        self.model = model
        self.actor = actor
        self.action = action
    }
}
