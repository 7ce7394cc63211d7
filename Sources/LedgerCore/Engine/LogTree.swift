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
    private var block: (first: UInt64, hashes: [Digest])?

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
        return try self.low(level, position, number, hashes)
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
        let block: [Digest]
        if let last = self.block, last.first == first {
            block = last.hashes
        } else {
            block = try self.readBlock(number, parent, hashes)
            self.block = (first, block)
        }
        // Rows of the block's own tree, leaves first, as in SegmentHashes.
        let start = 2 * count - (2 * count) >> level
        return block[start + (position & ((count >> level) - 1))]
    }

    /// Reads the leaves below a hash of the lowest row, computes what is between, and compares.
    private func readBlock(_ number: Int, _ parent: Int, _ hashes: SegmentHashes) throws(IndelibleError) -> [Digest] {
        let segment = try self.cache.segment(number)
        let count = 1 << hashes.base
        var block = [Digest](repeating: .zero, count: 2 * count - 1)
        var failure: IndelibleError?
        unsafe block.withUnsafeMutableBytes { bytes in
            let leaves = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[..<(Digest.byteCount * count)])
            do throws(IndelibleError) {
                try unsafe segment.readLeaves(into: leaves, from: parent * count)
            } catch { failure = error }
            guard let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
            var row = 0
            for level in 0..<hashes.base {
                let width = count >> level
                unsafe HashKernel.best.nodeHashes(
                    children: base + Digest.byteCount * row,
                    count: width / 2,
                    out: base + Digest.byteCount * (row + width),
                )
                row += width
            }
        }
        if let failure { throw failure }
        guard block.last == hashes.hash(level: hashes.base, parent) else {
            throw segment.damaged("the leaf hash of an entry near \(segment.first + UInt64(parent * count))")
        }
        return block
    }
}
