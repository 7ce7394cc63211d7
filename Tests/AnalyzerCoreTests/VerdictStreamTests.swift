import AnalyzerCore
import AuditModel
import Cryptography
import Primitives
import ProtobufC
import Testing

/// Goal: exactly one verdict for each event, the same as one undisturbed analyzer gives, wherever analyzers stop.
///
/// Method: a ledger in memory that keeps batches and how far each producer has come; analyzers that die before every
/// append, before and after the ledger took it.
struct VerdictStreamTests {
    /// What the ledger does for producers: keeps batches, and tells the last sequence number.
    struct Ledger {
        var progress: [UInt8: UInt64] = [:]
        var verdicts: [UInt64: Verdict] = [:]

        mutating func append(_ batches: [PendingVerdicts.Batch]) {
            for batch in batches {
                #expect(batch.sequence > self.progress[batch.slot] ?? 0)
                self.progress[batch.slot] = batch.sequence
                for verdict in batch.verdicts.verdicts {
                    #expect(self.verdicts.updateValue(verdict, forKey: verdict.eventIndex) == nil)
                }
                let entry = Entry(
                    blind: [UInt8](repeating: 0, count: 16),
                    stamp: Stamp(collector: "analyzer", receivedNanoseconds: 1),
                    body: .verdicts(batch.verdicts),
                )
                #expect(entry.serialized.count <= EntryScan.entryByteCountMax)
            }
        }

        func progress(of slots: ClosedRange<UInt8>) -> [UInt8: UInt64] {
            var progress: [UInt8: UInt64] = [:]
            for slot in slots { progress[slot] = self.progress[slot] ?? 0 }
            return progress
        }
    }

    /// The slots of one of `count` analyzers.
    static func share(_ position: Int, of count: Int) -> ClosedRange<UInt8> {
        UInt8(position * 256 / count)...UInt8((position + 1) * 256 / count - 1)
    }

    enum Stop: CaseIterable { case beforeAppend, afterAppend }

    @Test(arguments: Stop.allCases, [1, 3]) func oneVerdictForEachEventWhereverAnalyzersStop(
        stop: Stop,
        shares: Int,
    ) throws {
        let model = try TestEvents.model()
        let log = TestEvents.log(count: 60, seed: 6)
        let expected = try Self.undisturbed(log, model)
        for stopAt in stride(from: 0, to: 9, by: 2) {
            var ledger = Ledger()
            for share in 0..<shares {
                let slots = Self.share(share, of: shares)
                try Self.run(log, slots, model, &ledger, stop: (stop, stopAt))
                try Self.run(log, slots, model, &ledger, stop: nil)
            }
            #expect(ledger.verdicts == expected, "stopped at \(stopAt)")
        }
    }

    @Test func ownershipMayMove() throws {
        let model = try TestEvents.model()
        let log = TestEvents.log(count: 120, seed: 7)
        var ledger = Ledger()
        try Self.run(log, Self.share(0, of: 2), model, &ledger, stop: (.afterAppend, 5))
        for share in 0..<5 { try Self.run(log, Self.share(share, of: 5), model, &ledger, stop: nil) }
        #expect(ledger.verdicts == (try Self.undisturbed(log, model)))
    }

    /// Appends after every seventh event; dies at the given append when told to.
    private static func run(
        _ log: [TestEvents.Item],
        _ slots: ClosedRange<UInt8>,
        _ model: AnalyzerModel,
        _ ledger: inout Ledger,
        stop: (how: Stop, at: Int)?,
    ) throws {
        var stream = VerdictStream(model: model, progress: ledger.progress(of: slots))
        var appends = 0
        for (number, item) in log.filter({ slots.contains($0.slot) }).enumerated() {
            try stream.take(index: item.index, slot: item.slot, entry: item.entry)
            guard number % 7 == 6 else { continue }
            let batches = stream.takeBatches()
            if let stop, stop.at == appends {
                if stop.how == .afterAppend { ledger.append(batches) }
                return
            }
            ledger.append(batches)
            appends += 1
        }
        ledger.append(stream.takeBatches())
        #expect(stream.takeBatches().isEmpty && stream.pendingCount == 0)
    }

    private static func undisturbed(_ log: [TestEvents.Item], _ model: AnalyzerModel) throws -> [UInt64: Verdict] {
        var scorer = Scorer(model: model)
        var verdicts: [UInt64: Verdict] = [:]
        for item in log {
            verdicts[item.index] = scorer.score(
                index: item.index,
                slot: item.slot,
                leafHash: LeafHash.hash(item.entry),
                item.event,
            )
        }
        return verdicts
    }

    @Test func largeBatchesAreSplitToFitEntries() throws {
        let log = TestEvents.log(count: 800, seed: 8, actors: 2)
        var ledger = Ledger()
        var stream = VerdictStream(model: try TestEvents.model(), progress: ledger.progress(of: 0...255))
        for item in log { try stream.take(index: item.index, slot: item.slot, entry: item.entry) }
        #expect(stream.pendingCount == log.count)
        let batches = stream.takeBatches()
        #expect(batches.count > Set(batches.map(\.slot)).count)
        ledger.append(batches)
        #expect(ledger.verdicts.count == log.count)
    }

    @Test func unreadableEventsGetAVerdictToo() throws {
        var stream = VerdictStream(model: try TestEvents.model(), progress: [3: 0])
        try stream.take(index: 9, slot: 3, entry: [0xff, 0xff])
        let batches = stream.takeBatches()
        #expect(batches.map(\.sequence) == [10])
        #expect(batches[0].verdicts.verdicts == [Scorer.unreadable(index: 9, leafHash: LeafHash.hash([0xff, 0xff]))])
        #expect(stream.counts.scored == 1)
        #expect(stream.counts.remembered == 0)
        #expect(stream.counts.unreadable == 1)
    }

    @Test func refusesAnEventOfAnotherSlot() throws {
        var stream = VerdictStream(model: try TestEvents.model(), progress: [3: 0])
        #expect(throws: IndelibleError.self) { try stream.take(index: 0, slot: 4, entry: [1]) }
    }

    @Test func consumersDifferBySlotAndModel() throws {
        let model = try TestEvents.model()
        let other = try Self.otherModel()
        let ids = try (0...UInt8.max).flatMap { slot in
            try [model, other].map { try VerdictStream.consumerID(model: $0.hash, schema: $0.schema.hash, slot: slot) }
        }
        #expect(Set(ids).count == 512)
        #expect(ids.allSatisfy { $0.starts(with: ConsumerID.prefix) && $0.count <= 64 })
    }

    static func otherModel() throws -> AnalyzerModel {
        try AnalyzerModel(TestEvents.modelFile(schema: .v1(), attributes: ["indelible.threshold.critical": "2"]))
    }

    /// A slot moves at every event, with a memory from some event before: what is read twice is not judged twice.
    @Test func aSlotMovesWithItsMemory() throws {
        let model = try TestEvents.model()
        let log = TestEvents.log(count: 90, seed: 11, actors: 3)
        let slot = try #require(log.first?.slot)
        let items = log.filter { $0.slot == slot }
        let expected = try Self.undisturbed(log, model).filter { verdict in items.contains { $0.index == verdict.key } }
        for kept in stride(from: 0, to: items.count, by: 4) {
            for stopped in stride(from: kept, to: items.count, by: 7) {
                var ledger = Ledger()
                var first = VerdictStream(model: model, progress: [slot: 0])
                var memory = SlotMemory()
                for (number, item) in items[..<stopped].enumerated() {
                    if number == kept { memory = Self.carried(first.keep(slot, at: item.index), model.schema) }
                    try first.take(index: item.index, slot: slot, entry: item.entry)
                    ledger.append(first.takeBatches())
                }
                var second = VerdictStream(model: model)
                second.start(slot, epoch: 2, memory: memory)
                second.setProgress(of: model.hash, slot: slot, to: ledger.progress[slot] ?? 0)
                for item in items { try second.take(index: item.index, slot: slot, entry: item.entry) }
                let batches = second.takeBatches()
                #expect(batches.allSatisfy { $0.epoch == 2 && $0.after == ledger.progress[slot] ?? 0 })
                ledger.append(batches)
                #expect(ledger.verdicts == expected, "kept before \(kept), stopped before \(stopped)")
            }
        }
    }

    /// As the ledger gives it back.
    private static func carried(_ memory: SlotMemory, _ schema: FeatureSchema) -> SlotMemory {
        let carried = SlotMemory(memory.serialized(schema), schema: schema)
        #expect(carried?.index == memory.index && carried?.timeline == memory.timeline)
        #expect(carried?.serialized(schema) == memory.serialized(schema))
        return carried ?? SlotMemory()
    }

    @Test func damagedMemoriesCountAsNone() throws {
        let schema = try FeatureSchema.v1()
        var stream = VerdictStream(model: try TestEvents.model(), progress: [0: 0, 1: 0])
        for item in TestEvents.log(count: 40, seed: 3, actors: 2) {
            try stream.take(index: item.index, slot: 1, entry: item.entry)
        }
        _ = stream.takeBatches()
        let bytes = stream.keep(1, at: 500).serialized(schema)
        #expect(SlotMemory(bytes, schema: schema)?.index == 500)
        for length in 0..<60 { #expect(SlotMemory(Array(bytes.prefix(length)), schema: schema) == nil, "\(length)") }
        var other = bytes
        other[1] = 9
        #expect(SlotMemory(other, schema: schema) == nil, "another version")
    }

    @Test func memoriesAreKeptWhenItPays() throws {
        var stream = VerdictStream(model: try TestEvents.model(), progress: [1: 0, 2: 0])
        #expect(stream.slotsToKeep(at: 1 << 30).isEmpty, "there is nothing new")
        let item = try #require(TestEvents.log(count: 1, seed: 3).first)
        try stream.take(index: 5, slot: 1, entry: item.entry)
        _ = stream.takeBatches()
        #expect(stream.slotsToKeep(at: 6).isEmpty)
        #expect(stream.slotsToKeep(at: VerdictStream.entriesPerSnapshotMax) == [1])
        _ = stream.keep(1, at: VerdictStream.entriesPerSnapshotMax)
        #expect(stream.slotsToKeep(at: VerdictStream.entriesPerSnapshotMax * 3).isEmpty && !stream.hasNews(1))
    }

    /// Another model is shadowed, promoted and relieved in mid-stream: each event has a verdict of each model that judges
    /// it, and both have taken the same features.
    @Test func modelsChangeInMidStream() throws {
        let (first, second) = (try TestEvents.model(), try Self.otherModel())
        let log = TestEvents.log(count: 80, seed: 12)
        let changes: [(at: Int, action: ModelTimeline.Action, model: Digest)] = [
            (10, .registered, second.hash), (20, .shadowed, second.hash), (40, .promoted, second.hash),
            (60, .promoted, first.hash),
        ]
        var stream = VerdictStream(
            model: first,
            progress: Dictionary(uniqueKeysWithValues: (0...255).map { ($0, 0) }),
        )
        var verdicts: [Digest: [UInt64: Verdict]] = [:]
        for (number, item) in log.enumerated() {
            for change in changes where change.at == number {
                stream.note(.init(index: item.index - 1, model: change.model, action: change.action))
            }
            for hash in stream.missingModels(at: item.index) {
                #expect(hash == second.hash && number == 20)
                stream.add(second)
            }
            for (model, _, slot) in stream.unknownProgress(at: item.index) {
                stream.setProgress(of: model, slot: slot, to: 0)
            }
            try stream.take(index: item.index, slot: item.slot, entry: item.entry)
            guard number % 9 == 8 || number == log.count - 1 else { continue }
            for batch in stream.takeBatches() {
                for verdict in batch.verdicts.verdicts {
                    let old = verdicts[batch.verdicts.modelHash, default: [:]].updateValue(
                        verdict,
                        forKey: verdict.eventIndex,
                    )
                    #expect(old == nil)
                }
            }
        }
        let judgedByFirst = log.indices.filter { !(40..<60).contains($0) }.map { log[$0].index }
        let judgedBySecond = (20..<60).map { log[$0].index }
        #expect(verdicts[first.hash]?.keys.sorted() == judgedByFirst)
        #expect(verdicts[second.hash]?.keys.sorted() == judgedBySecond)
        let expected = try Self.undisturbed(log, first)
        for index in judgedByFirst { #expect(verdicts[first.hash]?[index] == expected[index]) }
        for index in judgedBySecond { #expect(verdicts[second.hash]?[index]?.features == expected[index]?.features) }
    }
}
