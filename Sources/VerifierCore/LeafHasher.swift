internal import Cryptography
package import Primitives
internal import TransparencyLog

/// Leaf hashes of many entries at once, in memory that is reused.
package struct LeafHasher: Sendable {
    private var offsets: [UInt32] = []
    private var lengths: [UInt32] = []
    /// 32 bytes for each entry of the last call, in order.
    package private(set) var hashes: [UInt8] = []

    package init() {}

    /// - Precondition: every range lies within `bytes`, which are less than 4 GiB.
    package mutating func hash(_ ranges: [Range<Int>], of bytes: Span<UInt8>) {
        precondition(bytes.count <= UInt32.max, "a batch has less than 4 GiB")
        precondition(
            ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= bytes.count },
            "entries lie in the batch",
        )
        self.offsets.removeAll(keepingCapacity: true)
        self.lengths.removeAll(keepingCapacity: true)
        for range in ranges {
            self.offsets.append(UInt32(range.lowerBound))
            self.lengths.append(UInt32(range.count))
        }
        let byteCount = ranges.count * Digest.byteCount
        if self.hashes.count != byteCount { self.hashes = [UInt8](repeating: 0, count: byteCount) }
        guard !ranges.isEmpty else { return }
        unsafe bytes.withUnsafeBufferPointer { buffer in
            // Entries of no bytes may leave the batch without an address; the kernel still needs one.
            var nothing: UInt8 = 0
            unsafe withUnsafePointer(to: &nothing) { nowhere in
                unsafe HashKernel.best.leafHashes(
                    base: buffer.baseAddress ?? nowhere,
                    offsets: self.offsets,
                    lengths: self.lengths,
                    count: ranges.count,
                    out: &self.hashes,
                )
            }
        }
    }

    /// Hashes the first `count` entries of a bundle where they stand.
    ///
    /// - Parameters:
    ///   - bundle: At the front of it; changed meanwhile, and as before on return.
    ///   - places: Of the entries in it, after the two bytes of each one's length.
    mutating func hash(_ bundle: inout [UInt8], _ places: EntryBundle.Places, count: Int) {
        precondition(count <= places.offsets.count, "the places are of this bundle")
        let byteCount = count * Digest.byteCount
        if self.hashes.count != byteCount { self.hashes = [UInt8](repeating: 0, count: byteCount) }
        unsafe bundle.withUnsafeMutableBufferPointer { buffer in
            guard count > 0, let base = buffer.baseAddress else { return }
            unsafe HashKernel.best.leafHashesPrefixed(
                base: base,
                offsets: places.offsets,
                lengths: places.lengths,
                count: count,
                out: &self.hashes,
            )
        }
    }

    /// ``hashes`` one by one.
    package var digests: [Digest] { (0..<self.hashes.count / Digest.byteCount).map { self.digest(at: $0) } }

    func digest(at position: Int) -> Digest {
        let start = position * Digest.byteCount
        return Digest(self.hashes.span.extracting(start..<start + Digest.byteCount)) ?? .zero
    }
}
