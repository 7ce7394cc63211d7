internal import Cryptography
package import Primitives

/// That a run of leaves is in a tree: one proof for a whole batch.
///
/// ``left`` has the root of each perfect subtree that covers the leaves before the run, one for each bit that is set in the
/// run's first index, largest first. ``right`` has the right siblings on the way from the run's end to the root, smallest
/// first; they cover the leaves behind the run, and the last may be cut off by the tree's right edge.
package struct RangeProof: Hashable, Sendable {
    /// Zero-based position of the first leaf.
    package let first: UInt64
    /// Position after the last leaf.
    ///
    /// Both numbers may come from a stranger; nothing is assumed of them before the proof is verified.
    package let end: UInt64
    /// Leaves of the tree.
    package let size: UInt64
    package let left: [Digest]
    package let right: [Digest]

    package init(first: UInt64, end: UInt64, size: UInt64, left: [Digest], right: [Digest]) {
        self.first = first
        self.end = end
        self.size = size
        self.left = left
        self.right = right
    }

    /// Whether the proof leads from the leaf hashes of the run to `root`.
    ///
    /// - Parameters:
    ///   - leafHashes: One for each position from ``first`` to ``end``, in order.
    ///   - root: Root of a checkpoint of ``size``, whose signature was verified.
    /// - Returns: `false` also for a proof whose lengths do not fit its positions.
    package func verify(leafHashes: [Digest], root: Digest) -> Bool { self.root(from: leafHashes) == root }

    /// The root that the leaves and the proof lead to.
    ///
    /// - Parameter leafHashes: One for each position from ``first`` to ``end``, in order.
    /// - Returns: `nil` when the number of leaves or of hashes does not fit the positions and ``size``.
    package func root(from leafHashes: [Digest]) -> Digest? {
        guard self.first < self.end, self.end - self.first == UInt64(leafHashes.count) else { return nil }
        guard let frontier = try? Frontier(size: self.first, hashes: self.left) else { return nil }
        var grown = frontier
        grown.append(contentsOf: leafHashes)
        return self.root(from: grown)
    }

    /// The root that a frontier at the end of the run leads to.
    ///
    /// For runs that are hashed in place: start from `Frontier(size: first, hashes: left)` and append.
    ///
    /// - Parameter frontier: Of the first ``end`` leaves.
    /// - Returns: `nil` when the frontier is of another size, or the number of hashes does not fit.
    package func root(from frontier: Frontier) -> Digest? {
        guard self.first < self.end, self.end <= self.size, self.size <= TreeSize.max,
            frontier.size == self.end
        else { return nil }
        var before = frontier.hashes[...]
        var after = self.right[...]
        guard var root = before.popLast() else { return nil }
        for sibling in PathToRoot(from: PerfectSubtree.last(in: self.end), size: self.size) {
            let hash =
                switch sibling {
                case .left: before.popLast()
                case .right: after.popFirst()
                }
            guard let hash else { return nil }
            root = sibling.joined(hash, to: root)
        }
        return before.isEmpty && after.isEmpty ? root : nil
    }
}
