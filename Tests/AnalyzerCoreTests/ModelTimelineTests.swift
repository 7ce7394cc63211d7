import AnalyzerCore
import Primitives
import Testing

/// Goal: every analyzer agrees on who judges an event, whatever of the log's changes it read first.
struct ModelTimelineTests {
    private static func model(_ number: UInt8) throws -> Digest {
        try #require(Digest([UInt8](repeating: number, count: 32)))
    }

    private static func timeline(_ changes: [(UInt64, UInt8, ModelTimeline.Action)]) throws -> ModelTimeline {
        var timeline = ModelTimeline()
        for (index, number, action) in changes {
            timeline.note(.init(index: index, model: try Self.model(number), action: action))
        }
        return timeline
    }

    @Test func aChangeCountsFromTheEntryAfterIt() throws {
        let timeline = try Self.timeline([
            (10, 1, .registered), (20, 1, .shadowed), (21, 2, .shadowed), (30, 1, .promoted), (40, 2, .retired),
            (50, 2, .promoted), (60, 1, .shadowed),
        ])
        let (one, two) = (try Self.model(1), try Self.model(2))
        let rows: [(index: UInt64, judges: ModelTimeline.Judges)] = [
            (0, .init()), (20, .init()), (21, .init(shadows: [one])), (22, .init(shadows: [one, two])),
            (31, .init(inForce: one, shadows: [two])), (41, .init(inForce: one)), (51, .init(inForce: two)),
            (61, .init(inForce: two, shadows: [one])),
        ]
        for row in rows { #expect(timeline.judges(of: row.index) == row.judges, "\(row.index)") }
        #expect(timeline.nextChange(after: 0) == 11)
        #expect(timeline.nextChange(after: 11) == 21)
        #expect(timeline.nextChange(after: 61) == nil)
    }

    @Test func repeatsAndOldNewsAreLeftAlone() throws {
        var timeline = try Self.timeline([(10, 1, .promoted), (20, 2, .promoted)])
        for index: UInt64 in [5, 10, 20] {
            let change = ModelTimeline.Change(index: index, model: try Self.model(3), action: .promoted)
            let isNew = timeline.note(change)
            #expect(!isNew)
        }
        #expect(timeline.changes.count == 2)
        timeline.merge(try Self.timeline([(10, 1, .promoted)]))
        #expect(timeline.changes.count == 2)
        timeline.merge(try Self.timeline([(10, 1, .promoted), (20, 2, .promoted), (30, 1, .promoted)]))
        #expect(timeline.changes.count == 3)
    }

    @Test func onlySoManyJudgeOneEvent() throws {
        let many = (1...9).map { (UInt64($0), UInt8($0), ModelTimeline.Action.shadowed) }
        let judges = try Self.timeline(many).judges(of: 100)
        #expect(judges.shadows.count == ModelTimeline.judgeCountMax - 1)
        #expect(judges.shadows.first == (try Self.model(1)))
    }
}
