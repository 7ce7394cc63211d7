import Cryptography
import LedgerCore
import MerkleTree
import Primitives
import Simulation
import Testing

/// Goal: whatever a reader may ask of a log of any size is what a plain recomputation gives.
///
/// Method: grow a log entry by entry with tiny segments, sealed late, early and not at all, and ask for everything.
@Suite struct ReaderTests {
    /// Entries of a segment, and how many commits pass between seals; 0 for never.
    static let shapes = [(2, 1), (4, 3), (16, 1), (16, 5), (64, 0)]

    @Test(arguments: shapes) func answersForEverySmallSize(segmentEntryCount: Int, sealEvery: Int) throws {
        // Without a sealer the journal's images must hold everything.
        let fileByteCount = sealEvery == 0 ? 1 << 16 : 1 << 14
        let log = try Log.small(
            on: SimulatedDisk(),
            segmentEntryCount: segmentEntryCount,
            journalFileByteCount: fileByteCount,
        )
        var entries: [[UInt8]] = []
        var leaves: [Digest] = []
        for size in 1...40 {
            let batch = TestBatch(producer: 1, firstSequence: UInt64(size), count: 1)
            #expect(try log.append(batch) == .staged(first: UInt64(size - 1), count: 1))
            entries += batch.entries
            leaves = leafHashes(entries)
            if sealEvery > 0, size.isMultiple(of: sealEvery) { try log.sealAll() }
            #expect(log.reader.head.root == Frontier.root(of: leaves))
            try self.checkTiles(log, entries, leaves)
            try self.checkProofs(log, leaves)
        }
        if sealEvery > 0 { try log.sealAll() }
        #expect(try log.allEntries() == entries)
        #expect(log.reader.sealedSize == (sealEvery == 0 ? 0 : UInt64(40 / segmentEntryCount * segmentEntryCount)))
    }

    private func checkTiles(_ log: Log, _ entries: [[UInt8]], _ leaves: [Digest]) throws {
        let size = leaves.count
        for width in 1...size {
            #expect(try log.reader.tile(level: 0, 0, width: width) == leaves.prefix(width).flatMap(\.bytes))
            let bundle = entries.prefix(width).flatMap { [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 }
            #expect(try log.reader.bundle(0, width: width) == bundle)
        }
        #expect(throws: IndelibleError.self) { try log.reader.tile(level: 0, 0, width: size + 1) }
        #expect(throws: IndelibleError.self) { try log.reader.tile(level: 1, 0, width: 1) }
        #expect(throws: IndelibleError.self) { try log.reader.bundle(1, width: 1) }
    }

    private func checkProofs(_ log: Log, _ leaves: [Digest]) throws {
        let size = leaves.count
        let root = Frontier.root(of: leaves)
        for index in 0..<size {
            let proof = try log.reader.inclusionProof(UInt64(index), size: UInt64(size))
            #expect(proof.verify(leaf: leaves[index], root: root))
            #expect(try log.reader.leafHash(UInt64(index)) == leaves[index])
            let old = Frontier.root(of: Array(leaves.prefix(index)))
            #expect(try log.reader.root(size: UInt64(index)) == old)
            let growth = try log.reader.consistencyProof(from: UInt64(index), to: UInt64(size))
            #expect(growth.verify(oldRoot: old, newRoot: root))
            let range = try log.reader.rangeProof(UInt64(index)..<UInt64(size), size: UInt64(size))
            #expect(range.verify(leafHashes: Array(leaves[index...]), root: root))
        }
        #expect(throws: IndelibleError.self) { try log.reader.inclusionProof(0, size: UInt64(size + 1)) }
    }

    /// Real tiles: bundles of 256 entries, some in segments, some not, and a level above.
    @Test func servesTilesAcrossSegments() throws {
        let log = try Log.small(on: SimulatedDisk(), segmentEntryCount: 512, journalFileByteCount: 1 << 16)
        let batches = (0..<29).map { TestBatch(producer: 2, firstSequence: UInt64($0 * 50 + 1), count: 50) }
        for batch in batches { _ = try log.append(batch) }
        try log.sealAll()
        #expect(log.reader.sealedSize == 1_024)
        let entries = batches.flatMap(\.entries)
        let leaves = leafHashes(entries)
        for tile in 0..<5 {
            let end = min(256 * (tile + 1), leaves.count)
            for width in [1, 255, 256] where 256 * tile + width <= end {
                let range = 256 * tile..<256 * tile + width
                #expect(try log.reader.tile(level: 0, UInt64(tile), width: width) == leaves[range].flatMap(\.bytes))
                let bundle = entries[range].flatMap { [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 }
                #expect(try log.reader.bundle(UInt64(tile), width: width) == bundle)
            }
        }
        let roots = (0..<5).map { Frontier.root(of: Array(leaves[256 * $0..<256 * $0 + 256])) }
        #expect(try log.reader.tile(level: 1, 0, width: 5) == roots.flatMap(\.bytes))
        #expect(throws: IndelibleError.self) { try log.reader.tile(level: 1, 0, width: 6) }
        #expect(throws: IndelibleError.self) { try log.reader.tile(level: 64, 0, width: 1) }
        try self.checkLanes(log, batches)
    }

    /// Kinds, slots and ids, from segments and from memory.
    private func checkLanes(_ log: Log, _ batches: [TestBatch]) throws {
        var next: UInt64 = 0
        while let run = try log.reader.entries(from: next, byteCountMax: 5_000) {
            for position in 0..<run.count {
                let sequence = run.first + UInt64(position) + 1
                #expect(run.kinds[position] == UInt16(TestBatch.kind(sequence)))
                #expect(run.slots[position] == UInt8(truncatingIfNeeded: sequence))
            }
            next = run.end
        }
        #expect(next == 1_450)
        for sequence in stride(from: UInt64(1), to: 1_451, by: 37) {
            let entry = batches[0].entry(sequence)
            let found = try log.reader.find(TestBatch.eventID(2, sequence)) { $0 == entry }
            #expect(found == (sequence.isMultiple(of: 5) ? nil : sequence - 1))
        }
        #expect(try log.reader.find([UInt8](repeating: 9, count: 16)) { _ in true } == nil)
    }

    @Test func saysWhatIsNotThere() throws {
        let log = try Log.small(on: SimulatedDisk())
        #expect(try log.reader.entries(from: 0) == nil)
        #expect(log.reader.head.root == EmptyTree.root)
        #expect(try log.reader.root(size: 0) == EmptyTree.root)
        #expect(throws: IndelibleError.self) { try log.reader.entry(0) }
        #expect(throws: IndelibleError.self) { try log.reader.tile(level: 0, 0, width: 1) }
        _ = try log.stage(TestBatch(producer: 1, firstSequence: 1, count: 3))
        #expect(try log.reader.entries(from: 0) == nil, "staged is not durable")
        #expect(log.stage.size == 3 && log.reader.size == 0)
    }
}
