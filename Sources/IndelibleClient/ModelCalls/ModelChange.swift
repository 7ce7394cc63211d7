/// A change of what answers or of what it may do, for ``ModelAudit/record(_:)-(ModelChange)``.
public struct ModelChange: Sendable {
    /// What is changed.
    public enum Subject: String, Sendable, CaseIterable {
        /// The model, or the version of it, that calls go to.
        case model
        /// A rule on what may go in or come out.
        case policy
    }

    /// Who changed it.
    public var actor: String
    /// What was changed.
    public var subject: Subject
    /// The model's or the policy's name.
    public var name: String
    /// The version until now; empty when there was none.
    public var oldVersion: String
    /// The version from now on; empty when there is none.
    public var newVersion: String
    /// Why.
    public var reason: String

    /// A change that `actor` made.
    public init(
        actor: String,
        subject: Subject,
        name: String,
        from oldVersion: String = "",
        to newVersion: String,
        reason: String = "",
    ) {
        self.actor = actor
        self.subject = subject
        self.name = name
        self.oldVersion = oldVersion
        self.newVersion = newVersion
        self.reason = reason
    }
}
