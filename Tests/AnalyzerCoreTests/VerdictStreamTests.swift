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

        mutating func append(_ batches: [VerdictStream.Batch]) {
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

        func progress(of slots: SlotRange) -> [UInt8: UInt64] {
            var progress: [UInt8: UInt64] = [:]
            for slot in slots.range { progress[slot] = self.progress[slot] ?? 0 }
            return progress
        }
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
                let slots = SlotRange(position: share, of: shares)
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
        try Self.run(log, SlotRange(position: 0, of: 2), model, &ledger, stop: (.afterAppend, 5))
        for share in 0..<5 { try Self.run(log, SlotRange(position: share, of: 5), model, &ledger, stop: nil) }
        #expect(ledger.verdicts == (try Self.undisturbed(log, model)))
    }

    /// Appends after every seventh event; dies at the given append when told to.
    private static func run(
        _ log: [TestEvents.Item],
        _ slots: SlotRange,
        _ model: AnalyzerModel,
        _ ledger: inout Ledger,
        stop: (how: Stop, at: Int)?,
    ) throws {
        var stream = VerdictStream(model: model, progress: ledger.progress(of: slots))
        var appends = 0
        for (number, item) in log.filter({ slots.range.contains($0.slot) }).enumerated() {
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
        var stream = VerdictStream(model: try TestEvents.model(), progress: ledger.progress(of: .all))
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

    @Test func producersDifferBySlotAndModel() throws {
        let model = try TestEvents.model()
        let other = try AnalyzerModel(
            TestEvents.modelFile(schema: .v1(), attributes: ["indelible.threshold.critical": "2"])
        )
        let ids = try (0...UInt8.max).flatMap { slot in
            [try VerdictStream.producerID(model, slot: slot), try VerdictStream.producerID(other, slot: slot)]
        }
        #expect(Set(ids).count == 512)
        #expect(ids.allSatisfy { $0.count == 32 })
    }

    @Test func slotRangesAreReadAndShared() throws {
        #expect(try SlotRange("0-255") == .all)
        #expect(try SlotRange("7").range == 7...7)
        for text in ["", "-", "1-", "-1", "5-4", "0-256", "a-b", "1-2-3", "0x1-2"] {
            #expect(throws: IndelibleError.self, "\(text)") { try SlotRange(text) }
        }
        for count in 1...256 {
            let shares = (0..<count).map { SlotRange(position: $0, of: count).range }
            #expect(shares.flatMap { Array($0) } == Array(0...UInt8.max))
            #expect((shares.map(\.count).max() ?? 0) - (shares.map(\.count).min() ?? 0) <= 1)
        }
    }
}
