internal import Cryptography
package import Primitives

/// That one tree is the beginning of another: nothing was changed, removed or reordered (RFC 9162, section 2.1.4).
package struct ConsistencyProof: Hashable, Sendable {
    package let oldSize: UInt64
    package let newSize: UInt64
    /// As in the RFC; empty when one of the trees is empty or both have the same size.
    package let hashes: [Digest]

    package init(oldSize: UInt64, newSize: UInt64, hashes: [Digest]) {
        self.oldSize = oldSize
        self.newSize = newSize
        self.hashes = hashes
    }

    /// Whether a tree with `newRoot` continues the one with `oldRoot`.
    ///
    /// Every tree continues the empty one, with an empty proof, as the witness protocol has it; the RFC leaves that case out.
    ///
    /// - Parameters:
    ///   - oldRoot: Root at ``oldSize``; at size 0 it must be ``EmptyTree/root``.
    ///   - newRoot: Root at ``newSize``.
    /// - Returns: `false` also for a proof whose length does not fit its sizes.
    package func verify(oldRoot: Digest, newRoot: Digest) -> Bool {
        guard self.oldSize <= self.newSize, self.newSize <= TreeSize.max else { return false }
        if self.oldSize == self.newSize {
            return self.hashes.isEmpty && oldRoot == newRoot && (self.oldSize > 0 || oldRoot == EmptyTree.root)
        }
        if self.oldSize == 0 { return self.hashes.isEmpty && oldRoot == EmptyTree.root }
        var rest = self.hashes[...]
        let last = PerfectSubtree.last(in: self.oldSize)
        guard let start = last.index == 0 ? oldRoot : rest.popFirst() else { return false }
        var (old, new) = (start, start)
        for sibling in PathToRoot(from: last, size: self.newSize) {
            guard let hash = rest.popFirst() else { return false }
            new = sibling.joined(hash, to: new)
            // What stands to the left was in the old tree already; what stands to the right was not.
            if case .left = sibling { old = sibling.joined(hash, to: old) }
        }
        return rest.isEmpty && old == oldRoot && new == newRoot
    }
}
