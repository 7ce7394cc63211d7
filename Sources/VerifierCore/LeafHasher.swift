internal import Cryptography
internal import Primitives

/// Leaf hashes of many entries at once, in memory that is reused.
struct LeafHasher {
    private var offsets: [UInt32] = []
    private var lengths: [UInt32] = []
    /// 32 bytes for each entry of the last call, in order.
    private(set) var hashes: [UInt8] = []

    /// - Precondition: every range lies within `bytes`, which are less than 4 GiB.
    mutating func hash(_ ranges: [Range<Int>], of bytes: Span<UInt8>) {
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

    func digest(at position: Int) -> Digest {
        Digest(self.hashes[position * Digest.byteCount..<(position + 1) * Digest.byteCount]) ?? .zero
    }
}
