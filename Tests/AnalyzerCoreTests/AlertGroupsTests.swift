import AnalyzerCore
import AuditModel
import Testing

/// Goal: few messages, none of them late without need, and every alert in one of them.
struct AlertGroupsTests {
    private static let second: UInt64 = 1_000_000_000

    private static func alert(
        _ index: UInt64,
        _ actor: String = "a",
        _ severity: Severity = .high,
        category: String = "impact",
    ) -> VerdictAlert {
        VerdictAlert(
            eventIndex: index,
            entryIndex: index + 100,
            severity: severity,
            category: category,
            risk: 80,
            model: String(repeating: "ab", count: 32),
            actor: actor,
            action: "x.y",
        )
    }

    @Test func theFirstGoesOutAtOnceAndTheRestTogether() {
        var groups = AlertGroups()
        groups.take(Self.alert(1), at: 0)
        #expect(groups.oldestEntry == 101)
        let first = groups.due(at: 0)
        #expect(first.map(\.count) == [1] && first[0].first.eventIndex == 1 && groups.oldestEntry == nil)
        for index in 2..<10 as Range<UInt64> { groups.take(Self.alert(index), at: Self.second) }
        groups.take(Self.alert(20, "b"), at: Self.second)
        #expect(groups.due(at: 2 * Self.second).map(\.first.actor) == ["b"])
        #expect(groups.oldestEntry == 102)
        #expect(groups.due(at: AlertGroups.windowNanoseconds - 1).isEmpty)
        let rest = groups.due(at: AlertGroups.windowNanoseconds)
        #expect(rest.map(\.count) == [8] && rest[0].first.eventIndex == 2 && groups.oldestEntry == nil)
    }

    @Test func beyondTheRateTheWorstGoFirst() {
        var groups = AlertGroups()
        for number in 0..<50 as Range<UInt64> {
            groups.take(Self.alert(number, "actor\(number)", number.isMultiple(of: 10) ? .critical : .low), at: 0)
        }
        let first = groups.due(at: 0)
        #expect(first.count == AlertGroups.messagesPerMinuteMax)
        #expect(first.prefix(5).allSatisfy { $0.first.severity == .critical })
        #expect(groups.due(at: 59 * Self.second).isEmpty)
        var told = first.count
        for minute in 1...3 as ClosedRange<UInt64> { told += groups.due(at: minute * 60 * Self.second).count }
        #expect(told == 50)
    }

    @Test func noAlertIsLostWhenThereAreTooManyGroups() {
        var groups = AlertGroups()
        let count = AlertGroups.groupCountMax + 300
        for number in 0..<count { groups.take(Self.alert(UInt64(number), "actor\(number)"), at: 0) }
        var told = 0
        var mixed = 0
        for minute in 0..<100 as Range<UInt64> {
            for group in groups.due(at: minute * 60 * Self.second) {
                told += group.count
                mixed += group.isMixed ? group.count : 0
            }
        }
        #expect(told == count && mixed == 300)
    }

    @Test func mutesEndAndAreNarrow() {
        let hour = 3600 * Self.second
        var mutes = MuteList()
        func record(_ rule: String, until: UInt64, author: String = "a", reason: String = "r") -> MuteRecord {
            MuteRecord(rule: rule, author: author, reason: reason, expiresNanoseconds: until)
        }
        #expect(mutes.take(record("actor:a", until: hour), at: 0) == nil)
        #expect(mutes.mutes(Self.alert(1), at: hour - 1) && !mutes.mutes(Self.alert(1), at: hour))
        #expect(!mutes.mutes(Self.alert(1, "b"), at: 0))
        #expect(mutes.take(record("actor:a", until: 0), at: 1) == nil)
        #expect(!mutes.mutes(Self.alert(1), at: 1), "a later record ends it")
        for rule in ["category:impact", "action:x.y", "model:\(Self.alert(1).model)"] {
            var one = MuteList()
            #expect(one.take(record(rule, until: hour), at: 0) == nil)
            #expect(one.mutes(Self.alert(1), at: 0), "\(rule)")
        }
        let tooLong = (MuteList.daysMax * 24 + 1) * hour
        for refused in [
            record("everything", until: hour), record("actor:", until: hour), record("category:impacts", until: hour),
            record("model:abab", until: hour), record("actor:b", until: hour, author: ""),
            record("actor:b", until: hour, reason: ""), record("actor:b", until: tooLong),
            record("actor:b", until: .max),
        ] {
            #expect(mutes.take(refused, at: 0) != nil, "\(refused)")
        }
        #expect(!mutes.mutes(Self.alert(1, "b"), at: 0))
    }

    @Test func aNextListBeginsWithAllMutes() {
        let hour = 3600 * Self.second
        var mutes = MuteList()
        for (actor, hours) in [("a", 5), ("b", 1), ("c", 900)] as [(String, UInt64)] {
            let mute = MuteRecord(rule: "actor:\(actor)", author: "a", reason: "r", expiresNanoseconds: hours * hour)
            #expect(mutes.take(mute, at: 0) == nil)
        }
        let next = MuteList(mutes.records)
        #expect(next.records == mutes.records && next.records.count == 3)
        #expect(["a", "b", "c"].allSatisfy { next.mutes(Self.alert(1, $0), at: hour - 1) })
        #expect(!next.mutes(Self.alert(1, "b"), at: hour))
    }
}
