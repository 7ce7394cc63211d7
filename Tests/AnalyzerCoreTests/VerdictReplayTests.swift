import AnalyzerCore
import AuditModel
import Primitives
import Testing

/// Goal: whatever an analyzer decided is computed again from the log, and whatever was changed is named.
///
/// Method: verdicts of a made-up log, as they are and with each field changed.
struct VerdictReplayTests {
    private let model: AnalyzerModel
    private let log: [TestEvents.Item]
    private let batches: [PendingVerdicts.Batch]

    init() throws {
        self.model = try TestEvents.model()
        self.log = TestEvents.log(count: 60, seed: 11)
        var progress: [UInt8: UInt64] = [:]
        for item in self.log { progress[item.slot] = 0 }
        var stream = VerdictStream(model: self.model, progress: progress)
        for item in self.log { try stream.take(index: item.index, slot: item.slot, entry: item.entry) }
        self.batches = stream.takeBatches()
    }

    private func replay(
        _ verdicts: [Verdict],
        of batch: PendingVerdicts.Batch,
        where isThere: (TestEvents.Item) -> Bool = { _ in true },
    ) throws -> [VerdictReplay.Comparison] {
        var replay = try VerdictReplay(batch.verdicts, verdicts, model: self.model)
        var comparisons: [VerdictReplay.Comparison] = []
        for item in self.log where item.slot == batch.slot && isThere(item) {
            if let comparison = try replay.take(index: item.index, entry: item.entry) {
                comparisons.append(comparison)
            }
        }
        return comparisons + replay.finish()
    }

    @Test func everyVerdictFollowsFromTheLog() throws {
        #expect(self.batches.count > 3)
        for batch in self.batches {
            let verdicts = batch.verdicts.verdicts
            let all = try self.replay(verdicts, of: batch)
            #expect(all.map(\.recorded) == verdicts && all.allSatisfy { $0.isEqual && $0.recomputed == $0.recorded })
            for verdict in verdicts {
                let one = try self.replay([verdict], of: batch)
                #expect(one.map(\.recorded) == [verdict] && one.allSatisfy { $0.isEqual })
            }
        }
    }

    struct Change: Sendable {
        let name: String
        let apply: @Sendable (inout Verdict) -> Void
    }

    static let changes = [
        Change(name: "leaf_hash") { $0.leafHash = .zero },
        Change(name: "features") { $0.features[0] += 1 },
        Change(name: "margin_bits") { $0.marginBits[0] ^= 1 },
        Change(name: "category") { $0.category += "s" },
        Change(name: "risk") { $0.risk += 1 },
        Change(name: "severity") { $0.severity = "unheard of" },
        Change(name: "actor_previous") { $0.actorPrevious += 1 },
        Change(name: "contributions") { $0.contributions.append(.init(feature: 900, valueBits: 1)) },
    ]

    @Test(arguments: Self.changes) func aChangedFieldIsNamed(_ change: Change) throws {
        let batch = try #require(self.batches.max { $0.verdicts.verdicts.count < $1.verdicts.verdicts.count })
        var verdicts = batch.verdicts.verdicts
        let position = verdicts.count - 1
        change.apply(&verdicts[position])
        let comparisons = try self.replay(verdicts, of: batch)
        #expect(comparisons.dropLast().allSatisfy { $0.isEqual })
        #expect(comparisons[position].differences == [change.name])
        #expect(comparisons[position].recomputed == batch.verdicts.verdicts[position])
    }

    /// An actor's history is part of what is judged.
    @Test func aMissingEventIsNoticed() throws {
        let batch = try #require(self.batches.max { $0.verdicts.verdicts.count < $1.verdicts.verdicts.count })
        let verdicts = batch.verdicts.verdicts
        let first = verdicts[0].eventIndex
        let last = verdicts[verdicts.count - 1]
        #expect(last.actorPrevious != 0)
        let without = try self.replay([last], of: batch) { $0.index != last.actorPrevious - 1 }
        #expect(without.first?.differences.contains("actor_previous") == true)
        let gone = try self.replay([verdicts[0]], of: batch) { $0.index != first }
        #expect(gone.map(\.recorded) == [verdicts[0]] && gone.map(\.differences) == [["event_index"]])
        #expect(gone.allSatisfy { $0.recomputed == nil })
    }

    @Test func anotherModelIsRefused() throws {
        var batch = self.batches[0].verdicts
        batch.modelHash = .zero
        let error = #expect(throws: IndelibleError.self) {
            _ = try VerdictReplay(batch, batch.verdicts, model: self.model)
        }
        #expect(error?.code == .failedPrecondition && error?.message.contains("--model") == true)
    }
}
