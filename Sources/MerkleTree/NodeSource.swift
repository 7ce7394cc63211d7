internal import Cryptography
package import Primitives

/// Where the hashes of a tree are kept; everything that can be proven follows from it.
package protocol NodeSource {
    /// The root of the leaves from `index << level` up to, not including, `(index + 1) << level`.
    ///
    /// Asked only for subtrees that lie within the size at hand.
    ///
    /// - Parameters:
    ///   - level: Height in the binary tree; 0 asks for a leaf hash.
    ///   - index: Position among the subtrees of that level.
    /// - Returns: The hash of that inner node or leaf.
    /// - Throws: What the storage throws; ``IndelibleError/Code/dataLoss`` when the hash should be there and is not.
    func hash(level: UInt8, index: UInt64) throws(IndelibleError) -> Digest

    /// The root of what a perfect subtree keeps when the tree's right edge cuts it.
    ///
    /// All proofs of one tree share a few of these; a source that serves many proofs may remember them.
    ///
    /// - Parameter leaves: Not empty; from the subtree's first leaf up to the tree's size or the subtree's end.
    /// - Returns: The root of these leaves.
    /// - Throws: As ``hash(level:index:)``.
    func root(of leaves: Range<UInt64>) throws(IndelibleError) -> Digest

    /// Appends the first siblings of a leaf on its way to the root: as many as the source has beside each other.
    ///
    /// - Parameters:
    ///   - index: Zero-based position of the leaf, less than `size`.
    ///   - size: Number of leaves of the tree.
    ///   - hashes: Gets one hash for each level that the way has climbed.
    /// - Returns: The level that the way has reached; what it stands at there is a perfect subtree within `size`.
    /// - Throws: As ``hash(level:index:)``.
    func climb(from index: UInt64, size: UInt64, into hashes: inout [Digest]) throws(IndelibleError) -> UInt8
}

extension NodeSource {
    /// The root of the first `size` leaves (RFC 9162, section 2.1.1).
    ///
    /// - Parameter size: 0 for the empty tree.
    /// - Returns: What a checkpoint of that size must say.
    /// - Throws: What the source throws.
    package func root(size: UInt64) throws(IndelibleError) -> Digest {
        size == 0 ? EmptyTree.root : try self.root(of: 0..<size)
    }

    /// The frontier of the first `size` leaves, from which a tree can grow on.
    ///
    /// - Parameter size: Number of leaves.
    /// - Returns: The roots of its perfect subtrees.
    /// - Throws: What the source throws.
    package func frontier(size: UInt64) throws(IndelibleError) -> Frontier {
        try Frontier(size: size, hashes: self.hashes(PerfectSubtree.covering(0..<size)))
    }

    /// Proves that the leaf at `index` is in the tree of the first `size` leaves (RFC 9162, section 2.1.3.1).
    ///
    /// - Parameters:
    ///   - index: Zero-based position of the leaf, less than `size`.
    ///   - size: Number of leaves of the tree.
    /// - Returns: The proof, at most 63 hashes.
    /// - Throws: ``IndelibleError/Code/outOfRange`` when there is no such leaf; what the source throws.
    package func inclusionProof(index: UInt64, size: UInt64) throws(IndelibleError) -> InclusionProof {
        guard index < size, size <= TreeSize.max else {
            throw IndelibleError(
                .outOfRange,
                "A tree of \(size) leaves has no leaf \(index). Ask for one below its size.",
            )
        }
        var hashes: [Digest] = []
        hashes.reserveCapacity(UInt64.bitWidth - (size - 1).leadingZeroBitCount)
        let level = try self.climb(from: index, size: size, into: &hashes)
        for sibling in PathToRoot(from: PerfectSubtree(level: level, index: index >> level), size: size) {
            hashes.append(try self.hash(of: sibling))
        }
        return InclusionProof(index: index, size: size, hashes: hashes)
    }

    /// Proves that a tree is the beginning of a later one (RFC 9162, section 2.1.4.1).
    ///
    /// - Parameters:
    ///   - oldSize: Leaves of the earlier tree; 0 gives an empty proof.
    ///   - newSize: Leaves of the later tree, at least `oldSize`.
    /// - Returns: The proof, at most 64 hashes.
    /// - Throws: ``IndelibleError/Code/outOfRange`` when the sizes are in the wrong order; what the source throws.
    package func consistencyProof(from oldSize: UInt64, to newSize: UInt64) throws(IndelibleError) -> ConsistencyProof {
        guard oldSize <= newSize, newSize <= TreeSize.max else {
            throw IndelibleError(
                .outOfRange,
                "A tree of \(newSize) leaves cannot continue one of \(oldSize). Ask for a newer size that is not smaller.",
            )
        }
        var hashes: [Digest] = []
        if oldSize > 0, oldSize < newSize {
            let last = PerfectSubtree.last(in: oldSize)
            // A single perfect subtree is the old root itself, which the verifier has.
            if last.index > 0 { hashes.append(try self.hash(level: last.level, index: last.index)) }
            for sibling in PathToRoot(from: last, size: newSize) { hashes.append(try self.hash(of: sibling)) }
        }
        return ConsistencyProof(oldSize: oldSize, newSize: newSize, hashes: hashes)
    }

    /// Proves that a run of leaves is in the tree of the first `size` leaves.
    ///
    /// - Parameters:
    ///   - leaves: Zero-based positions, at least one.
    ///   - size: Number of leaves of the tree.
    /// - Returns: The proof, at most 126 hashes however long the run is.
    /// - Throws: ``IndelibleError/Code/outOfRange`` when the run is empty or leaves the tree; what the source throws.
    package func rangeProof(of leaves: Range<UInt64>, size: UInt64) throws(IndelibleError) -> RangeProof {
        guard !leaves.isEmpty, leaves.upperBound <= size, size <= TreeSize.max else {
            throw IndelibleError(
                .outOfRange,
                "A tree of \(size) leaves has no run \(leaves). Ask for at least one leaf, all of them below its size.",
            )
        }
        var right: [Digest] = []
        for sibling in PathToRoot(from: PerfectSubtree.last(in: leaves.upperBound), size: size) {
            if case .right(let covered) = sibling { right.append(try self.root(of: covered)) }
        }
        return RangeProof(
            first: leaves.lowerBound,
            end: leaves.upperBound,
            size: size,
            left: try self.hashes(PerfectSubtree.covering(0..<leaves.lowerBound)),
            right: right,
        )
    }

    private func hash(of sibling: PathToRoot.Sibling) throws(IndelibleError) -> Digest {
        switch sibling {
        case .left(let subtree): try self.hash(level: subtree.level, index: subtree.index)
        case .right(let leaves): try self.root(of: leaves)
        }
    }

    package func root(of leaves: Range<UInt64>) throws(IndelibleError) -> Digest {
        Frontier.fold(try self.hashes(PerfectSubtree.covering(leaves)))
    }

    package func climb(from _: UInt64, size _: UInt64, into _: inout [Digest]) -> UInt8 { 0 }

    private func hashes(_ subtrees: [PerfectSubtree]) throws(IndelibleError) -> [Digest] {
        var hashes: [Digest] = []
        for subtree in subtrees { hashes.append(try self.hash(level: subtree.level, index: subtree.index)) }
        return hashes
    }
}
