import Cryptography
import LedgerCore
import MerkleTree
import Primitives
import Simulation
import Storage
import TransparencyLog

/// One producer's items, whose bytes follow from their numbers, so that anybody can tell what must be where.
struct TestBatch: Equatable {
    var producer: UInt8
    var epoch: UInt64 = 1
    var firstSequence: UInt64
    var count: Int
    /// Bytes of the longest entry; lengths vary with the sequence number.
    var byteCountMax = 200

    var entries: [[UInt8]] { (0..<count).map { self.entry(self.firstSequence + UInt64($0)) } }

    func entry(_ sequence: UInt64) -> [UInt8] {
        let text = Array("producer \(self.producer) epoch \(self.epoch) item \(sequence) ".utf8)
        let count = max(text.count, Int(sequence &* 0x9e37_79b9 % UInt64(self.byteCountMax)) + 1)
        return (0..<count).map { $0 < text.count ? text[$0] : UInt8(truncatingIfNeeded: sequence &+ UInt64($0)) }
    }

    static func eventID(_ producer: UInt8, _ sequence: UInt64) -> [UInt8] {
        (0..<16).map {
            $0 == 0 ? producer : UInt8(truncatingIfNeeded: sequence &* 0x1234_5678_9abc_def1 >> UInt64($0 * 3))
        }
    }

    /// The batch and the bytes that its offsets point into.
    var request: (batch: AppendBatch, bytes: [UInt8]) {
        var bytes: [UInt8] = []
        var items: [AppendBatch.Item] = []
        for (position, entry) in self.entries.enumerated() {
            let sequence = self.firstSequence + UInt64(position)
            let id = bytes.count
            bytes += Self.eventID(self.producer, sequence)
            items.append(
                AppendBatch.Item(
                    offset: UInt32(bytes.count),
                    byteCount: UInt32(entry.count),
                    kind: Self.kind(sequence),
                    eventIDOffset: sequence.isMultiple(of: 5) ? AppendBatch.Item.noEventID : UInt32(id),
                    slot: UInt8(truncatingIfNeeded: sequence),
                )
            )
            bytes += entry
        }
        var batch = AppendBatch(items: items)
        if let id = ProducerID([self.producer, 0xee]) {
            batch.producers = [.init(id: id, epoch: self.epoch, firstSequence: self.firstSequence)]
        }
        return (batch, bytes)
    }

    static func kind(_ sequence: UInt64) -> UInt32 { sequence.isMultiple(of: 4) ? 4 : 3 }
}

extension Log {
    /// A log whose segments and journal files are so small that a short test seals and recycles them.
    static func small(
        on disk: any FileSystem,
        segmentEntryCount: Int = 16,
        journalFileByteCount: Int = 1 << 14,
    ) throws(IndelibleError) -> Log {
        var configuration = LogConfiguration(origin: "test.example/log")
        configuration.segmentEntryCount = segmentEntryCount
        configuration.journalFileByteCount = journalFileByteCount
        configuration.imageCountMax = 5
        configuration.unsealedSegmentCountMax = max(4, 512 / segmentEntryCount)
        configuration.proofSegmentCountMax = 2
        configuration.openSegmentCountMax = 2
        return try Log(on: disk, configuration: configuration, salt: Array(1...16), now: 1_000)
    }

    func stage(_ batch: TestBatch) throws(IndelibleError) -> StageOutcome {
        let request = batch.request
        var failure: IndelibleError?
        let outcome: StageOutcome = unsafe request.bytes.withUnsafeBytes { bytes in
            do throws(IndelibleError) { return try unsafe self.stage.stage(request.batch, from: bytes) } catch {
                failure = error
                return .full
            }
        }
        if let failure { throw failure }
        return outcome
    }

    /// Stages and commits.
    func append(_ batch: TestBatch) throws(IndelibleError) -> StageOutcome {
        let outcome = try self.stage(batch)
        while try self.committer.commit(at: 2_000) != nil {}
        return outcome
    }

    func sealAll() throws(IndelibleError) { while try self.sealer.seal() {} }

    func allEntries() throws(IndelibleError) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        while let run = try self.reader.entries(from: UInt64(entries.count), byteCountMax: 700) {
            entries += run.entries
        }
        return entries
    }

    static func signer() throws(IndelibleError) -> NoteSigner {
        try NoteSigner(name: "test.example/log", type: .ed25519, seed: [UInt8](repeating: 7, count: 32))
    }
}

func leafHashes(_ entries: [[UInt8]]) -> [Digest] { entries.map { LeafHash.hash($0) } }
