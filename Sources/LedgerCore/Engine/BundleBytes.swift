internal import Cryptography
internal import Primitives

/// Steps through entries in bundle form.
enum BundleBytes {
    /// Where entry number `count` starts, from `start` on; `nil` when there are not that many.
    static func offset(after count: Int, in bytes: [UInt8], from start: Int = 0) -> Int? {
        var position = start
        for _ in 0..<count {
            guard position + 2 <= bytes.count else { return nil }
            position += 2 + Int(bytes[position]) << 8 + Int(bytes[position + 1])
        }
        return position <= bytes.count ? position : nil
    }

    /// Leaf hashes of a bundle, as far as the lengths in it lead; zeros beyond.
    static func leafHashes(
        _ bundle: [UInt8],
        count: Int,
        _ kernel: HashKernel,
    ) -> (hashes: [UInt8], isWhole: Bool) {
        var offsets: [UInt32] = []
        var byteCounts: [UInt32] = []
        var position = 0
        while offsets.count < count, let next = Self.offset(after: 1, in: bundle, from: position) {
            offsets.append(UInt32(position + 2))
            byteCounts.append(UInt32(next - position - 2))
            position = next
        }
        var hashes = [UInt8](repeating: 0, count: count * Digest.byteCount)
        if !offsets.isEmpty {
            unsafe kernel.leafHashes(
                base: bundle,
                offsets: offsets,
                lengths: byteCounts,
                count: offsets.count,
                out: &hashes,
            )
        }
        return (hashes, offsets.count == count && position == bundle.count)
    }
}
