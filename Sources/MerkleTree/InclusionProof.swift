internal import Cryptography
package import Primitives

/// That one leaf is in a tree (RFC 9162, section 2.1.3).
package struct InclusionProof: Hashable, Sendable {
    /// Zero-based position of the leaf.
    package let index: UInt64
    /// Leaves of the tree.
    package let size: UInt64
    /// The leaf's sibling first, the root's child last.
    package let hashes: [Digest]

    package init(index: UInt64, size: UInt64, hashes: [Digest]) {
        self.index = index
        self.size = size
        self.hashes = hashes
    }

    /// Whether the proof leads from `leaf` to `root`.
    ///
    /// - Parameters:
    ///   - leaf: Leaf hash of the entry, computed from its bytes.
    ///   - root: Root of a checkpoint of ``size``, whose signature was verified.
    /// - Returns: `false` also for a proof whose index or length does not fit its size.
    package func verify(leaf: Digest, root: Digest) -> Bool { self.root(from: leaf) == root }

    /// The root that the leaf and the proof lead to.
    ///
    /// - Parameter leaf: Leaf hash of the entry.
    /// - Returns: `nil` when ``index`` or the number of ``hashes`` does not fit ``size``.
    package func root(from leaf: Digest) -> Digest? {
        guard self.index < self.size, self.size <= TreeSize.max else { return nil }
        var root = leaf
        var rest = self.hashes[...]
        for sibling in PathToRoot(from: PerfectSubtree(level: 0, index: self.index), size: self.size) {
            guard let hash = rest.popFirst() else { return nil }
            root = sibling.joined(hash, to: root)
        }
        return rest.isEmpty ? root : nil
    }
}

extension PathToRoot.Sibling {
    /// The parent of `node` and of this sibling, whose hash is `hash`.
    func joined(_ hash: Digest, to node: Digest) -> Digest {
        switch self {
        case .left: NodeHash.hash(left: hash, right: node)
        case .right: NodeHash.hash(left: node, right: hash)
        }
    }
}
