import LedgerCore
import Primitives
import Simulation
import Testing

/// Goal: a batch is appended whole, once, or refused with a reason.
@Suite struct StageTests {
    let log: Log

    init() throws { self.log = try Log.small(on: SimulatedDisk(), segmentEntryCount: 256) }

    @Test func answersARepeatWithItsIndexes() throws {
        let batch = TestBatch(producer: 1, firstSequence: 1, count: 4)
        #expect(try self.log.stage(batch) == .staged(first: 0, count: 4))
        #expect(try self.log.stage(batch) == .known(first: 0, size: 4), "not durable yet, all the same known")
        _ = try self.log.append(TestBatch(producer: 2, firstSequence: 1, count: 1))
        #expect(try self.log.append(TestBatch(producer: 1, firstSequence: 2, count: 2)) == .known(first: 1, size: 3))
        #expect(self.log.reader.size == 5)
    }

    @Test func saysWhichItemsAreKnown() throws {
        _ = try self.log.append(TestBatch(producer: 1, firstSequence: 1, count: 2))
        _ = try self.log.append(TestBatch(producer: 2, firstSequence: 1, count: 1))
        _ = try self.log.append(TestBatch(producer: 1, firstSequence: 4, count: 2))
        let outcome = try self.log.append(TestBatch(producer: 1, firstSequence: 2, count: 5))
        #expect(
            outcome
                == .partlyKnown([
                    KnownItems(firstItem: 0, count: 1, firstIndex: 1),
                    KnownItems(firstItem: 2, count: 2, firstIndex: 3),
                ])
        )
        #expect(self.log.reader.size == 5, "nothing of it was appended")
        // Sequence 3 was never sent; it is new although later ones are not.
        #expect(
            try self.log.append(TestBatch(producer: 1, firstSequence: 3, count: 1)) == .staged(first: 5, count: 1)
        )
    }

    @Test func followsEpochs() throws {
        _ = try self.log.append(TestBatch(producer: 1, epoch: 5, firstSequence: 1, count: 1))
        let next = TestBatch(producer: 1, epoch: 6, firstSequence: 1, count: 1)
        #expect(try self.log.append(next) == .staged(first: 1, count: 1))
        let error = #expect(throws: IndelibleError.self) {
            try self.log.stage(TestBatch(producer: 1, epoch: 5, firstSequence: 2, count: 1))
        }
        #expect(error?.code == .failedPrecondition && error?.message.contains("new epoch") ?? false)
        let id = try #require(ProducerID([1, 0xee]))
        #expect(self.log.stage.status(of: id) == ProducerStatus(epoch: 6, lastSequence: 1, lastIndex: 1))
        #expect(self.log.stage.status(of: try #require(ProducerID([7]))) == nil)
    }

    /// A batch that could never be taken would wait for ever, and all others behind it.
    @Test func refusesWhatNeverFitsTheSegmentsThatAreNotSealed() throws {
        var configuration = LogConfiguration(origin: "test.example/log")
        configuration.segmentEntryCount = 16
        configuration.journalFileByteCount = 1 << 16
        configuration.unsealedSegmentCountMax = 4
        let log = try Log(on: SimulatedDisk(), configuration: configuration, salt: Array(1...16), now: 1_000)
        // The segment that is being filled has room for one more.
        _ = try log.append(TestBatch(producer: 1, firstSequence: 1, count: 15))
        let error = #expect(throws: IndelibleError.self) {
            try log.stage(TestBatch(producer: 2, firstSequence: 1, count: 49))
        }
        #expect(error?.code == .invalidArgument && error?.message.contains("at most 48") ?? false)
        #expect(try log.append(TestBatch(producer: 2, firstSequence: 1, count: 48)) == .staged(first: 15, count: 48))
        #expect(log.reader.size == 63)
    }

    @Test(arguments: [2, 16, 256, 65_536]) func segmentsOfAnySizeTakeTheLargestBatch(segmentEntryCount: Int) throws {
        var configuration = LogConfiguration(origin: "test.example/log")
        configuration.setSegmentEntryCount(segmentEntryCount)
        let log = try Log(on: SimulatedDisk(), configuration: configuration, salt: Array(1...16), now: 1_000)
        let largest = TestBatch(producer: 1, firstSequence: 1, count: AppendBatch.itemCountMax, byteCountMax: 50)
        #expect(try log.append(largest) == .staged(first: 0, count: AppendBatch.itemCountMax))
        #expect(log.reader.size == UInt64(AppendBatch.itemCountMax))
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let spoil: @Sendable (inout AppendBatch) -> Void
    }

    static let refusals = [
        Refusal(testDescription: "no item", spoil: { $0.items = [] }),
        Refusal(testDescription: "an empty entry", spoil: { $0.items[1].byteCount = 0 }),
        Refusal(testDescription: "an entry that is too long", spoil: { $0.items[1].byteCount = 65_536 }),
        Refusal(testDescription: "no kind", spoil: { $0.items[1].kind = 0 }),
        Refusal(testDescription: "no such kind", spoil: { $0.items[1].kind = 65_536 }),
        Refusal(testDescription: "no producer", spoil: { $0.producers = [] }),
        Refusal(testDescription: "another producer", spoil: { $0.items[1].producer = 1 }),
        Refusal(testDescription: "a producer twice", spoil: { $0.producers.append($0.producers[0]) }),
        Refusal(testDescription: "sequence 0", spoil: { $0.producers[0].firstSequence = 0 }),
        Refusal(testDescription: "a sequence that stands still", spoil: { $0.items[1].sequence = 1 }),
        Refusal(testDescription: "the last sequence", spoil: { $0.items[2].sequence = .max }),
        Refusal(
            testDescription: "too many items",
            spoil: { $0.items = Array(repeating: $0.items[0], count: AppendBatch.itemCountMax + 1) },
        ),
        Refusal(
            testDescription: "too many bytes",
            spoil: { $0.items = Array(repeating: $0.items[0], count: 4_000) },
        ),
    ]

    @Test(arguments: refusals) func refuses(_ row: Refusal) throws {
        var (batch, bytes) = TestBatch(producer: 1, firstSequence: 1, count: 3).request
        bytes += [UInt8](repeating: 0, count: 70_000)
        row.spoil(&batch)
        let error = #expect(throws: IndelibleError.self) {
            try unsafe bytes.withUnsafeBytes { try unsafe self.log.stage.stage(batch, from: $0) }
        }
        #expect(error?.code == .invalidArgument)
        #expect(self.log.stage.size == 0)
    }

    @Test func keepsTimeFromGoingBack() throws {
        _ = try self.log.stage(TestBatch(producer: 1, firstSequence: 1, count: 1))
        _ = try self.log.committer.commit(at: 500)
        _ = try self.log.stage(TestBatch(producer: 1, firstSequence: 2, count: 1))
        _ = try self.log.committer.commit(at: 300)
        #expect(self.log.reader.head.time == 500)
    }
}
