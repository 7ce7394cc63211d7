import AuditModel
import Primitives
import ProtobufC
import Testing
import VerifierCore

/// Goal: numbers that a source left out are named once nobody can bring them any more; numbers in another order are not,
/// and an expected source that falls silent is.
@Suite struct SourceCheckerTests {
    private static let second: UInt64 = 1_000_000_000
    private static let patience = SourceChecker.patienceNanoseconds

    private static func event(_ source: String, _ sequence: UInt64) -> [UInt8] {
        var event = AuditEvent()
        event.id = EventID(unixMilliseconds: 1, randomness: (1, 1))
        event.occurredNanoseconds = 1
        event.source = source
        event.sourceSequence = sequence
        event.action = "a.b"
        return event.serialized
    }

    /// Shows events of one source, one entry each, at one time.
    private static func show(
        _ sequences: [UInt64],
        to checker: inout SourceChecker,
        from first: UInt64 = 0,
    ) -> [Finding] {
        sequences.enumerated().compactMap { position, sequence in
            let event = Self.event("s", sequence)
            return checker.event(event.span, 0..<event.count, at: first + UInt64(position), now: 0)
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let sequences: [UInt64]
        /// Entry, first and last missing number.
        var gaps: [(index: UInt64, numbers: String)] = []
        var repeats: UInt64 = 0
        var late: UInt64 = 0
        var testDescription: String { "\(self.sequences)" }
    }

    static let rows = [
        Row(sequences: []),
        Row(sequences: [0, 0, 0]),
        Row(sequences: [7, 8, 9]),
        Row(sequences: [1, 2, 4, 5], gaps: [(2, "number 3")]),
        Row(sequences: [1, 2, 10, 11, 13], gaps: [(2, "numbers 3 to 9"), (4, "number 12")]),
        Row(sequences: [1, 4, 3, 2, 5], late: 2),
        Row(sequences: [1, 6, 3, 7], gaps: [(1, "number 2"), (1, "numbers 4 to 5")], late: 1),
        Row(sequences: [1, 2, 2, 3, 1, 2], repeats: 1),
        Row(sequences: [5, 6, 1, 2, 3]),
    ]

    @Test(arguments: rows) func namesGaps(_ row: Row) {
        var checker = SourceChecker()
        #expect(Self.show(row.sequences, to: &checker).isEmpty)
        #expect(checker.gaps(at: Self.patience - 1).isEmpty)
        let gaps = checker.gaps(at: Self.patience)
        #expect(gaps.map(\.index) == row.gaps.map(\.index))
        #expect(gaps.map(\.expected) == row.gaps.map(\.numbers))
        #expect(gaps.allSatisfy { $0.kind == .gap && $0.path == "s" })
        #expect(checker.gaps(at: .max / 2).isEmpty, "named twice")
        #expect(checker.repeatCount == row.repeats && checker.lateCount == row.late)
        #expect(checker.gapCount == UInt64(row.gaps.count))
    }

    /// Whoever may append may write any number, and a name of no bytes.
    @Test func survivesWhatNoSourceSends() throws {
        var checker = SourceChecker()
        #expect(Self.show([.max, .max, 5, .max - 1, 1], to: &checker).isEmpty)
        let nameless: [UInt8] = [0x1a, 0, 0x20, 9]
        #expect(checker.event(nameless.span, 0..<nameless.count, at: 9, now: 0) == nil)
        var again = EntryChecker(seals: SealChecker())
        try again.restore(Array(checker.remembered.utf8), now: 0)
    }

    @Test func namesGapsAtOnceWhenTooManyAreAwaited() {
        var checker = SourceChecker()
        let count = UInt64(SourceChecker.missingCountMax)
        let found = Self.show((0...count + 1).map { 2 * $0 + 1 }, to: &checker)
        #expect(found.map(\.expected) == ["number 2"])
        #expect(checker.gaps(at: Self.patience).count == Int(SourceChecker.namedGapCountMax) - 1)
        #expect(checker.gapCount == count + 1)
    }

    @Test(arguments: ["gap", "silence", "start", "overflow"]) func hearsWhatCollectorsRecord(change: String) {
        let checker = SourceChecker()
        let record = SourceRecord(source: "s", change: change, firstSequence: 3, lastSequence: 9, detail: "why")
        let finding = checker.record(record.serialized, at: 5)
        let kinds: [String: Finding.Kind] = ["gap": .gap, "silence": .silence]
        #expect(finding?.kind == kinds[change])
        #expect(finding == nil || finding?.index == 5 && finding?.path == "s")
        #expect(checker.record([0xff], at: 6) == nil)
    }

    @Test func namesSilenceUntilTheSourceIsHeardOf() {
        var checker = SourceChecker(expected: ["s": 10, "t": 100], now: 0)
        #expect(checker.silences(at: 10 * Self.second).isEmpty)
        let never = checker.silences(at: 11 * Self.second)
        #expect(never.map(\.path) == ["s"] && never.first?.index == nil && never.first?.kind == .silence)
        let event = Self.event("s", 0)
        #expect(checker.event(event.span, 0..<event.count, at: 42, now: 12 * Self.second) == nil)
        #expect(checker.silences(at: 22 * Self.second).isEmpty)
        #expect(checker.silences(at: 23 * Self.second).first?.index == 42)
    }

    /// What is read again after a restart, because no checkpoint had covered it, is neither a repeat nor a gap.
    @Test func remembersOverARestart() {
        var before = SourceChecker()
        _ = Self.show([1, 2, 5, 6], to: &before)
        var after = SourceChecker()
        for line in before.remembered.split(separator: "\n") {
            let isKnown = after.restore(line, now: 0)
            #expect(isKnown, "\(line)")
        }
        #expect(after.remembered == before.remembered)
        _ = Self.show([5, 6], to: &after, from: 2)
        #expect(after.repeatCount == 0)
        _ = Self.show([7, 3], to: &after, from: 4)
        #expect(after.gaps(at: Self.patience).map(\.expected) == ["number 4"])
        for bad in ["source", "source 1 2", "source x 2 0 . 73", "source 1 2 0 1-2. 73", "source 1 2 0 . zz"] {
            let isKnown = after.restore(bad[...], now: 0)
            #expect(!isKnown, "\(bad)")
        }
    }
}
