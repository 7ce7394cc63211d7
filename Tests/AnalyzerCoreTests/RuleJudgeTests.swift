import AnalyzerCore
import AuditModel
import Cryptography
import Primitives
import ProtobufC
import SigmaRules
import Testing

/// Goal: each hit of a rule set is in the log exactly once, the same that one undisturbed analyzer finds, wherever analyzers
/// stop and slots move; and from the log alone it can be found again.
///
/// Method: a ledger in memory that refuses what does not go on where a consumer stopped; analyzers that die before an
/// append, after it, or after keeping their memories.
struct RuleJudgeTests {
    private static let start: UInt64 = 20

    /// What a ledger keeps: verdicts, how far each judge has come in each slot, and memories.
    private struct Ledger {
        var progress: [[UInt8]: UInt64] = [:]
        var hits: [UInt64: Verdict] = [:]
        var memories: [UInt8: [UInt8]] = [:]

        mutating func append(_ batches: [PendingVerdicts.Batch]) throws {
            let before = self.progress
            for batch in batches {
                let verdicts = batch.verdicts
                let id = try VerdictStream.consumerID(
                    model: verdicts.modelHash,
                    schema: verdicts.schemaHash,
                    slot: batch.slot,
                )
                #expect(before[id] ?? 0 == batch.after, "a consumer goes on where it stopped")
                #expect(batch.sequence > self.progress[id] ?? 0)
                self.progress[id] = batch.sequence
                guard verdicts.ruleSetHash != nil else { continue }
                #expect(try VerdictBatch(serialized: verdicts.serialized) == verdicts)
                for verdict in verdicts.verdicts {
                    #expect(self.hits.updateValue(verdict, forKey: verdict.eventIndex) == nil, "told twice")
                }
            }
        }
    }

    enum Stop: UInt64, CaseIterable { case beforeAppend, afterAppend, afterKeeping }

    /// Reads from where the memories say; appends after every fifth event, and dies after some of them.
    private static func run(
        _ log: [TestEvents.Item],
        _ slots: ClosedRange<UInt8>,
        _ rules: RuleJudge,
        _ ledger: inout Ledger,
        stop: (how: Stop, at: Int)?,
    ) throws {
        let model = try TestEvents.model()
        var stream = VerdictStream(model: model, rules: rules)
        var from: UInt64 = .max
        for slot in slots {
            let memory = ledger.memories[slot].flatMap { SlotMemory($0, schema: model.schema) } ?? SlotMemory()
            from = min(from, stream.start(of: memory))
            stream.start(slot, epoch: 1, memory: memory)
        }
        for (judge, schema, slot) in stream.unknownProgress(at: from) {
            let id = try VerdictStream.consumerID(model: judge, schema: schema, slot: slot)
            stream.setProgress(of: judge, slot: slot, to: ledger.progress[id] ?? 0)
        }
        var taken = 0
        for item in log where slots.contains(item.slot) && item.index >= from {
            try stream.take(index: item.index, slot: item.slot, entry: item.entry)
            taken += 1
            guard taken % 5 == 0 else { continue }
            let batches = stream.takeBatches()
            let isLast = taken / 5 == stop?.at
            if isLast, stop?.how == .beforeAppend { return }
            try ledger.append(batches)
            if isLast, stop?.how == .afterAppend { return }
            guard taken % 15 == 0 || isLast else { continue }
            for slot in slots {
                ledger.memories[slot] = stream.keep(slot, at: item.index + 1).serialized(model.schema)
            }
            if isLast { return }
        }
        try ledger.append(stream.takeBatches())
    }

    /// Straight from the rules, without streams.
    private static func undisturbed(_ log: [TestEvents.Item], _ set: RuleSet) throws -> [UInt64: Verdict] {
        var states: [UInt8: RuleState] = [:]
        var hits: [UInt64: Verdict] = [:]
        for item in log where item.index >= Self.start {
            hits[item.index] = try RuleJudge.verdict(
                set,
                index: item.index,
                leafHash: LeafHash.hash(item.entry),
                item.event,
                &states[item.slot, default: RuleState()],
            )
        }
        return hits
    }

    @Test(arguments: Stop.allCases, 0..<12 as Range<UInt64>) func hitsAreToldOnce(stop: Stop, seed: UInt64) throws {
        let set = try TestRules.set()
        let rules = try RuleJudge(set, start: Self.start)
        let log = TestRules.log(count: 200, seed: seed)
        let expected = try Self.undisturbed(log, set)
        #expect(expected.values.contains { $0.rules.contains { $0.id == "failures" && $0.events.count == 3 } })
        #expect(expected.values.contains { $0.rules.contains { $0.id == "factor" } })
        var random = SplitMix64(seed: seed)
        var ledger = Ledger()
        for _ in 0..<6 {
            let half = UInt8(64 + random.next() % 128)
            let at = 1 + Int(random.next() % 9)
            for slots in [0...half, half + 1...255] { try Self.run(log, slots, rules, &ledger, stop: (stop, at)) }
        }
        try Self.run(log, 0...255, rules, &ledger, stop: nil)
        #expect(ledger.hits == expected)
    }

    /// Memories of an analyzer that had no rules: the slot's events are read again from where the set counts.
    @Test func rulesMayComeLater() throws {
        let set = try TestRules.set()
        let log = TestRules.log(count: 120, seed: 3)
        let model = try TestEvents.model()
        var without = VerdictStream(
            model: model,
            progress: Dictionary(uniqueKeysWithValues: (0...255).map { ($0, 0) }),
        )
        for item in log.prefix(80) { try without.take(index: item.index, slot: item.slot, entry: item.entry) }
        var ledger = Ledger()
        try ledger.append(without.takeBatches())
        for slot in 0...UInt8.max {
            ledger.memories[slot] = without.keep(slot, at: log[79].index + 1).serialized(model.schema)
        }
        try Self.run(log, 0...255, RuleJudge(set, start: Self.start), &ledger, stop: nil)
        #expect(ledger.hits == (try Self.undisturbed(log, set)))
    }

    @Test func aLogHoldsItsRules() throws {
        let set = try TestRules.set()
        var history = RuleHistory()
        let records = RuleHistory.announcement(of: set)
        #expect(records.map(\.action) == ["announced", "announced", "announced", "listed", "used"])
        for (index, record) in (records + records).enumerated() {
            let read = try RuleRecord(serialized: record.serialized)
            #expect(read == record)
            history.note(read, at: UInt64(index))
        }
        #expect(history.start(of: set.hash) == 5, "the first record counts")
        let again = try history.set(set.hash)
        #expect(again.hash == set.hash && again.rules.map(\.title) == set.rules.map(\.title))
        #expect(throws: IndelibleError.self) { try RuleHistory().set(set.hash) }
        var altered = RuleHistory()
        for var record in records {
            record.text = record.text.replacing("factor.deactivate", with: "factor.activate")
            altered.note(record, at: 1)
        }
        #expect(throws: IndelibleError.self) { try altered.set(set.hash) }
    }

    @Test func hitsAreFoundAgain() throws {
        let set = try TestRules.set()
        let log = TestRules.log(count: 200, seed: 8)
        let hits = try Self.undisturbed(log, set)
        for (slot, items) in Dictionary(grouping: log, by: \.slot) {
            let verdicts = items.compactMap { hits[$0.index] }
            guard !verdicts.isEmpty else { continue }
            let batch = VerdictBatch(
                modelHash: set.hash,
                schemaHash: try RuleSet.semanticsHash(),
                slot: UInt32(slot),
                verdicts: verdicts,
                ruleSetHash: set.hash,
            )
            var forged = verdicts
            forged[0].rules[0].title = "Nothing to see"
            forged[0].eventIndex = verdicts[0].eventIndex
            for (recorded, differences) in [(verdicts, []), (forged, ["rules"])] {
                var replay = try RuleReplay(batch, recorded, set: set, start: Self.start)
                var found: [VerdictReplay.Comparison] = []
                for item in items where item.index >= replay.from {
                    if let comparison = try replay.take(index: item.index, entry: item.entry) {
                        found.append(comparison)
                    }
                }
                #expect(found.count == verdicts.count && replay.finish().isEmpty)
                #expect(found.first?.differences == differences)
                #expect(found.dropFirst().allSatisfy { $0.isEqual })
            }
            var other = batch
            other.ruleSetHash = nil
            #expect(throws: IndelibleError.self) { try RuleReplay(other, verdicts, set: set, start: Self.start) }
        }
    }

    @Test func oneRefusedRuleStopsAll() throws {
        let text = TestRules.text.replacing("[actor.id]", with: "[client.ipAddress]")
        #expect(throws: IndelibleError.self) {
            try RuleSet.strict([RuleSet.File(name: "okta.yml", bytes: Array(text.utf8))])
        }
    }
}
