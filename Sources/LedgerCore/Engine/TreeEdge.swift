internal import Cryptography
internal import MerkleTree
internal import Primitives

/// Roots at the growing end of the tree, from hashes that are all in memory.
enum TreeEdge {
    /// The root of the first `size` leaves.
    ///
    /// - Parameters:
    ///   - size: At least 1.
    ///   - last: The segment that holds leaf `size - 1`, with all nodes up to it.
    ///   - upper: All full segments up to `size`.
    static func root(size: UInt64, last: TailSegment, upper: UpperTree) -> Digest {
        let height = last.height
        var root: Digest?
        for level in 0..<UInt64.bitWidth where size >> level & 1 == 1 {
            // The perfect subtree of this height ends where the lower bits of the size are zero.
            let position = (size >> level) - 1
            let hash =
                if level < height {
                    last.hash(level: level, Int(position & ((1 << (height - level)) - 1)))
                } else {
                    upper.hash(level: level - height, position)
                }
            root = root.map { NodeHash.hash(left: hash, right: $0) } ?? hash
        }
        return root ?? EmptyTree.root
    }
}
