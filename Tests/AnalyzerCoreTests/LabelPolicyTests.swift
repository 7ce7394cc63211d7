import AnalyzerCore
import AuditModel
import Testing

/// Goal: one reviewer cannot shape what models learn, neither by many labels nor by changing those of others.
struct LabelPolicyTests {
    private static let hour: UInt64 = 3600 * 1_000_000_000

    /// A log of labels.
    private struct Log {
        var policy = LabelPolicy()
        private var size: UInt64 = 0

        mutating func take(_ event: UInt64, _ word: String, _ author: String, at time: UInt64) -> LabelPolicy.Outcome {
            self.size += 1
            let label = Label(eventIndex: event, label: word, reason: "r", author: author)
            return self.policy.take(LabelPolicy.Given(label, at: time, index: self.size - 1))
        }

        /// Who says what stands of an event, and what it is.
        func standing(_ event: UInt64) -> [String] {
            self.policy.labels.map(\.label).filter { $0.eventIndex == event }.map { "\($0.author) \($0.label)" }
        }
    }

    @Test func reviewersAreCapped() {
        var log = Log()
        for event in 0..<UInt64(LabelPolicy.labelsPerDayMax) {
            #expect(log.take(event, "benign", "a", at: 100 * Self.hour) == .counts)
        }
        #expect(log.take(9_000, "benign", "a", at: 124 * Self.hour) == .overCap)
        #expect(log.take(9_000, "benign", "b", at: 124 * Self.hour) == .counts, "others may go on")
        #expect(log.take(9_001, "benign", "a", at: 124 * Self.hour + 1) == .counts, "a day later")
        #expect(log.policy.labels.count == LabelPolicy.labelsPerDayMax + 2)
    }

    @Test func changingManyLabelsTakesTwo() {
        var log = Log()
        let count = UInt64(LabelPolicy.relabelsPerDayMax)
        for event in 0...count { #expect(log.take(event, "malicious", "a", at: 1) == .counts) }
        for event in 0..<count { #expect(log.take(event, "benign", "b", at: 2) == .counts) }
        for time in 3...4 as ClosedRange<UInt64> {
            #expect(log.take(count, "benign", "b", at: time) == .needsSecond, "the same person is no second one")
        }
        #expect(log.standing(count) == ["a malicious"] && log.policy.waitingCount == 1)
        #expect(log.take(count, "benign", "c", at: 5) == .counts)
        #expect(log.standing(count) == ["b benign", "c benign"] && log.policy.waitingCount == 0)
        // Agreeing, and changing one's own mind, are no relabels; contradicting the second person is one.
        #expect(log.take(count, "benign", "b", at: 6) == .counts)
        #expect(log.take(0, "malicious", "b", at: 7) == .counts && log.standing(0) == ["b malicious"])
        #expect(log.take(count, "malicious", "b", at: 8) == .needsSecond)
        #expect(log.take(count, "malicious", "b", at: 25 * Self.hour) == .counts, "a day later")
        #expect(log.standing(count) == ["b malicious"])
    }

    @Test func onlyKnownWordsCount() {
        var log = Log()
        #expect(log.take(1, "nonsense", "a", at: 1) == .unknown)
        #expect(log.take(1, "exfiltration", "a", at: 1) == .counts)
        #expect(log.standing(1) == ["a exfiltration"])
    }
}
