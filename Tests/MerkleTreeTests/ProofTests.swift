// Goal: every proof of every small tree is what the RFC defines, verifies, and stops verifying when anything is altered.
// Method: all sizes and positions against ReferenceTree, then every byte, length and number changed in turn.
import Cryptography
import MerkleTree
import Primitives
import Testing

struct ProofTests {
    private static let sizeMax = 67
    private static let tree = ReferenceTree(size: sizeMax)
    private static let roots = Result { try (0...sizeMax).map { try tree.root(size: $0) } }

    @Test(arguments: 1...sizeMax) func inclusionIsAsDefined(size: Int) throws {
        let root = try Self.tree.root(size: size)
        for index in 0..<size {
            let proof = try Self.tree.inclusionProof(index: UInt64(index), size: UInt64(size))
            #expect(try proof.hashes == ReferenceTree.path(index, Self.tree.leaves[..<size]))
            for leaf in 0..<size {
                #expect(proof.verify(leaf: Self.tree.leaves[leaf], root: root) == (leaf == index))
            }
        }
    }

    @Test(arguments: 0...sizeMax) func consistencyIsAsDefined(newSize: Int) throws {
        let newRoot = try Self.tree.root(size: newSize)
        for oldSize in 0...newSize {
            let proof = try Self.tree.consistencyProof(from: UInt64(oldSize), to: UInt64(newSize))
            let defined =
                oldSize == 0 ? [] : try ReferenceTree.subproof(oldSize, Self.tree.leaves[..<newSize], true)
            #expect(proof.hashes == defined)
            for size in 0...newSize {
                let oldRoot = try Self.roots.get()[size]
                #expect(proof.verify(oldRoot: oldRoot, newRoot: newRoot) == (size == oldSize))
            }
        }
    }

    @Test(arguments: 1...33) func everyRunIsProven(size: Int) throws {
        let root = try Self.tree.root(size: size)
        for first in 0..<size {
            for end in first + 1...size {
                let proof = try Self.tree.rangeProof(of: UInt64(first)..<UInt64(end), size: UInt64(size))
                let run = Array(Self.tree.leaves[first..<end])
                #expect(proof.verify(leafHashes: run, root: root))
                #expect(proof.left.count == first.nonzeroBitCount)
                #expect(!proof.verify(leafHashes: Array(run.dropLast()), root: root))
                #expect(!proof.verify(leafHashes: run + [root], root: root))
                for position in run.indices {
                    var altered = run
                    altered[position] = altered[position].flipped(byte: position % 32)
                    #expect(!proof.verify(leafHashes: altered, root: root))
                }
                if end == first + 1 {
                    // One leaf: the same hashes as in its inclusion proof, sorted by side.
                    let inclusion = try Self.tree.inclusionProof(index: UInt64(first), size: UInt64(size))
                    #expect(Set(proof.left + proof.right) == Set(inclusion.hashes))
                    #expect(proof.right == inclusion.hashes.filter(proof.right.contains))
                }
            }
        }
    }

    @Test func noByteOfAnInclusionProofCanChange() throws {
        for (index, size) in [(0, 2), (5, 8), (6, 7), (41, 67), (66, 67)] {
            let root = try Self.tree.root(size: size)
            let leaf = Self.tree.leaves[index]
            let good = try Self.tree.inclusionProof(index: UInt64(index), size: UInt64(size))
            for altered in Self.alterations(of: good.hashes) {
                let proof = InclusionProof(index: good.index, size: good.size, hashes: altered)
                #expect(!proof.verify(leaf: leaf, root: root))
            }
            for byte in 0..<32 {
                #expect(!good.verify(leaf: leaf.flipped(byte: byte), root: root))
                #expect(!good.verify(leaf: leaf, root: root.flipped(byte: byte)))
            }
            for other in 0..<UInt64(size) + 3 where other != index {
                let proof = InclusionProof(index: other, size: good.size, hashes: good.hashes)
                #expect(!proof.verify(leaf: leaf, root: root))
            }
        }
    }

    @Test func noByteOfAConsistencyProofCanChange() throws {
        for (oldSize, newSize) in [(1, 2), (3, 7), (4, 7), (6, 8), (32, 67), (63, 67), (66, 67)] {
            let (oldRoot, newRoot) = (try Self.tree.root(size: oldSize), try Self.tree.root(size: newSize))
            let good = try Self.tree.consistencyProof(from: UInt64(oldSize), to: UInt64(newSize))
            for altered in Self.alterations(of: good.hashes) {
                let proof = ConsistencyProof(oldSize: good.oldSize, newSize: good.newSize, hashes: altered)
                #expect(!proof.verify(oldRoot: oldRoot, newRoot: newRoot))
            }
            for byte in 0..<32 {
                #expect(!good.verify(oldRoot: oldRoot.flipped(byte: byte), newRoot: newRoot))
                #expect(!good.verify(oldRoot: oldRoot, newRoot: newRoot.flipped(byte: byte)))
            }
            let swapped = ConsistencyProof(oldSize: good.newSize, newSize: good.oldSize, hashes: good.hashes)
            #expect(!swapped.verify(oldRoot: newRoot, newRoot: oldRoot))
        }
    }

    @Test func noByteOfARangeProofCanChange() throws {
        for (first, end, size) in [(0, 1, 2), (3, 5, 8), (13, 30, 67), (7, 66, 67), (64, 67, 67), (0, 67, 67)] {
            let root = try Self.tree.root(size: size)
            let run = Array(Self.tree.leaves[first..<end])
            let good = try Self.tree.rangeProof(of: UInt64(first)..<UInt64(end), size: UInt64(size))
            for altered in Self.alterations(of: good.left) {
                let proof = RangeProof(
                    first: good.first,
                    end: good.end,
                    size: good.size,
                    left: altered,
                    right: good.right,
                )
                #expect(!proof.verify(leafHashes: run, root: root))
            }
            for altered in Self.alterations(of: good.right) {
                let proof = RangeProof(
                    first: good.first,
                    end: good.end,
                    size: good.size,
                    left: good.left,
                    right: altered,
                )
                #expect(!proof.verify(leafHashes: run, root: root))
            }
            let proof = RangeProof(
                first: good.first + 1,
                end: good.end + 1,
                size: good.size + 1,
                left: good.left,
                right: good.right,
            )
            #expect(!proof.verify(leafHashes: run, root: root))
        }
    }

    /// Every byte flipped, every hash left out, every neighbour swapped, one hash too many on either side.
    private static func alterations(of hashes: [Digest]) -> [[Digest]] {
        var all: [[Digest]] = [hashes + [.zero], [.zero] + hashes, hashes + hashes.suffix(1)].filter { $0 != hashes }
        for position in hashes.indices {
            for byte in 0..<Digest.byteCount {
                var altered = hashes
                altered[position] = altered[position].flipped(byte: byte)
                all.append(altered)
            }
            var shorter = hashes
            shorter.remove(at: position)
            all.append(shorter)
            if position > 0 {
                var swapped = hashes
                swapped.swapAt(position - 1, position)
                all.append(swapped)
            }
        }
        return all
    }

    @Test func impossibleNumbersAreRefusedWithoutHashing() {
        let digest = EmptyTree.root
        let huge = UInt64.max
        for (index, size) in [(0, 0), (1, 1), (huge, huge), (huge - 1, huge), (0, huge), (huge, 1)]
            as [(UInt64, UInt64)]
        {
            #expect(!InclusionProof(index: index, size: size, hashes: []).verify(leaf: digest, root: digest))
            #expect(throws: IndelibleError.self) { try Self.tree.inclusionProof(index: index, size: size) }
        }
        for (old, new) in [(1, 0), (huge, 1), (huge, huge), (0, huge)] as [(UInt64, UInt64)] {
            #expect(
                !ConsistencyProof(oldSize: old, newSize: new, hashes: []).verify(oldRoot: digest, newRoot: digest)
            )
            #expect(throws: IndelibleError.self) { try Self.tree.consistencyProof(from: old, to: new) }
        }
        for (first, end, size) in [
            (0, 0, 1), (5, 5, 8), (5, 4, 8), (0, 2, 1), (0, huge, huge), (huge - 1, huge, huge), (huge, 0, 1),
        ] as [(UInt64, UInt64, UInt64)] {
            let proof = RangeProof(first: first, end: end, size: size, left: [], right: [])
            #expect(!proof.verify(leafHashes: [], root: digest))
            #expect(!proof.verify(leafHashes: [digest], root: digest))
            guard first <= end else { continue }
            #expect(throws: IndelibleError.self) { try Self.tree.rangeProof(of: first..<end, size: size) }
        }
    }

    @Test func everyTreeContinuesTheEmptyOneAndNoOther() throws {
        let root = try Self.tree.root(size: 3)
        let empty = ConsistencyProof(oldSize: 0, newSize: 3, hashes: [])
        #expect(empty.verify(oldRoot: EmptyTree.root, newRoot: root))
        #expect(!empty.verify(oldRoot: root, newRoot: root))
        let padded = ConsistencyProof(oldSize: 0, newSize: 3, hashes: [root])
        #expect(!padded.verify(oldRoot: EmptyTree.root, newRoot: root))
        let still = ConsistencyProof(oldSize: 0, newSize: 0, hashes: [])
        #expect(still.verify(oldRoot: EmptyTree.root, newRoot: EmptyTree.root))
        #expect(!still.verify(oldRoot: root, newRoot: root))
    }
}
