import AuditModel
import IngestCore
import JSONText
import Primitives
import ServiceProtocol
import Simulation
import Storage
import Testing
import ProtobufC
import Wire

@Suite struct RefusedBatchTests {
    /// Every code, said by the ledger and said by this side.
    @Test(arguments: IndelibleError.Code.allCases) func onlyTheLedgerRefuses(code: IndelibleError.Code) {
        let permanent: Set<IndelibleError.Code> = [.invalidArgument, .failedPrecondition]
        let remote = IndelibleError(RPCStatus(code: UInt32(code.rawValue), message: "no"))
        #expect(AppendFailure(remote) == (permanent.contains(code) ? .refused : .unsettled))
        #expect(AppendFailure(IndelibleError(code, "no")) == .unsettled)
    }

    private static let refusal = IndelibleError(.failedPrecondition, "too old")

    private static func request(first: UInt64 = 1, count: Int = 3) throws -> [UInt8] {
        var builder = BatchBuilder(collector: "c")
        let submission = try BatchTests.submission(5, first: first, count: count)
        builder.add(
            submission,
            ticket: 1,
            blinds: [UInt8](repeating: 9, count: 16 * count),
            receivedNanoseconds: 1000,
        )
        let finished = builder.finish()
        return try #require(finished).request
    }

    @Test func keepsEachItemAsItWas() throws {
        let disk = SimulatedDisk()
        var refused = try RefusedBatches(in: disk)
        try refused.keep(Self.request(first: 40), record: 7, refusal: Self.refusal, at: 1_000_000_000)
        #expect(refused.count == 1)
        let name = try #require(disk.files.keys.first)
        #expect(name.hasPrefix("00000000000000000007-") && name.hasSuffix(".jsonl"))
        let bytes = try #require(try disk.readAll(name, byteCountMax: 1 << 20))
        let lines = try bytes.split(separator: 0x0a).map { try JSONValue(parsing: Array($0), what: name) }
        #expect(lines.count == 4)
        #expect(lines[0]["refused"]?.string == "1970-01-01T00:00:01.000000000Z")
        #expect(lines[0]["reason"]?.string == "too old")
        #expect(lines[0]["spool_record"]?.number?.int == 7)
        #expect(lines.dropFirst().map { $0["sequence"]?.number?.int } == [40, 41, 42])
        #expect(lines[1]["producer"]?.string == "05" && lines[1]["epoch"]?.number?.int == 7)
        #expect(lines[3]["entry"]?["event"]?["actor"]?["id"]?.string == "actor 2")
        #expect(refused.byteCount == UInt64(bytes.count))
    }

    /// A crash between keeping and draining sends the batch again, and it is refused again.
    @Test func theSameBatchCountsOnce() throws {
        let disk = SimulatedDisk()
        var refused = try RefusedBatches(in: disk)
        for _ in 0..<2 { try refused.keep(Self.request(), record: 7, refusal: Self.refusal, at: 1) }
        #expect(refused.count == 1)
        disk.restart()
        refused = try RefusedBatches(in: disk)
        #expect(refused.count == 1)
        try refused.keep(Self.request(), record: 7, refusal: Self.refusal, at: 2)
        #expect(refused.count == 1)
        try refused.keep(Self.request(), record: 8, refusal: Self.refusal, at: 2)
        #expect(refused.count == 2)
    }

    @Test func fullPushesBackUntilFilesAreTakenAway() throws {
        let disk = SimulatedDisk()
        var refused = try RefusedBatches(in: disk, limits: RefusedLimits(fileCountMax: 1))
        try refused.keep(Self.request(), record: 1, refusal: Self.refusal, at: 1)
        let error = #expect(throws: IndelibleError.self) {
            try refused.keep(Self.request(), record: 2, refusal: Self.refusal, at: 1)
        }
        #expect(error?.code == .resourceExhausted)
        for name in disk.files.keys { try disk.remove(name) }
        try refused.keep(Self.request(), record: 2, refusal: Self.refusal, at: 1)
        #expect(refused.count == 1)
    }

    @Test func aCollectorSaysWhatIsMissingButNotOfItsOwn() throws {
        let key = try CollectorKey(name: "c", publicKey: [UInt8](repeating: 1, count: 32))
        var records = try CollectorRecords(of: key, epoch: 3)
        let first = try #require(try records.refused(Self.request(first: 8), reason: "too old"))
        #expect(first.kind == .source && first.firstSequence == 1 && first.producer.epoch == 3)
        let body = try #require(first.events.first)
        let record = try SourceRecord(serialized: body)
        #expect(record.change == "rejected" && record.source == "producer 05" && record.detail == "too old")
        #expect(record.firstSequence == 8 && record.lastSequence == 10)
        #expect(try records.refused(Self.request(), reason: "again")?.firstSequence == 2)

        var builder = BatchBuilder(collector: "c")
        builder.add(
            try Submission(first.serialized),
            ticket: 1,
            blinds: [UInt8](repeating: 9, count: 16),
            receivedNanoseconds: 1,
        )
        let finished = builder.finish()
        #expect(try records.refused(#require(finished).request, reason: "too old") == nil)
    }
}
