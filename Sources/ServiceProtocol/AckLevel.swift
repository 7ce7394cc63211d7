/// What an append waits for before it is answered, weakest first.
package enum AckLevel: UInt32, Sendable, CaseIterable, Comparable {
    /// Indexes assigned and synced.
    case durable = 0
    /// Under a signed checkpoint.
    case checkpointed = 1
    /// That checkpoint carries the witness quorum.
    case witnessed = 2

    package static func < (left: AckLevel, right: AckLevel) -> Bool { left.rawValue < right.rawValue }
}
