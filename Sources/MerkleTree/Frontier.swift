package import Cryptography
package import Primitives

/// What is needed to let a tree grow: the roots of its perfect subtrees, at most 64 hashes for any number of leaves.
///
/// Also known as a compact range from 0.
package struct Frontier: Hashable, Sendable {
    /// Number of leaves.
    package private(set) var size: UInt64
    /// One for each bit that is set in ``size``, the largest subtree, which is the leftmost, first.
    package private(set) var hashes: [Digest]

    /// The empty tree.
    package init() {
        self.size = 0
        self.hashes = []
    }

    /// Continues a tree.
    ///
    /// - Parameters:
    ///   - size: Number of leaves, at most ``TreeSize/max``.
    ///   - hashes: One for each bit that is set in `size`, largest subtree first.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when there is another number of hashes.
    package init(size: UInt64, hashes: [Digest]) throws(IndelibleError) {
        guard size <= TreeSize.max, hashes.count == TreeSize.subtreeCount(size) else {
            throw IndelibleError(
                .dataLoss,
                "A tree of \(size) leaves has \(TreeSize.subtreeCount(size)) subtrees, \(hashes.count) hashes do not fit it.",
            )
        }
        self.size = size
        self.hashes = hashes
    }

    /// The root of `leaves`, hashed in one go.
    ///
    /// - Parameter leaves: Leaf hashes, in order; none give ``EmptyTree/root``.
    /// - Returns: The root (RFC 9162, section 2.1.1).
    package static func root(of leaves: [Digest]) -> Digest {
        var frontier = Frontier()
        frontier.append(contentsOf: leaves)
        return frontier.root()
    }

    /// The root of the tree (RFC 9162, section 2.1.1); at most 63 hashes of work.
    package func root() -> Digest { self.hashes.isEmpty ? EmptyTree.root : Self.fold(self.hashes) }

    /// Adds one leaf; two hashes of work on average.
    package mutating func append(_ leaf: Digest) {
        var node = leaf
        for _ in 0..<(~self.size).trailingZeroBitCount {
            node = NodeHash.hash(left: self.hashes.removeLast(), right: node)
        }
        self.hashes.append(node)
        self.size += 1
    }

    /// Adds many leaves, with the fastest kernel of this machine.
    package mutating func append(contentsOf leaves: [Digest]) {
        var scratch: [UInt8] = []
        unsafe leaves.withUnsafeBytes { bytes in
            unsafe self.append(leafHashes: bytes, kernel: .best, scratch: &scratch) { _, _, _ in }
        }
    }

    /// Size as a big-endian 64-bit number, then the hashes.
    package func serialized() -> [UInt8] {
        let size = (0..<8).map { UInt8(truncatingIfNeeded: self.size >> (56 - 8 * UInt64($0))) }
        return self.hashes.reduce(into: size) { $0 += $1.bytes }
    }

    /// Reads what ``serialized()`` wrote.
    ///
    /// - Parameter bytes: All of it and nothing else.
    /// - Throws: ``IndelibleError/Code/dataLoss`` for any other number of bytes.
    package init(serialized bytes: [UInt8]) throws(IndelibleError) {
        guard bytes.count >= 8 else {
            throw IndelibleError(.dataLoss, "A stored frontier has at least 8 bytes, this one has \(bytes.count).")
        }
        let size = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        guard (bytes.count - 8).isMultiple(of: Digest.byteCount) else {
            throw IndelibleError(.dataLoss, "A stored frontier ends within a hash: it has \(bytes.count) bytes.")
        }
        let hashes = stride(from: 8, to: bytes.count, by: Digest.byteCount).compactMap {
            Digest(bytes[$0..<$0 + Digest.byteCount])
        }
        try self.init(size: size, hashes: hashes)
    }

    /// The root over subtrees that stand side by side, largest first.
    ///
    /// - Precondition: There is at least one.
    static func fold(_ subtrees: [Digest]) -> Digest {
        precondition(!subtrees.isEmpty, "a root needs a subtree")
        let smallest = subtrees[subtrees.count - 1]
        return subtrees.dropLast().reversed().reduce(smallest) { NodeHash.hash(left: $1, right: $0) }
    }
}

extension Frontier {
    /// Levels of the binary tree that one tile holds (C2SP tlog-tiles): every eighth level is stored.
    package static let levelsPerTile: UInt8 = 8

    /// Adds many leaves, level by level, and reports the hashes that belong into tiles above level 0.
    ///
    /// - Parameters:
    ///   - leafHashes: 32 bytes for each leaf, in order.
    ///   - kernel: Hashes the pairs of each level.
    ///   - scratch: Reused between calls, so that memory is touched once; holds a little more than half of `leafHashes`.
    ///   - completed: Receives, from the bottom up and only where there are any: the tile level (1 and more), the index of
    ///     the first hash that is new in that level, and the new hashes, 32 bytes each. They are valid until it returns.
    /// - Precondition: `leafHashes` has a multiple of 32 bytes, and the tree stays within ``TreeSize/max``.
    @unsafe package mutating func append(
        leafHashes: UnsafeRawBufferPointer,
        kernel: HashKernel,
        scratch: inout [UInt8],
        completed: (_ tileLevel: UInt8, _ firstIndex: UInt64, _ hashes: UnsafeRawBufferPointer) -> Void,
    ) {
        let width = Digest.byteCount
        precondition(leafHashes.count.isMultiple(of: width), "leaf hashes have 32 bytes each")
        guard leafHashes.count > 0, let leaves = leafHashes.baseAddress else { return }
        let count = leafHashes.count / width
        precondition(UInt64(count) <= TreeSize.max - self.size, "a tree has at most 2^63 - 1 leaves")
        // Slot 0 is kept free in front of the parents, for the left sibling that the first of them may lack.
        let slots = count / 2 + 2
        if scratch.count < slots * width { scratch = [UInt8](repeating: 0, count: slots * width) }
        unsafe scratch.withUnsafeMutableBytes { scratch in
            guard let slots = scratch.baseAddress else { return }
            var level = unsafe Level(hashes: leaves, count: count, first: self.size, height: 0)
            var odd: [Digest] = []  // The last of each level that has no right sibling yet, lowest first.
            while true {
                unsafe level.report(to: completed)
                if unsafe !level.end.isMultiple(of: 2) { unsafe odd.append(level.digest(at: level.count - 1)) }
                let sibling = unsafe level.first.isMultiple(of: 2) ? nil : self.hashes.popLast()
                unsafe level.rise(joining: sibling, kernel: kernel, slots: slots)
                guard unsafe level.count > 0 else { break }
            }
            self.hashes += odd.reversed()
        }
        self.size += UInt64(count)
    }

    /// The nodes of one height that a batch has completed.
    @unsafe private struct Level {
        var hashes: UnsafeRawPointer
        var count: Int
        var first: UInt64
        var height: UInt8

        var end: UInt64 { unsafe self.first + UInt64(self.count) }

        func digest(at position: Int) -> Digest {
            unsafe Digest(copying: UnsafeRawBufferPointer(start: self.hashes + position * 32, count: 32))
        }

        func report(to completed: (UInt8, UInt64, UnsafeRawBufferPointer) -> Void) {
            guard unsafe self.height > 0, unsafe self.height.isMultiple(of: Frontier.levelsPerTile) else { return }
            let bytes = unsafe UnsafeRawBufferPointer(start: self.hashes, count: self.count * Digest.byteCount)
            unsafe completed(self.height / Frontier.levelsPerTile, self.first, bytes)
        }

        /// Replaces the nodes by their parents, which are kept from slot 1 on.
        ///
        /// - Parameters:
        ///   - sibling: The left sibling of the first node, when that is a right child.
        ///   - kernel: Hashes the pairs.
        ///   - slots: Room for one digest more than there are parents.
        mutating func rise(joining sibling: Digest?, kernel: HashKernel, slots: UnsafeMutableRawPointer) {
            let width = Digest.byteCount
            let parents = unsafe Int(self.end / 2 - self.first / 2)
            var pairs = parents
            var source = unsafe self.hashes
            var out = unsafe slots + width
            if let sibling {
                if unsafe self.height > 0 {
                    // Slot 0 lies in front of these very nodes.
                    unsafe slots.storeBytes(of: sibling, as: Digest.self)
                    unsafe source -= width
                } else {
                    let parent = unsafe NodeHash.hash(left: sibling, right: self.digest(at: 0))
                    unsafe out.storeBytes(of: parent, as: Digest.self)
                    unsafe source += width
                    unsafe out += width
                    pairs -= 1
                }
            }
            unsafe kernel.nodeHashes(
                children: source.assumingMemoryBound(to: UInt8.self),
                count: pairs,
                out: out.assumingMemoryBound(to: UInt8.self),
            )
            unsafe self = Level(
                hashes: UnsafeRawPointer(slots + width),
                count: parents,
                first: self.first / 2,
                height: self.height + 1,
            )
        }
    }
}
