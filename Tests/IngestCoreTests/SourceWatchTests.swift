import AuditModel
import IngestCore
import Primitives
import Testing

/// Goal: of each expected source it is told once what is missing, late or silent; of what is in order nothing.
@Suite struct SourceWatchTests {
    private static let second: UInt64 = 1_000_000_000

    private static func watch(silence seconds: UInt64 = 0) -> SourceWatch {
        SourceWatch([.init(source: "crm", silenceNanoseconds: seconds * Self.second)], now: 0)
    }

    private static func text(_ records: [SourceRecord]) -> [String] {
        records.map { "\($0.change) \($0.firstSequence)-\($0.lastSequence)" }
    }

    @Test func anOrderlySourceStartsOnce() {
        var watch = Self.watch()
        var records: [SourceRecord] = []
        for number in 1...100 as ClosedRange<UInt64> {
            records += watch.note("crm", sequence: number, now: number * Self.second)
            records += watch.look(now: number * Self.second)
        }
        #expect(Self.text(records) == ["start 1-1"])
        #expect(watch.standings.first?.eventCount == 100 && watch.standings.first?.missingCount == 0)
    }

    @Test func missingNumbersAreAGapAfterAWhile() {
        var watch = Self.watch()
        _ = watch.note("crm", sequence: 1, now: 1)
        #expect(watch.note("crm", sequence: 5, now: 1).isEmpty)
        #expect(watch.look(now: 9 * Self.second).isEmpty)
        #expect(Self.text(watch.note("crm", sequence: 3, now: 9 * Self.second)) == ["reorder 3-3"])
        #expect(watch.note("crm", sequence: 3, now: 9 * Self.second).isEmpty, "a repeat")
        #expect(watch.note("crm", sequence: 5, now: 9 * Self.second).isEmpty, "a repeat")
        #expect(Self.text(watch.look(now: 10 * Self.second + 1)) == ["gap 2-2", "gap 4-4"])
        #expect(watch.look(now: 100 * Self.second).isEmpty, "told once")
        #expect(watch.standings.first?.missingCount == 2)
    }

    @Test func gapsAreBounded() {
        var watch = Self.watch()
        var records: [SourceRecord] = []
        for number in 0..<200 as Range<UInt64> {
            records += watch.note("crm", sequence: 1 + number * 2, now: 1)
        }
        #expect(Self.text(records).prefix(2) == ["start 1-1", "gap 2-2"])
        #expect(records.count == 1 + 199 - 64)
        records += watch.look(now: 100 * Self.second)
        #expect(records.count == 1 + 199)
    }

    @Test func silenceAndReturn() {
        var watch = Self.watch(silence: 60)
        #expect(watch.look(now: 59 * Self.second).isEmpty)
        #expect(Self.text(watch.look(now: 60 * Self.second)) == ["silence 0-0"], "it never came")
        #expect(watch.look(now: 600 * Self.second).isEmpty)
        #expect(Self.text(watch.note("crm", sequence: 0, now: 600 * Self.second)) == ["start 0-0"])
        #expect(watch.look(now: 659 * Self.second).isEmpty)
        #expect(Self.text(watch.look(now: 660 * Self.second)) == ["silence 0-0"])
        #expect(watch.standings.first?.isSilent == true)
    }

    @Test func goesOnWithAnEarlierRun() {
        var watch = Self.watch()
        watch.resume("crm", lastSequence: 7)
        #expect(Self.text(watch.note("crm", sequence: 9, now: 1)) == ["start 9-9"])
        #expect(Self.text(watch.look(now: 11 * Self.second)) == ["gap 8-8"])
    }

    @Test func whatNobodyExpectsIsCountedWithinBounds() {
        var limits = SourceWatch.Limits()
        limits.unexpectedCountMax = 2
        var watch = SourceWatch([], limits: limits, now: 0)
        for source in ["a", "b", "c", "a"] { #expect(watch.note(source, sequence: 5, now: 1).isEmpty) }
        #expect(watch.standings.map(\.source) == ["a", "b"] && watch.standings.map(\.eventCount) == [2, 1])
        #expect(watch.uncountedCount == 1)
    }

    @Test(arguments: [UInt64.max, UInt64.max - 1, 1]) func numbersAtTheirLimits(_ sequence: UInt64) {
        var watch = Self.watch()
        _ = watch.note("crm", sequence: 2, now: 1)
        _ = watch.note("crm", sequence: sequence, now: 1)
        _ = watch.note("crm", sequence: .max, now: 1)
        _ = watch.note("crm", sequence: 1, now: 1)
        #expect(watch.look(now: 100 * Self.second).allSatisfy { $0.firstSequence <= $0.lastSequence })
    }

    @Test(arguments: [
        "[]", #"{"version":2,"sources":[]}"#, #"{"version":1}"#, #"{"version":1,"sources":[{}]}"#,
        #"{"version":1,"sources":[{"source":"a"},{"source":"a"}]}"#,
        #"{"version":1,"sources":[{"source":"a","silence_seconds":0}]}"#,
        #"{"version":1,"sources":[{"source":"a","silence":5}]}"#,
    ]) func refusesAListWithAMistake(_ text: String) {
        let error = #expect(throws: IndelibleError.self) {
            try SourceExpectations.parse(Array(text.utf8), what: "sources.json")
        }
        #expect(error?.code == .invalidArgument && error?.message.contains("sources.json") == true)
    }

    @Test func readsAList() throws {
        let text = #"{"version":1,"sources":[{"source":"a","silence_seconds":5,"comment":"x"},{"source":"b"}]}"#
        #expect(
            try SourceExpectations.parse(Array(text.utf8), what: "sources.json") == [
                .init(source: "a", silenceNanoseconds: 5 * Self.second), .init(source: "b", silenceNanoseconds: 0),
            ]
        )
    }
}
