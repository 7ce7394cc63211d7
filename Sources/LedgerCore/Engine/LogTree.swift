internal import Cryptography
internal import MerkleTree
internal import Primitives

/// The hashes of a log's tree as a view shows it: from memory where they are, else from sealed segments.
///
/// For one query on one thread: it remembers the leaves that it read last.
final class LogTree: NodeSource {
    private let view: LogView
    private let cache: SegmentCache
    private let edges: TreeEdgeCache
    private let height: Int
    /// Of the sealed segment that was asked for last.
    private var hashes: (number: Int, hashes: SegmentHashes)?
    private var block: LeafBlock?

    init(_ view: LogView, _ cache: SegmentCache, _ edges: TreeEdgeCache, segmentEntryCount: Int) {
        self.view = view
        self.cache = cache
        self.edges = edges
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
        let hashes = try self.hashes(of: number)
        if level >= hashes.base { return hashes.hash(level: level, position) }
        return try self.block(position >> (hashes.base - level), number, hashes).hash(level: level, position)
    }

    /// Up to the root of a sealed segment, whose hashes lie beside each other.
    func climb(from index: UInt64, size: UInt64, into path: inout [Digest]) throws(IndelibleError) -> UInt8 {
        let number = index >> self.height
        guard (number + 1) << self.height <= min(self.view.sealedSize, size) else { return 0 }
        let hashes = try self.hashes(of: Int(number))
        let position = Int(index & (1 << self.height - 1))
        let block = try self.block(position >> hashes.base, Int(number), hashes)
        for level in 0..<hashes.base { path.append(block.hash(level: level, position >> level ^ 1)) }
        hashes.climb(from: position >> hashes.base, into: &path)
        return UInt8(self.height)
    }

    func root(of leaves: Range<UInt64>) throws(IndelibleError) -> Digest {
        let count = UInt64(leaves.count)
        if count.nonzeroBitCount == 1, leaves.lowerBound.isMultiple(of: count) {
            let level = count.trailingZeroBitCount
            return try self.hash(level: UInt8(level), index: leaves.lowerBound >> level)
        }
        if let known = self.edges.find(leaves) { return known }
        // The perfect subtrees that cover the leaves have the heights of the count's bits, the largest first.
        var end = leaves.upperBound
        var root: Digest?
        for level in 0..<UInt64.bitWidth where (count >> level) & 1 == 1 {
            let hash = try self.hash(level: UInt8(level), index: (end >> level) - 1)
            root = root.map { NodeHash.hash(left: hash, right: $0) } ?? hash
            end -= 1 << UInt64(level)
        }
        guard let root else { preconditionFailure("there is at least one leaf") }
        self.edges.put(leaves, root)
        return root
    }

    private func hashes(of number: Int) throws(IndelibleError) -> SegmentHashes {
        if let last = self.hashes, last.number == number { return last.hashes }
        let found = try self.cache.hashes(of: number)
        self.hashes = (number, found)
        return found
    }

    /// What is below one hash of a sealed segment's lowest row.
    private func block(
        _ position: Int,
        _ number: Int,
        _ hashes: SegmentHashes,
    ) throws(IndelibleError) -> LeafBlock {
        if let last = self.block, last.segment == number, last.position == position { return last }
        let segment = try self.cache.segment(number)
        let block = try LeafBlock(segment, position, height: hashes.base)
        guard block.root == hashes.hash(level: hashes.base, position) else {
            throw segment.damaged("the leaf hash of an entry near \(block.firstIndex)")
        }
        self.block = block
        return block
    }
}
