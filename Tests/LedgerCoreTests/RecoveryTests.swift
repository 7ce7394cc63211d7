import LedgerCore
import Primitives
import Simulation
import Testing
import TransparencyLog

/// Goal: a log that is not whole is refused with a reason, and what can be rebuilt is rebuilt.
///
/// Method: make a log, spoil one thing in its directory, open it again.
@Suite struct RecoveryTests {
    /// 50 entries in batches of 5: three segments of 16 entries sealed, 2 entries and more in the journal.
    static func disk() throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        let log = try Log.small(on: disk)
        for number in 0..<10 {
            _ = try log.append(TestBatch(producer: 1, firstSequence: UInt64(number * 5 + 1), count: 5))
        }
        try log.sealAll()
        _ = try CheckpointPublisher(log, signer: Log.signer()).publish()
        log.close()
        return disk
    }

    static let refused: [(path: String, what: String, spoil: @Sendable (inout [UInt8]) -> Void)] = [
        ("identity", "identity", { $0[20] ^= 1 }),
        ("identity", "identity", { $0.removeLast(4) }),
        ("segments/000000000002.seg", "000000000002.seg", { $0[40] ^= 1 }),
        ("segments/000000000002.seg", "000000000002.seg", { $0.removeAll() }),
        ("producers", "producers", { $0[9] ^= 1 }),
        ("checkpoint", "checkpoint", { $0.removeFirst(30) }),
    ]

    @Test(arguments: 0..<refused.count) func refusesDamage(row: Int) throws {
        let (path, what, spoil) = Self.refused[row]
        let disk = try Self.disk()
        disk.corrupt(path, spoil)
        let error = #expect(throws: IndelibleError.self) { try Log.small(on: disk) }
        #expect(error?.code == .dataLoss && error?.message.contains(what) ?? false, "\(String(describing: error))")
    }

    /// Byte positions of frames that recovery reads, from the first frame with unsealed entries on.
    private static func frames(_ bytes: [UInt8]) -> [Int] {
        stride(from: 0, to: bytes.count, by: 4096).filter { bytes[$0..<$0 + 8].elementsEqual(Array("INDFRAM1".utf8)) }
    }

    @Test(arguments: [3, 57, 90, 127, 128, 131, 200, 700]) func dropsATornLastFrame(at offset: Int) throws {
        let disk = SimulatedDisk()
        let log = try Log.small(on: disk)
        for number in 0..<3 {
            _ = try log.append(TestBatch(producer: 1, firstSequence: UInt64(number * 5 + 1), count: 5))
        }
        log.close()
        disk.corrupt("journal/00000001.jnl") { $0[Self.frames($0)[2] + offset] ^= 0x40 }
        let again = try Log.small(on: disk)
        #expect(again.reader.size == 10)
        // What was dropped was never acknowledged, so it is new.
        #expect(try again.append(TestBatch(producer: 1, firstSequence: 11, count: 5)) == .staged(first: 10, count: 5))
    }

    @Test(arguments: [3, 57, 90, 127, 128, 131, 200, 700]) func refusesADamagedFrameBeforeOthers(at offset: Int) throws
    {
        let disk = SimulatedDisk()
        let log = try Log.small(on: disk)
        for number in 0..<3 {
            _ = try log.append(TestBatch(producer: 1, firstSequence: UInt64(number * 5 + 1), count: 5))
        }
        log.close()
        for frame in 0..<2 {
            disk.corrupt("journal/00000001.jnl") { $0[Self.frames($0)[frame] + offset] ^= 0x40 }
            let error = #expect(throws: IndelibleError.self) { try Log.small(on: disk) }
            #expect(error?.code == .dataLoss)
            disk.corrupt("journal/00000001.jnl") { bytes in
                let start = frame == 0 ? 0 : Self.frames(bytes).first { $0 > 0 } ?? 0
                bytes[(offset < 8 ? frame * 4096 : start) + offset] ^= 0x40
            }
        }
        #expect(try Log.small(on: disk).reader.size == 15)
    }

    @Test func refusesAMissingJournalFile() throws {
        let disk = SimulatedDisk()
        let log = try Log.small(on: disk)
        for number in 0..<30 {
            _ = try log.append(TestBatch(producer: 1, firstSequence: UInt64(number + 1), count: 1))
        }
        log.close()
        let names = try disk.list("journal")
        #expect(names.count > 3)
        try disk.remove("journal/\(names[1])")
        let error = #expect(throws: IndelibleError.self) { try Log.small(on: disk) }
        #expect(error?.code == .dataLoss)
    }

    @Test func refusesAMissingSegment() throws {
        let disk = try Self.disk()
        try disk.remove("segments/000000000001.seg")
        let error = #expect(throws: IndelibleError.self) { try Log.small(on: disk) }
        #expect(error?.code == .dataLoss && error?.message.contains("000000000001.seg") ?? false)
    }

    /// A directory restored from a copy that is older than its checkpoint.
    @Test func refusesToBeBehindItsCheckpoint() throws {
        let disk = try Self.disk()
        let log = try Log.small(on: disk)
        let newest = try #require(try disk.list("journal").last)
        _ = try log.append(TestBatch(producer: 1, firstSequence: 51, count: 5))
        _ = try CheckpointPublisher(log, signer: Log.signer()).publish()
        log.close()
        disk.corrupt("journal/\(newest)") { bytes in
            let last = Self.frames(bytes).last { bytes[$0 + 48] == 50 }
            if let last { bytes[last + 10] ^= 1 }
        }
        for name in try disk.list("journal") {
            disk.corrupt("journal/\(name)") { bytes in
                for start in Self.frames(bytes) where bytes[start + 48] == 50 { bytes[start] = 0 }
            }
        }
        let error = #expect(throws: IndelibleError.self) { try Log.small(on: disk) }
        #expect(error?.code == .dataLoss && error?.message.contains("checkpoint of 55 entries") ?? false)
    }

    @Test func rebuildsTheRoots() throws {
        for spoil: (inout [UInt8]) -> Void in [{ $0[3] ^= 1 }, { $0.removeAll() }, { $0.removeLast(50) }] {
            let disk = try Self.disk()
            disk.corrupt("roots", spoil)
            let log = try Log.small(on: disk)
            #expect(log.reader.size == 50)
            let publisher = try CheckpointPublisher(log, signer: Log.signer())
            #expect(publisher.current?.checkpoint.root == log.reader.head.root)
        }
    }

    @Test func makesProducersStartAgainWithoutTheirTable() throws {
        let disk = try Self.disk()
        try disk.remove("producers")
        let log = try Log.small(on: disk)
        let error = #expect(throws: IndelibleError.self) {
            try log.stage(TestBatch(producer: 3, epoch: 999, firstSequence: 1, count: 1))
        }
        #expect(error?.code == .failedPrecondition)
        let renewed = TestBatch(producer: 3, epoch: 1_001, firstSequence: 1, count: 1)
        #expect(try log.append(renewed) == .staged(first: 50, count: 1))
    }

    @Test func refusesASecondProcess() throws {
        let disk = SimulatedDisk()
        let log = try Log.small(on: disk)
        let error = #expect(throws: IndelibleError.self) { try Log.small(on: disk) }
        #expect(error?.code == .failedPrecondition)
        log.close()
        #expect(try Log.small(on: disk).reader.size == 0)
    }

    @Test func refusesAnotherLogsConfiguration() throws {
        let disk = try Self.disk()
        var configuration = LogConfiguration(origin: "other.example/log")
        configuration.segmentEntryCount = 16
        #expect(throws: IndelibleError.self) {
            try Log(on: disk, configuration: configuration, salt: Array(1...16), now: 0)
        }
        disk.restart()
        #expect(throws: IndelibleError.self) { try Log.small(on: disk, segmentEntryCount: 32) }
    }

    @Test func goesOnWithAnotherJournalFileSize() throws {
        let disk = try Self.disk()
        let log = try Log.small(on: disk, journalFileByteCount: 1 << 15)
        #expect(try log.append(TestBatch(producer: 1, firstSequence: 51, count: 40)) == .staged(first: 50, count: 40))
        try log.sealAll()
        log.close()
        let again = try Log.small(on: disk)
        #expect(again.reader.size == 90 && again.reader.sealedSize == 80)
    }
}
