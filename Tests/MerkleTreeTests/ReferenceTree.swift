import Cryptography
import MerkleTree
import Primitives

/// The definitions of RFC 9162, section 2.1, word for word: recursive, slow, and nothing shared with the code under test.
struct ReferenceTree {
    let leaves: [Digest]

    /// Leaf `i` is the leaf hash of the decimal digits of `i`.
    init(size: Int, salt: String = "") { self.leaves = (0..<size).map { LeafHash.hash(Array("\(salt)\($0)".utf8)) } }

    init(leaves: [Digest]) { self.leaves = leaves }

    private static func node(_ left: Digest, _ right: Digest) throws -> Digest {
        try SHA256.hash([0x01], left.bytes, right.bytes)
    }

    private static func split(_ count: Int) -> Int {
        var half = 1
        while half * 2 < count { half *= 2 }
        return half
    }

    /// MTH.
    static func root(_ leaves: ArraySlice<Digest>) throws -> Digest {
        guard leaves.count > 1 else { return try leaves.first ?? SHA256.hash() }
        let half = leaves.startIndex + Self.split(leaves.count)
        return try Self.node(Self.root(leaves[..<half]), Self.root(leaves[half...]))
    }

    func root(size: Int) throws -> Digest { try Self.root(self.leaves[..<size]) }

    /// PATH.
    static func path(_ index: Int, _ leaves: ArraySlice<Digest>) throws -> [Digest] {
        guard leaves.count > 1 else { return [] }
        let half = Self.split(leaves.count)
        let (left, right) = (leaves.prefix(half), leaves.dropFirst(half))
        return index < half
            ? try Self.path(index, left) + [Self.root(right)]
            : try Self.path(index - half, right) + [Self.root(left)]
    }

    /// SUBPROOF.
    static func subproof(_ old: Int, _ leaves: ArraySlice<Digest>, _ whole: Bool) throws -> [Digest] {
        if old == leaves.count { return whole ? [] : [try Self.root(leaves)] }
        let half = Self.split(leaves.count)
        let (left, right) = (leaves.prefix(half), leaves.dropFirst(half))
        return old <= half
            ? try Self.subproof(old, left, whole) + [Self.root(right)]
            : try Self.subproof(old - half, right, false) + [Self.root(left)]
    }
}

extension ReferenceTree: NodeSource {
    func hash(level: UInt8, index: UInt64) throws(IndelibleError) -> Digest {
        let (start, end) = (Int(index << level), Int((index + 1) << level))
        guard end <= self.leaves.count else { throw IndelibleError(.internal, "Asked beyond the tree.") }
        do { return try Self.root(self.leaves[start..<end]) } catch {
            throw IndelibleError(.internal, "Reference failed.", cause: error)
        }
    }
}

extension Digest {
    /// The digest with one bit of one byte turned over.
    func flipped(byte: Int) -> Digest {
        var bytes = self.bytes
        bytes[byte] ^= UInt8(1) << (byte % 8)
        return Digest(bytes) ?? self
    }
}
