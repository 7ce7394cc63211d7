/// When a caller is told that its events are safe.
package enum AnswerLevel: String, Sendable, CaseIterable {
    /// As soon as they are synced in the spool.
    case spooled
    /// When the ledger has them; while it is away, when they are synced in the spool.
    case durable
}
