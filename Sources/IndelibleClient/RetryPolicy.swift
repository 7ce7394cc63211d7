internal import Primitives

/// How a client goes on when a service is not reachable.
///
/// Only ``IndelibleError/Code/unavailable`` is tried again: every call of ours may be repeated, appends included, as they
/// are recognised by producer, epoch and sequence.
package struct RetryPolicy: Sendable {
    /// How often a call is made at most, the first time included.
    package var attemptCountMax: Int
    package var firstDelay: Duration
    /// Delays double up to this.
    package var delayMax: Duration

    package init(
        attemptCountMax: Int = 4,
        firstDelay: Duration = .milliseconds(50),
        delayMax: Duration = .seconds(2),
    ) {
        precondition(attemptCountMax >= 1, "a call is made at least once")
        self.attemptCountMax = attemptCountMax
        self.firstDelay = firstDelay
        self.delayMax = delayMax
    }

    /// Every call is made once.
    package static let none = RetryPolicy(attemptCountMax: 1)

    /// The wait before an attempt.
    ///
    /// - Parameter attempt: 1 for the second time that the call is made.
    /// - Returns: doubled with each attempt, up to ``delayMax``.
    package func delay(before attempt: Int) -> Duration {
        min(self.firstDelay * (1 << min(max(attempt - 1, 0), 20)), self.delayMax)
    }
}
