import AuditModel
import Cryptography
import Primitives
import Simulation
import Testing
import VerifierCore

/// Goal: a verdict that is not about the entry that it names, comes twice, or is by a model that the operator does not know
/// is named with the entry that it stands in; honest verdicts are not.
@Suite struct VerdictCheckerTests {
    private static let model = JudgedLog.models[0]
    private static let zero = Digest.zero

    /// Six events of one slot, and what is wrong when `change` is made in the verdicts about them.
    private static func finding(_ change: (inout VerdictBatch) -> Void) throws -> [Finding] {
        var log = JudgedLog()
        var random = SplitMix64(seed: 1)
        while log.eventCount(of: 7) < 6 { try log.addEvents(1, &random) }
        try log.judge(Self.model, 7, most: 6, change: change)
        return try log.findings()
    }

    @Test func acceptsHonestVerdicts() throws { #expect(try Self.finding { _ in }.isEmpty) }

    @Test func namesWhatAVerdictIsNotAbout() throws {
        for (change, found) in [
            ({ $0.verdicts[2].leafHash = $0.verdicts[1].leafHash }, nil),
            ({ $0.verdicts[2].eventIndex = $0.verdicts[1].eventIndex }, nil),
            ({ $0.verdicts[2].eventIndex = 1 << 40 }, "entry \(1 << 40)"),
            ({ $0.verdicts[2].actorPrevious = $0.verdicts[2].eventIndex + 1 }, "as the actor's event before"),
            ({ $0.verdicts[2] = $0.verdicts[1] }, "after it"),
            ({ $0.verdicts.swapAt(2, 3) }, "after it"),
            ({ $0.slot = 256 }, "bytes that are none"),
            ({ $0.ruleSetHash = Self.zero }, "bytes that are none"),
        ] as [((inout VerdictBatch) -> Void, String?)] {
            let findings = try Self.finding(change)
            #expect(findings.map(\.kind) == [.verdictInvalid], "\(findings)")
            #expect(findings.first?.found?.contains(found ?? "") == true, "\(findings)")
        }
        let wrong = try Self.finding { $0.verdicts[2].leafHash = Self.zero }
        #expect(wrong.first?.found == Self.zero.hex && wrong.first?.expected?.count == 64)
        #expect(wrong.first?.path?.hasPrefix("verdict about entry ") == true)
    }

    @Test func namesTheEntryThatTheVerdictStandsIn() throws {
        var log = JudgedLog()
        var random = SplitMix64(seed: 2)
        try log.addSealed(40, &random)
        try log.judge(Self.model, 0, most: 5)
        try log.judge(Self.model, 0, most: 5) { $0.verdicts[0].leafHash = Self.zero }
        #expect(try log.findings().map(\.index) == [UInt64(log.entries.count - 1)])
    }

    /// Two models judge every event, each once.
    @Test func followsEachModelAndSlotByItself() throws {
        var log = JudgedLog()
        var random = SplitMix64(seed: 3)
        for _ in 0..<10 {
            try log.addSealed(20, &random)
            for slot in JudgedLog.slots.reversed() {
                for model in JudgedLog.models { try log.judge(model, slot, most: 4) }
            }
        }
        #expect(try log.findings().isEmpty)
    }

    @Test func remembersOverARestartAndReadsAgain() throws {
        var log = JudgedLog()
        var random = SplitMix64(seed: 4)
        try log.addSealed(30, &random)
        try log.judge(Self.model, 7, most: 2)
        var checker = EntryChecker(seals: SealChecker())
        #expect(try log.findings(&checker).isEmpty)
        var again = EntryChecker(seals: SealChecker())
        try again.restore(checker.remembered, now: 1)
        #expect(again.remembered == checker.remembered)
        // What no checkpoint had covered comes once more: it is no second verdict.
        #expect(try log.findings(&again, from: log.entries.count - 1).isEmpty)
        #expect(again.verdicts.seenCount == 2 && again.verdicts.boundCount == 2)
        let size = log.entries.count
        try log.add(log.entries[size - 1])
        #expect(try log.findings(&again, from: size).map(\.index) == [UInt64(size)])
        #expect(again.verdicts.seenCount == 4 && again.verdicts.boundCount == 4)
    }

    @Test(arguments: ["verdicts 1 2", "verdicts 1 2 3 x", "model 00 00", "judge 00 00 1,2"])
    func refusesMemoryThatIsNone(line: String) {
        var checker = EntryChecker(seals: SealChecker())
        #expect(throws: IndelibleError.self) { try checker.restore(Array(line.utf8), now: 1) }
    }

    @Test func asksForARecordOnceTheOperatorHasPromotedAModel() throws {
        let root = try JudgedLog.root()
        let (known, unknown) = (JudgedLog.models[0], JudgedLog.models[1])
        var log = JudgedLog()
        var random = SplitMix64(seed: 5)
        try log.addSealed(20, &random)
        try log.judge(unknown, 0, most: 2)
        // Anybody may have written this one.
        try log.record(unknown, "promoted", by: JudgedLog.collector().key)
        let promoted = log.entries.count
        try log.record(known, "promoted", by: root)
        // Events before the promotion are not its own.
        try log.judge(unknown, 0, most: 2)
        #expect(try log.findings(operatorKey: root.publicKey).isEmpty)
        while log.eventCount(of: 7, from: promoted) < 1 { try log.addEvents(1, &random) }
        try log.judge(known, 7, most: 100)
        #expect(try log.findings(operatorKey: root.publicKey).isEmpty)
        var other = log
        try log.judge(unknown, 7, most: 100)
        // Rules are announced by whoever uses them, and the log has their texts.
        try other.judge(unknown, 7, most: 100) { $0.ruleSetHash = $0.modelHash }
        #expect(try other.findings(operatorKey: root.publicKey).isEmpty)
        let findings = try log.findings(operatorKey: root.publicKey)
        #expect(findings.map(\.index) == [UInt64(log.entries.count - 1)])
        #expect(findings.first?.found?.contains(unknown.hex) == true)
        #expect(try log.findings().isEmpty)
    }
}

extension JudgedLog {
    /// Events of a slot that stand at `first` or later.
    fileprivate func eventCount(of slot: UInt32, from first: Int = 0) -> Int {
        (self.events[slot] ?? []).count { $0 >= UInt64(first) }
    }
}
