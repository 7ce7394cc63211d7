internal import Cryptography
internal import MerkleTree
internal import Primitives

/// The tree over the roots of full segments: every complete node at or above a segment's height.
struct UpperTree: Sendable {
    /// Row k holds the nodes at k levels above segments; row 0 their roots.
    private var rows: [[Digest]] = [[]]

    /// Full segments.
    var count: Int { self.rows[0].count }

    func root(ofSegment segment: Int) -> Digest { self.rows[0][segment] }

    /// - Returns: the node at `level` levels above segments, whose segments are all there.
    func hash(level: Int, _ position: UInt64) -> Digest { self.rows[level][Int(position)] }

    mutating func append(_ root: Digest) {
        var node = root
        var level = 0
        while true {
            if level == self.rows.count { self.rows.append([]) }
            self.rows[level].append(node)
            let count = self.rows[level].count
            guard count.isMultiple(of: 2) else { return }
            node = NodeHash.hash(left: self.rows[level][count - 2], right: self.rows[level][count - 1])
            level += 1
        }
    }

    /// The root of the tree of all full segments.
    var wholeRoot: Digest {
        var root: Digest?
        for level in 0..<self.rows.count where (self.count >> level) & 1 == 1 {
            let hash = self.rows[level][(self.count >> level) - 1]
            root = root.map { NodeHash.hash(left: hash, right: $0) } ?? hash
        }
        return root ?? EmptyTree.root
    }
}
