import AuditModel
import Cryptography
import LedgerCore
import Primitives
import ProtobufC
import Simulation
import Storage
import Testing
import VerifierCore

/// Goal: every payload that a verified entry names is looked at in each pass, whatever the verifier's disk does, and what is
/// altered or gone is told from what is as it was.
@Suite struct PayloadListTests {
    private static func references(_ indexes: Range<UInt64>) throws -> [PayloadReference] {
        try indexes.map { index in
            let commitment = try SHA256.hash(Array("\(index)".utf8))
            return PayloadReference(index: index, commitment: commitment, payloadByteCount: index)
        }
    }

    private static func list(_ disk: SimulatedDisk, size: UInt64) throws -> PayloadList {
        try disk.createDirectory("follow")
        return try PayloadList(files: disk, directory: "follow", size: size)
    }

    @Test func goesOverAllOfThemInEachPass() throws {
        let disk = SimulatedDisk()
        var list = try Self.list(disk, size: 0)
        let all = try Self.references(0..<10_000)
        try list.append(all)
        for _ in 0..<2 {
            var seen: [PayloadReference] = []
            while let next = try list.due(below: 9_000) {
                seen.append(next)
                try list.note(next.index % 3 == 0 ? .erased : .sound)
            }
            #expect(seen == Array(all.prefix(9_000)))
            #expect(list.pass.erasedCount == 3_000 && list.pass.soundCount == 6_000 && list.count == 10_000)
            try list.startOver()
        }
        list.close()
    }

    @Test func readsAgainWhatWasNotVerified() throws {
        let disk = SimulatedDisk()
        var list = try Self.list(disk, size: 0)
        try list.append(try Self.references(0..<50))
        try list.sync()
        list.close()
        list = try Self.list(disk, size: 30)
        #expect(list.count == 30)
        try list.append(try Self.references(30..<40))
        try list.rewind(to: 35)
        #expect(list.count == 35)
    }

    /// One fault at each operation: what was synced and verified is looked at, and nothing else ever is.
    @Test(arguments: SimulatedDisk.FaultPlan.Mode.allCases, 0..<20 as Range<UInt64>)
    func survivesEveryFault(mode: SimulatedDisk.FaultPlan.Mode, seed: UInt64) throws {
        let all = try Self.references(0..<100)
        var operation = 0
        while true {
            let disk = SimulatedDisk(.init(operation: operation, mode: mode), seed: seed)
            var verified: UInt64 = 0
            do {
                var list = try Self.list(disk, size: 0)
                for start in stride(from: UInt64(0), to: 100, by: 20) {
                    try list.append(Array(all[Int(start)..<Int(start) + 20]))
                    if start == 40 { try list.rewind(to: verified) }
                    if start == 40 { try list.append(Array(all[Int(verified)..<60])) }
                    try list.sync()
                    verified = start + 10
                    while try list.due(below: verified) != nil { try list.note(.sound) }
                }
            } catch {}
            disk.powerCut()
            let fired = disk.faultFired
            disk.restart()
            var list = try Self.list(disk, size: verified)
            #expect(list.count == verified, "fault at \(operation), \(mode), seed \(seed)")
            try list.startOver()
            var seen: [PayloadReference] = []
            while let next = try list.due(below: verified) {
                seen.append(next)
                try list.note(.sound)
            }
            #expect(seen == Array(all.prefix(Int(verified))), "fault at \(operation), \(mode), seed \(seed)")
            guard fired else { return }
            operation += 1
        }
    }

    /// All that an event can name.
    @Test func knowsWhatEventsName() throws {
        let payloads = try (0..<3).map { try DetachedPayload(payload: [UInt8]($0..<10), salt: Self.salt) }
        var event = AuditEvent()
        event.id = EventID([UInt8](repeating: 3, count: 16))
        event.source = "app"
        event.detachedRaw = payloads[0]
        var call = AuditEvent.GenAI()
        call.provider = "p"
        call.prompt = payloads[1]
        call.completion = payloads[2]
        event.genAI = call
        var log = JudgedLog()
        try log.add(.event([9, 9, 9]))
        try log.add(.event(event.serialized))
        var checker = EntryChecker(seals: SealChecker())
        #expect(try log.findings(&checker).isEmpty)
        let named = checker.takePayloads()
        #expect(named.map(\.commitment) == payloads.map(\.commitment) && named.allSatisfy { $0.index == 1 })
        #expect(named.map(\.payloadByteCount) == [10, 9, 8] && checker.takePayloads().isEmpty)
    }

    private static let salt = [UInt8](repeating: 6, count: DetachedPayload.saltByteCount)

    private static func check(_ reference: PayloadReference, _ payload: [UInt8], salt: [UInt8]) throws -> Finding? {
        var check = try PayloadCheck(reference, salt: salt)
        for start in stride(from: 0, to: payload.count, by: 7) {
            try check.update(Array(payload[start..<min(start + 7, payload.count)]))
        }
        return try check.finish()
    }

    @Test func tellsAnAlteredPayload() throws {
        let payload = [UInt8](0..<40)
        let made = try DetachedPayload(payload: payload, salt: Self.salt)
        let reference = PayloadReference(index: 5, commitment: made.commitment, payloadByteCount: made.byteCount)
        #expect(try Self.check(reference, payload, salt: Self.salt) == nil)
        for position in payload.indices {
            var other = payload
            other[position] ^= 1
            let finding = try #require(try Self.check(reference, other, salt: Self.salt))
            #expect(finding.kind == .payloadAltered && finding.index == 5 && finding.path == reference.path)
            #expect(finding.expected == made.commitment.hex && finding.found?.contains(made.commitment.hex) == false)
        }
        #expect(try Self.check(reference, payload + [1], salt: Self.salt)?.found == "more than 40 bytes")
        #expect(try Self.check(reference, payload, salt: []) != nil)
        let liar = PayloadReference(index: 5, commitment: made.commitment, payloadByteCount: 41)
        #expect(try Self.check(liar, payload, salt: Self.salt)?.expected == "41 bytes")
    }

    @Test func aMissingPayloadNeedsARecord() throws {
        let reference = try Self.references(5..<6)[0]
        guard case .wrong(let finding) = reference.missing(retainedFrom: 5) else {
            Issue.record("a payload may go without a record")
            return
        }
        #expect(finding.kind == .entryMissing && finding.index == 5 && finding.path == reference.path)
        #expect(reference.missing(retainedFrom: 6) == .erased)

        var log = JudgedLog()
        var random = SplitMix64(seed: 1)
        try log.addEvents(8, &random)
        try log.add(.retention(RetentionRecord(upTo: 6, policy: "90 days")))
        // Nobody can have decided on what is yet to come.
        try log.add(.retention(RetentionRecord(upTo: 60, policy: "all")))
        var checker = EntryChecker(seals: SealChecker())
        #expect(try log.findings(&checker).isEmpty && checker.retainedFrom == 6)
        var again = EntryChecker(seals: SealChecker())
        try again.restore(checker.remembered, now: 1)
        #expect(again.retainedFrom == 6)
    }
}
