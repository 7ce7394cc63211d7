package import AuditModel

/// Which labels count: reviewers are capped, and nobody turns many labels of others alone.
///
/// A function of the log's Label entries in their order, so that whoever trains and whoever looks on agree.
package struct LabelPolicy: Sendable {
    /// Labels of one reviewer that count, in any 24 hours.
    package static let labelsPerDayMax = 500
    /// Events whose label a reviewer may change from another's, in any 24 hours, before a second person has to agree.
    package static let relabelsPerDayMax = 20
    private static let day: UInt64 = 86_400 * 1_000_000_000

    /// What becomes of a label.
    package enum Outcome: String, Sendable {
        case counts
        /// The reviewer has given ``LabelPolicy/labelsPerDayMax`` in the last day.
        case overCap = "over_cap"
        /// It waits until another reviewer says the same.
        case needsSecond = "needs_second"
        /// No such word.
        case unknown
    }

    /// A label, and when it was given.
    package struct Given: Equatable, Sendable {
        package let label: Label
        /// Of the entry's stamp, since the Unix epoch.
        package let nanoseconds: UInt64
        /// Of the entry.
        package let index: UInt64

        package init(_ label: Label, at nanoseconds: UInt64, index: UInt64) {
            self.label = label
            self.nanoseconds = nanoseconds
            self.index = index
        }
    }

    private struct Reviewer {
        /// When labels that count were given, oldest first.
        var labels: [UInt64] = []
        var relabels: [UInt64] = []
    }

    private struct Event {
        /// All of one word, each of another reviewer; the word is the event's label.
        var standing: [Given] = []
        /// Waits for a second person.
        var proposal: Given?
    }

    private var reviewers: [String: Reviewer] = [:]
    private var events: [UInt64: Event] = [:]

    package init() {}

    /// The words that labels may be: `benign`, `malicious` and the categories.
    package static var words: [String] { ["benign", "malicious"] + ActivityCategory.allCases.map(\.rawValue) }

    /// What stands, of every reviewer who says so, in the order of the log.
    package var labels: [Given] { self.events.values.flatMap(\.standing).sorted { $0.index < $1.index } }

    /// Changes that wait for a second person.
    package var waitingCount: Int { self.events.values.count { $0.proposal != nil } }

    /// Takes in the log's next label.
    @discardableResult package mutating func take(_ given: Given) -> Outcome {
        let (label, now) = (given.label, given.nanoseconds)
        guard Self.words.contains(label.label) else { return .unknown }
        var reviewer = self.reviewers[label.author] ?? Reviewer()
        defer { self.reviewers[label.author] = reviewer }
        let dayAgo = now - min(now, Self.day)
        reviewer.labels.removeAll { $0 < dayAgo }
        reviewer.relabels.removeAll { $0 < dayAgo }
        guard reviewer.labels.count < Self.labelsPerDayMax else { return .overCap }
        var event = self.events[label.eventIndex] ?? Event()
        defer { self.events[label.eventIndex] = event }

        let isSame = event.standing.first?.label.label == label.label
        let isOfOthers = event.standing.contains { $0.label.author != label.author }
        var seconded: Given?
        if isOfOthers, !isSame {
            seconded = event.proposal.flatMap { proposal in
                proposal.label.label == label.label && proposal.label.author != label.author ? proposal : nil
            }
            if seconded == nil {
                guard reviewer.relabels.count < Self.relabelsPerDayMax else {
                    event.proposal = given
                    return .needsSecond
                }
                reviewer.relabels.append(now)
            }
        }
        reviewer.labels.append(now)
        if isSame {
            event.standing.removeAll { $0.label.author == label.author }
            event.standing.append(given)
        } else {
            event = Event(standing: [seconded, given].compactMap(\.self))
        }
        return .counts
    }
}
