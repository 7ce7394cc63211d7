internal import Cryptography
internal import MerkleTree
internal import Primitives

/// The hashes of a log's tree as a view shows it: from memory where they are, else from sealed segments.
///
/// For one query on one thread: it remembers the leaves that it read last.
final class LogTree: NodeSource {
    private let view: LogView
    private let cache: SegmentCache
    private let height: Int
    private var block: (first: UInt64, hashes: [Digest])?

    init(_ view: LogView, _ cache: SegmentCache, segmentEntryCount: Int) {
        self.view = view
        self.cache = cache
        self.height = segmentEntryCount.trailingZeroBitCount
    }

    func hash(level: UInt8, index: UInt64) throws(IndelibleError) -> Digest {
        let level = Int(level)
        guard level < self.height else { return self.view.upper.hash(level: level - self.height, index) }
        let shift = self.height - level
        let position = Int(index & ((1 << shift) - 1))
        let number = Int(index >> shift)
        let first = UInt64(number) << self.height
        if first >= self.view.sealedSize {
            guard let segment = self.view.tailSegment(first) else {
                throw IndelibleError(.outOfRange, "The log has no entry \(index << level) yet.")
            }
            return segment.hash(level: level, position)
        }
        let hashes = try self.cache.hashes(of: number)
        if level >= hashes.base { return hashes.hash(level: level, position) }
        return try self.low(level, position, number, hashes)
    }

    /// A hash below the rows in memory, computed from the leaves below one hash of the lowest row.
    private func low(
        _ level: Int,
        _ position: Int,
        _ number: Int,
        _ hashes: SegmentHashes,
    ) throws(IndelibleError) -> Digest {
        let count = 1 << hashes.base
        let parent = position >> (hashes.base - level)
        let first = (UInt64(number) << self.height) + UInt64(parent * count)
        if self.block?.first != first {
            self.block = (first, try self.readBlock(number, parent, hashes))
        }
        guard let block = self.block else { preconditionFailure("the block has just been read") }
        // Rows of the block's own tree, leaves first, as in SegmentHashes.
        let start = 2 * count - (2 * count) >> level
        return block.hashes[start + (position & ((count >> level) - 1))]
    }

    private func readBlock(_ number: Int, _ parent: Int, _ hashes: SegmentHashes) throws(IndelibleError) -> [Digest] {
        let segment = try self.cache.segment(number)
        let count = 1 << hashes.base
        var row = try segment.leaves(parent * count..<(parent + 1) * count)
        var found: [Digest] = []
        found.reserveCapacity(2 * count)
        for level in 0...hashes.base {
            for start in stride(from: 0, to: row.count, by: Digest.byteCount) {
                guard let digest = Digest(row[start..<start + Digest.byteCount]) else { continue }
                found.append(digest)
            }
            if level < hashes.base { row = SegmentHashes.parents(row, .best) }
        }
        guard found.last == hashes.hash(level: hashes.base, parent) else {
            throw segment.damaged("the leaf hash of an entry near \(segment.first + UInt64(parent * count))")
        }
        return found
    }
}
