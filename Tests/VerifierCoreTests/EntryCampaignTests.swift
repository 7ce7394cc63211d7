import AuditModel
import Cryptography
import Foundation
import LedgerCore
import Primitives
import Simulation
import Storage
import Testing
import TransparencyLog
import VerifierCore

/// Goal: whatever is wrong with what entries say, or with what is kept beside them, is found and placed, by the verifier
/// that follows and by the one that reads once; honest logs raise no alarm.
///
/// Method: small logs of sealed events and of verdicts about them, as analyzers write them, and their payloads in a ledger's
/// store on a simulated disk; each case changes one thing as a seed says. INDELIBLE_SEED and INDELIBLE_CASES choose others.
@Suite struct EntryCampaignTests {
    private static let worldCount = 20

    private static func number(_ name: String, otherwise value: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? value
    }

    /// A case makes a log of its own, and so takes as long as some fifty of the other campaigns.
    private static let caseCount = Self.number("INDELIBLE_CASES", otherwise: 100_000) / 50
    private static let seed = UInt64(Self.number("INDELIBLE_SEED", otherwise: 1))

    /// A log in the making; the last step may change a batch of verdicts.
    private static func log(
        _ random: inout SplitMix64,
        change: (inout VerdictBatch) -> Void = { _ in },
    ) throws -> JudgedLog {
        var log = JudgedLog()
        for _ in 0..<Int.random(in: 2...6, using: &random) {
            try log.addSealed(Int.random(in: 6...30, using: &random), &random)
            for slot in JudgedLog.slots {
                for model in JudgedLog.models {
                    try log.judge(model, slot, most: Int.random(in: 0...9, using: &random))
                }
            }
        }
        try log.addSealed(60, &random)
        try log.judge(JudgedLog.models[0], 7, most: 100, change: change)
        return log
    }

    /// What the verifier says that reads exported files once.
    private static func audited(_ log: JudgedLog) throws -> TileVerifier.Step {
        let sample = try SampleLog(entries: log.entries)
        let audit = EntryAudit(
            seals: SealChecker(collectors: [try JudgedLog.collector().name]),
            verdicts: VerdictChecker(),
            now: 1 << 60,
        )
        var verifier = TileVerifier(
            checkpoint: try sample.checkpoint(size: log.entries.count).checkpoint,
            audit: audit,
        )
        while case .read(let path) = verifier.step {
            var file = try sample.content(path)
            try verifier.supply(&file, byteCount: file.count)
        }
        if case .verified = verifier.step {
            #expect(verifier.coverage?.verdictCount == verifier.coverage?.boundVerdictCount)
            #expect(verifier.coverage.map { $0.sealCount > 0 && $0.strangerCount == 0 } == true)
        }
        return verifier.step
    }

    @Test(arguments: 0..<worldCount) func honestLogsRaiseNoAlarm(world: Int) throws {
        var random = SplitMix64(seed: Self.seed &* 1_000_033 &+ UInt64(world))
        for number in 0..<Self.caseCount / Self.worldCount {
            let comment: Comment = "seed \(Self.seed), world \(world), case \(number)"
            let log = try Self.log(&random)
            // Read, restarted anywhere, and some of it read again.
            var checker = EntryChecker(seals: SealChecker())
            #expect(try log.findings(&checker).isEmpty, comment)
            var again = EntryChecker(seals: SealChecker())
            try again.restore(checker.remembered, now: 1)
            let first = Int.random(in: 0..<log.entries.count, using: &random)
            #expect(try log.findings(&again, from: first).isEmpty, comment)
            #expect(again.verdicts.boundCount == checker.verdicts.boundCount, comment)
            guard number % 8 == 0 else { continue }
            guard case .verified = try Self.audited(log) else {
                Issue.record("an honest log was found wrong: \(comment)")
                return
            }
        }
    }

    @Test(arguments: 0..<worldCount) func wrongVerdictsAreNamed(world: Int) throws {
        var random = SplitMix64(seed: Self.seed &* 1_000_037 &+ UInt64(world))
        for number in 0..<Self.caseCount / Self.worldCount {
            let comment: Comment = "seed \(Self.seed), world \(world), case \(number)"
            let (way, bit, pick) = (random.next() % 5, Int(random.next() % 256), Int(random.next() % 1000))
            let log = try Self.log(&random) { batch in
                let place = pick % batch.verdicts.count
                switch way {
                case 0:
                    var hash = batch.verdicts[place].leafHash.bytes
                    hash[bit / 8] ^= 1 << UInt8(bit % 8)
                    batch.verdicts[place].leafHash = Digest(hash) ?? .zero
                case 1: batch.verdicts[place].eventIndex ^= 1
                case 2: batch.verdicts[place].eventIndex += 1 << 20
                case 3: batch.verdicts.insert(batch.verdicts[place], at: place)
                default: batch.verdicts[place].actorPrevious = batch.verdicts[place].eventIndex + 1
                }
            }
            let last = UInt64(log.entries.count - 1)
            let findings = try log.findings()
            #expect(findings.count == 1, comment)
            #expect(findings.first?.kind == .verdictInvalid && findings.first?.index == last, comment)
            guard number % 8 == 0 else { continue }
            #expect(try Self.audited(log) == .finding(findings[0]), comment)
        }
    }

    /// A seal that does not seal what stands before it.
    @Test func wrongSealsAreNamedOfFiles() throws {
        var random = SplitMix64(seed: Self.seed)
        let honest = try Self.log(&random)
        for index in honest.entries.indices {
            let entry = honest.entries[index]
            guard try EntryScan(entry.span).kind == .seal else { continue }
            var log = JudgedLog()
            for (other, entry) in honest.entries.enumerated() where other + 1 != index { try log.add(entry) }
            guard case .finding(let finding) = try Self.audited(log) else {
                Issue.record("entry \(index - 1) was left out under its seal, and nobody noticed")
                return
            }
            #expect(finding.kind == .sealInvalid, "\(finding)")
        }
    }

    @Test(arguments: 0..<worldCount) func payloadsThatChangeOrGoAreNamed(world: Int) throws {
        var random = SplitMix64(seed: Self.seed &* 1_000_039 &+ UInt64(world))
        let disk = SimulatedDisk()
        try disk.createDirectory("payloads")
        let store = PayloadStore(files: disk)
        var references: [PayloadReference] = []
        for index in 0..<10 {
            let payload = random.bytes(Int.random(in: 1...300, using: &random))
            let salt = random.bytes(DetachedPayload.saltByteCount)
            let made = try DetachedPayload(payload: payload, salt: salt)
            var upload = try store.receive(made.commitment, salt: salt, upload: UInt64(index))
            try upload.put(payload)
            _ = try upload.finish()
            references.append(
                PayloadReference(index: UInt64(index), commitment: made.commitment, payloadByteCount: made.byteCount)
            )
        }
        for number in 0..<Self.caseCount / Self.worldCount {
            let comment: Comment = "seed \(Self.seed), world \(world), case \(number)"
            let reference = references[Int(random.next() % 10)]
            #expect(try Self.outcome(reference, store) == .sound, comment)
            let (byte, mask) = (Int(random.next() >> 1), UInt8(1) << UInt8(random.next() % 8))
            let flip = { (bytes: inout [UInt8]) in bytes[byte % bytes.count] ^= mask }
            disk.corrupt(reference.path, flip)
            guard case .wrong(let finding) = try Self.outcome(reference, store) else {
                Issue.record("a payload's byte changed and nobody noticed: \(comment)")
                return
            }
            #expect(finding.kind == .payloadAltered && finding.index == reference.index, comment)
            #expect(finding.path == reference.path, comment)
            disk.corrupt(reference.path, flip)
            if number % 16 == 0 {
                var kept: [UInt8] = []
                disk.corrupt(reference.path) { kept = $0 }
                try disk.remove(reference.path)
                guard case .wrong(let finding) = try Self.outcome(reference, store) else {
                    Issue.record("a payload went and nobody noticed: \(comment)")
                    return
                }
                #expect(finding.kind == .entryMissing && finding.index == reference.index, comment)
                try disk.replaceDurably(reference.path, with: kept)
            }
        }
    }

    /// As a verifier reads a payload: from wherever the ledger finds it.
    private static func outcome(_ reference: PayloadReference, _ store: PayloadStore) throws -> PayloadList.Outcome {
        guard let stored = try store.open(reference.commitment) else { return reference.missing(retainedFrom: 0) }
        var check = try PayloadCheck(reference, salt: stored.salt)
        try check.update(stored.read(1 << 20, at: 0))
        return try check.finish().map { .wrong($0) } ?? .sound
    }
}
