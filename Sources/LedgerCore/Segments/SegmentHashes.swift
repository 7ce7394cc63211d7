internal import Cryptography
internal import Primitives

/// The upper hashes of a sealed segment's tree, so that a proof needs 16 leaf hashes from the disk and no more.
final class SegmentHashes: Sendable {
    /// Height of the lowest row.
    let base: Int
    private let height: Int
    /// Rows from ``base`` up to the segment's root, each half as long as the one before.
    private let nodes: [Digest]

    /// Takes the hashes of a segment that is still in memory.
    convenience init(_ segment: TailSegment) {
        let base = min(SegmentLayout.proofLevel, segment.height)
        self.init(
            row: segment.hashBytes(level: base, 0..<segment.capacity >> base),
            base: base,
            height: segment.height,
        )
    }

    /// Computes them from a segment's leaves, and compares the last with its root.
    convenience init(_ segment: SegmentFile, _ kernel: HashKernel) throws(IndelibleError) {
        var row = try segment.allLeaves()
        let base = min(SegmentLayout.proofLevel, segment.height)
        for _ in 0..<base { row = Self.parents(row, kernel) }
        self.init(row: row, base: base, height: segment.height)
        guard self.hash(level: segment.height, 0) == segment.manifest.root else {
            throw segment.damaged("the root of its leaves")
        }
    }

    private init(row: [UInt8], base: Int, height: Int) {
        self.base = base
        self.height = height
        var nodes: [Digest] = []
        var row = row
        nodes.reserveCapacity(2 * row.count / Digest.byteCount)
        for level in base...height {
            for start in stride(from: 0, to: row.count, by: Digest.byteCount) {
                guard let digest = Digest(row[start..<start + Digest.byteCount]) else { continue }
                nodes.append(digest)
            }
            if level < height { row = Self.parents(row, .best) }
        }
        self.nodes = nodes
    }

    /// - Precondition: `level` is from ``base`` to the segment's height.
    func hash(level: Int, _ position: Int) -> Digest {
        let count = 1 << (self.height - self.base)
        let start = 2 * count - (2 * count) >> (level - self.base)
        return self.nodes[start + position]
    }

    /// Appends the siblings on the way from a hash of the lowest row to the segment's root.
    ///
    /// In one tight loop, so that the processor waits for several of them at once: they are far apart.
    func climb(from position: Int, into path: inout [Digest]) {
        var count = 1 << (self.height - self.base)
        var start = 0
        var position = position
        while count > 1 {
            path.append(self.nodes[start + (position ^ 1)])
            start += count
            count >>= 1
            position >>= 1
        }
    }

    /// The hashes one level above, two children to each.
    static func parents(_ children: [UInt8], _ kernel: HashKernel) -> [UInt8] {
        let count = children.count / (2 * Digest.byteCount)
        return unsafe [UInt8](unsafeUninitializedCapacity: count * Digest.byteCount) { out, initialized in
            guard let base = out.baseAddress else { return }
            unsafe kernel.nodeHashes(children: children, count: count, out: base)
            initialized = count * Digest.byteCount
        }
    }
}
