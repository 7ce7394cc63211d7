import LedgerCore
import Primitives
import Simulation
import Testing
import TransparencyLog

/// Goal: fsck finds every kind of damage, names the place, and finds nothing in a log that is whole.
@Suite struct LogCheckTests {
    static func disk() throws -> (disk: SimulatedDisk, payload: Digest) {
        let disk = try RecoveryTests.disk()
        let log = try Log.small(on: disk)
        let salt = [UInt8](repeating: 3, count: 16)
        let commitment = try PayloadStore.commitment(salt: salt, payload: [1, 2, 3])
        var upload = try log.payloads.receive(commitment, salt: salt, upload: 1)
        try upload.put([1, 2, 3])
        #expect(try upload.finish() == false)
        log.close()
        return (disk, commitment)
    }

    static func findings(_ disk: SimulatedDisk) throws -> (findings: [LogFinding], summary: LogCheckSummary) {
        var findings: [LogFinding] = []
        let summary = try LogCheck(disk, key: Log.signer().verifierKey).run { findings.append($0) }
        return (findings, summary)
    }

    @Test func findsNothingInAWholeLog() throws {
        let (findings, summary) = try Self.findings(Self.disk().disk)
        #expect(findings == [])
        #expect(summary.entryCount == 50 && summary.size == 50)
        #expect(summary.segmentCount == 3 && summary.payloadCount == 1 && summary.findingCount == 0)
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let path: String
        let kind: LogFinding.Kind
        var index: UInt64?
        let spoil: @Sendable (inout [UInt8]) -> Void
        var testDescription: String { "\(self.kind) in \(self.path)" }
    }

    static let damages = [
        Damage(path: "identity", kind: .identity, spoil: { $0[5] ^= 1 }),
        Damage(path: "segments/000000000001.seg", kind: .manifest, index: 16, spoil: { $0[90] ^= 1 }),
        Damage(path: "segments/000000000001.seg", kind: .entry, index: 16, spoil: { $0[4096 + 30] ^= 1 }),
        Damage(path: "segments/000000000001.seg", kind: .entry, index: 16, spoil: { $0[4096] ^= 1 }),
        Damage(path: "segments/000000000001.seg", kind: .region, index: 16, spoil: { $0.append(0) }),
        Damage(path: "segments/000000000002.seg", kind: .region, index: 32, spoil: { $0[$0.count - 4000] ^= 1 }),
        Damage(path: "roots", kind: .roots, index: 16, spoil: { $0[40] ^= 1 }),
        Damage(path: "producers", kind: .producers, spoil: { $0[12] ^= 1 }),
        Damage(path: "checkpoint", kind: .checkpoint, spoil: { $0[$0.count - 10] ^= 1 }),
    ]

    @Test(arguments: damages) func finds(_ row: Damage) throws {
        let disk = try Self.disk().disk
        disk.corrupt(row.path, row.spoil)
        let (findings, summary) = try Self.findings(disk)
        let found = try #require(findings.first { $0.kind == row.kind }, "\(findings)")
        #expect(found.path == row.path && found.index == row.index, "\(found)")
        #expect(summary.findingCount == findings.count)
    }

    /// Beside a ledger that has the log open, what is written once is checked just the same.
    @Test(arguments: damages) func findsBesideARunningLedger(_ row: Damage) throws {
        let disk = try Self.disk().disk
        let log = try Log.small(on: disk)
        defer { log.close() }
        let key = try Log.signer().verifierKey
        let clean = try LogScrub(disk, key: key).run { Issue.record("\($0)") }
        #expect(clean.segmentCount == 3 && clean.entryCount == 48 && clean.payloadCount == 1)
        disk.corrupt(row.path, row.spoil)
        guard row.kind != .identity else {
            #expect(throws: IndelibleError.self) { try LogScrub(disk, key: key) }
            return
        }
        var findings: [LogFinding] = []
        let summary = try LogScrub(disk, key: key).run { findings.append($0) }
        #expect(summary.findingCount == findings.count)
        // The table of producers is the journal's business.
        guard row.kind != .producers else { return }
        let found = try #require(findings.first { $0.kind == row.kind }, "\(findings)")
        #expect(found.path == row.path && found.index == row.index, "\(found)")
    }

    @Test func findsASegmentThatIsGoneBesideARunningLedger() throws {
        let disk = try Self.disk().disk
        try disk.remove("segments/000000000001.seg")
        var findings: [LogFinding] = []
        _ = try LogScrub(disk, key: nil).run { findings.append($0) }
        #expect(findings.map(\.kind) == [.missingSegment] && findings.first?.index == 16)
    }

    @Test func findsALostJournal() throws {
        let disk = try Self.disk().disk
        for name in try disk.list("journal") { disk.corrupt("journal/\(name)") { $0 = $0.map { _ in 0 } } }
        let findings = try Self.findings(disk).findings
        #expect(findings.map(\.kind) == [.journal])
        #expect(findings.first?.index == 48)
    }

    @Test func findsAMissingSegmentAndAnAlteredPayload() throws {
        let (disk, payload) = try Self.disk()
        try disk.remove("segments/000000000001.seg")
        disk.corrupt("payloads/\(payload.hex)") { $0[18] ^= 1 }
        let findings = try Self.findings(disk).findings
        #expect(findings.map(\.kind) == [.missingSegment, .payload])
        #expect(findings[0].index == 16 && findings[1].expected == payload.hex)
    }

    @Test func saysThatThereIsNoLog() {
        let error = #expect(throws: IndelibleError.self) { try LogCheck(SimulatedDisk(), key: nil).run { _ in } }
        #expect(error?.code == .notFound)
    }
}
