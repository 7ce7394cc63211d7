import Testing
import VerifierCore

/// Goal: a log that is away, and entries that no checkpoint covers, are named after the stated time and not before, and no
/// more once it is over.
@Suite struct FollowConditionsTests {
    private static let second: UInt64 = 1_000_000_000

    enum Step: Sendable {
        case reached
        case failed(at: UInt64)
        case progress(read: UInt64, verified: UInt64, at: UInt64)
        case quorum(Bool, at: UInt64)
        /// Seconds, and what is to be said then.
        case expect(at: UInt64, Finding.Kind?, index: UInt64? = 0)
    }

    static let stories: [[Step]] = [
        // Never up.
        [.expect(at: 9, nil), .expect(at: 10, .unreachable), .expect(at: 99, .unreachable)],
        [.expect(at: 50, .unreachable), .reached, .expect(at: 51, nil), .expect(at: 500, nil)],
        // Goes away; failing again does not start the wait anew.
        [
            .reached, .progress(read: 7, verified: 7, at: 1), .failed(at: 20), .failed(at: 25), .expect(at: 29, nil),
            .expect(at: 30, .unreachable, index: 7), .reached, .expect(at: 31, nil),
        ],
        // Entries wait for a checkpoint.
        [
            .reached, .progress(read: 7, verified: 5, at: 10), .progress(read: 9, verified: 5, at: 20),
            .expect(at: 29, nil), .expect(at: 30, .checkpointStale, index: 5),
            .progress(read: 9, verified: 9, at: 31), .expect(at: 99, nil),
        ],
        // Checkpoints come, though never of all: nothing is stale.
        [
            .reached, .progress(read: 7, verified: 5, at: 10), .progress(read: 9, verified: 7, at: 25),
            .expect(at: 44, nil), .expect(at: 45, .checkpointStale, index: 7),
        ],
        // Nothing new: an idle log is not stale.
        [.reached, .progress(read: 7, verified: 7, at: 10), .expect(at: 99_999, nil)],
        // Cosignatures that the policy asks for do not come; larger checkpoints without them do not start the wait anew.
        [
            .reached, .quorum(true, at: 1), .expect(at: 99, nil), .quorum(false, at: 100), .quorum(false, at: 110),
            .expect(at: 119, nil), .expect(at: 120, .checkpointStale, index: nil), .quorum(true, at: 121),
            .expect(at: 999, nil), .quorum(false, at: 1000), .expect(at: 1019, nil),
        ],
        // A log that is away cannot show a checkpoint: one thing is said.
        [
            .reached, .progress(read: 7, verified: 5, at: 10), .failed(at: 12), .expect(at: 21, nil),
            .expect(at: 22, .unreachable, index: 7), .expect(at: 99, .unreachable, index: 7),
        ],
    ]

    @Test(arguments: stories.indices) func says(story: Int) {
        var limits = FollowConditions.Limits()
        limits.unreachableSeconds = 10
        limits.staleSeconds = 20
        var conditions = FollowConditions(address: "log:1", limits: limits, now: 0)
        for step in Self.stories[story] {
            switch step {
            case .reached: conditions.reached()
            case .failed(let at): conditions.failed(at: at * Self.second)
            case .progress(let read, let verified, let at):
                conditions.progress(read: read, verified: verified, at: at * Self.second)
            case .quorum(let isReached, let at): conditions.quorum(isReached, at: at * Self.second)
            case .expect(let at, let kind, let index):
                let found = conditions.current(at: at * Self.second)
                #expect(found.map(\.kind) == (kind.map { [$0] } ?? []), "\(step)")
                #expect(found.allSatisfy { $0.index == index }, "\(found)")
                // Word for word the same until it is over.
                #expect(found == conditions.current(at: at * Self.second + 1), "\(step)")
            }
        }
    }
}
