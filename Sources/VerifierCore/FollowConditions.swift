internal import AuditModel

/// Decides when a log that is followed counts as out of reach, or its checkpoint as stale, and when no more.
///
/// Times are nanoseconds since the Unix epoch; a clock that steps back delays, and makes no finding.
package struct FollowConditions: Sendable {
    package struct Limits: Sendable {
        /// How long a log may not answer.
        package var unreachableSeconds: UInt64 = 60
        /// How long entries may wait for a checkpoint.
        package var staleSeconds: UInt64 = 60

        package init() {}
    }

    private let limits: Limits
    /// What is asked, for people.
    private let address: String
    /// Since when it does not answer; `nil` while it does.
    private var awaySince: UInt64?
    private var readSize: UInt64 = 0
    private var verifiedSize: UInt64 = 0
    /// Since when verified checkpoints have lacked the policy's quorum; `nil` while the newest has it.
    private var unwitnessedSince: UInt64?
    /// Since when there have been entries that no verified checkpoint covers; `nil` while there are none.
    private var uncoveredSince: UInt64?

    /// - Parameters:
    ///   - address: Of what is followed.
    ///   - now: From which on an answer is awaited.
    package init(address: String, limits: Limits = Limits(), now: UInt64) {
        self.address = address
        self.limits = limits
        self.awaySince = now
    }

    /// The log has answered.
    package mutating func reached() { self.awaySince = nil }

    /// The log has not answered, or the connection to it has ended.
    package mutating func failed(at now: UInt64) { self.awaySince = self.awaySince ?? now }

    /// How far the log was read and verified.
    package mutating func progress(read: UInt64, verified: UInt64, at now: UInt64) {
        // A checkpoint that covers more starts the wait for the next anew.
        if read <= verified {
            self.uncoveredSince = nil
        } else if verified > self.verifiedSize || self.uncoveredSince == nil {
            self.uncoveredSince = now
        }
        (self.readSize, self.verifiedSize) = (read, verified)
    }

    /// Whether the newest verified checkpoint has the cosignatures that the policy asks for.
    package mutating func quorum(_ isReached: Bool, at now: UInt64) {
        self.unwitnessedSince = isReached ? nil : self.unwitnessedSince ?? now
    }

    package var isAway: Bool { self.awaySince != nil }

    /// What there is to say now; each stays the same, word for word, until it is over.
    package func current(at now: UInt64) -> [Finding] {
        var findings: [Finding] = []
        if let since = self.awaySince, now >= since + self.limits.unreachableSeconds * 1_000_000_000 {
            findings.append(
                Finding(
                    .unreachable,
                    index: self.readSize,
                    path: self.address,
                    expected: "an answer within \(self.limits.unreachableSeconds) s",
                    found: "none since \(TimeText.rfc3339(nanoseconds: since))",
                )
            )
        } else if let since = self.uncoveredSince, self.awaySince == nil,
            now >= since + self.limits.staleSeconds * 1_000_000_000
        {
            findings.append(
                Finding(
                    .checkpointStale,
                    index: self.verifiedSize,
                    path: "checkpoint",
                    expected: "a checkpoint of more than \(self.verifiedSize) entries",
                    found: "none since \(TimeText.rfc3339(nanoseconds: since))",
                )
            )
        }
        if let since = self.unwitnessedSince, self.awaySince == nil,
            now >= since + self.limits.staleSeconds * 1_000_000_000
        {
            findings.append(
                Finding(
                    .checkpointStale,
                    path: "checkpoint",
                    expected: "cosignatures of the policy's quorum",
                    found: "too few since \(TimeText.rfc3339(nanoseconds: since))",
                )
            )
        }
        return findings
    }
}
