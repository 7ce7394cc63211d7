import LedgerCore
import Primitives
import Simulation
import Testing
import TransparencyLog

/// Goal: a disk that is full, read-only or unreadable stops what it must and nothing else.
@Suite struct DiskTroubleTests {
    @Test func stopsAcceptingWhenTheDiskIsFull() throws {
        let disk = SimulatedDisk()
        let log = try Log.small(on: disk)
        _ = try log.append(TestBatch(producer: 1, firstSequence: 1, count: 3))
        disk.limit(byteCount: disk.files.values.reduce(0, +))
        var error: IndelibleError?
        var staged: UInt64 = 3
        while error == nil {
            do throws(IndelibleError) {
                _ = try log.append(TestBatch(producer: 1, firstSequence: staged + 1, count: 1))
                staged += 1
            } catch let failure { error = failure }
        }
        #expect(error?.code == .unavailable && error?.message.contains("disk") ?? false)
        #expect(log.committer.failure != nil)
        #expect(throws: IndelibleError.self) { try log.stage(TestBatch(producer: 2, firstSequence: 1, count: 1)) }
        #expect(throws: IndelibleError.self) { try log.committer.commit(at: 0) }
        let kept = log.reader.size
        #expect(try log.allEntries().count == Int(kept), "still readable")
        log.close()
        disk.limit(byteCount: nil)
        let again = try Log.small(on: disk)
        #expect(again.reader.size == kept)
        #expect(
            try again.append(TestBatch(producer: 2, firstSequence: 1, count: 1)) == .staged(first: kept, count: 1)
        )
    }

    @Test func appendsGoOnWhileSealingFails() throws {
        let disk = SimulatedDisk()
        let log = try Log.small(on: disk)
        var sequence: UInt64 = 1
        while log.reader.size < 20 {
            _ = try log.append(TestBatch(producer: 1, firstSequence: sequence, count: 4))
            sequence += 4
        }
        try log.sealer.prepare()
        let used = disk.files.values.reduce(0, +)
        disk.limit(byteCount: used)
        #expect(throws: IndelibleError.self) { try log.sealer.seal() }
        #expect(
            try log.append(TestBatch(producer: 1, firstSequence: sequence, count: 4)) == .staged(first: 20, count: 4)
        )
        disk.limit(byteCount: nil)
        #expect(try log.sealer.seal())
        #expect(log.reader.sealedSize == 16 && log.reader.size == 24)
        #expect(try log.allEntries().count == 24)
    }

    @Test func pushesBackUntilSegmentsAreSealed() throws {
        let log = try Log.small(on: SimulatedDisk(), segmentEntryCount: 256, journalFileByteCount: 1 << 16)
        var sequence: UInt64 = 1
        while true {
            let outcome = try log.append(TestBatch(producer: 1, firstSequence: sequence, count: 64))
            if outcome == .full { break }
            sequence += 64
        }
        // The configured four segments, and not one entry more.
        #expect(log.reader.size == 1_024)
        #expect(try log.sealer.seal())
        let more = try log.append(TestBatch(producer: 1, firstSequence: sequence, count: 64))
        #expect(more == .staged(first: 1_024, count: 64))
    }

    @Test func pushesBackUntilFramesAreWrittenAndCopied() throws {
        let log = try Log.small(on: SimulatedDisk(), segmentEntryCount: 4_096)
        var sequence: UInt64 = 1
        while try log.stage(TestBatch(producer: 1, firstSequence: sequence, count: 20)) != .full { sequence += 20 }
        #expect(log.reader.size == 0)
        while try log.committer.commit(at: 1) != nil {}
        #expect(log.reader.size == sequence - 1)
        let next = TestBatch(producer: 1, firstSequence: sequence, count: 20)
        #expect(try log.stage(next) == .full, "the sealer is about to copy from the images")
        #expect(try !log.sealer.seal(), "no segment is full")
        #expect(try log.stage(next) == .staged(first: sequence - 1, count: 20))
    }

    @Test func readsOutsideOfMemoryFailAloud() throws {
        let disk = SimulatedDisk()
        let log = try Log.small(on: disk)
        for number in 0..<47 {
            _ = try log.append(TestBatch(producer: 1, firstSequence: UInt64(number + 1), count: 1))
            _ = try log.sealer.seal()
        }
        #expect(log.reader.sealedSize == 32)
        let reference = try log.allEntries()
        disk.makeUnreadable("segments/")
        let sealed = #expect(throws: IndelibleError.self) { try log.reader.entry(5) }
        #expect(sealed?.code == .dataLoss)
        #expect(try log.reader.entry(46) == reference[46], "in memory")
        disk.makeUnreadable("journal/")
        #expect(throws: IndelibleError.self) { try log.reader.entry(33) }
        disk.makeUnreadable(nil)
        #expect(try log.allEntries() == reference)
    }

    @Test func noticesBytesThatChangedOnTheDisk() throws {
        let disk = SimulatedDisk()
        let log = try Log.small(on: disk)
        for number in 0..<40 {
            _ = try log.append(TestBatch(producer: 1, firstSequence: UInt64(number + 1), count: 1))
            try log.sealAll()
        }
        let reference = try log.allEntries()
        disk.corrupt("segments/000000000000.seg") { $0[4096 + 40] ^= 1 }
        let error = #expect(throws: IndelibleError.self) { try log.reader.entry(0) }
        #expect(error?.code == .dataLoss)
        #expect(try log.reader.entry(20) == reference[20])
    }

    @Test func signsNothingAfterAFailedSignature() throws {
        let disk = SimulatedDisk()
        let log = try Log.small(on: disk)
        let publisher = try CheckpointPublisher(log, signer: Log.signer())
        #expect(try publisher.publish()?.checkpoint.size == 0)
        #expect(try publisher.publish() == nil, "nothing new")
        _ = try log.append(TestBatch(producer: 1, firstSequence: 1, count: 1))
        disk.limit(byteCount: 0)
        #expect(throws: IndelibleError.self) { try publisher.publish() }
        disk.limit(byteCount: nil)
        let error = #expect(throws: IndelibleError.self) { try publisher.publish() }
        #expect(error?.code == .unavailable)
        #expect(publisher.current?.checkpoint.size == 0)
    }
}
