internal import Primitives

/// The hashes of the last leaves of a log that is read once: flat memory, whatever its size.
struct LeafWindow {
    /// 32 MiB; a seal reaches back some thousand entries, a verdict as far as its analyzer lags.
    static let countMax = 1 << 20

    private var bytes: [UInt8] = []
    /// Leaves seen.
    private(set) var size: UInt64 = 0

    /// - Parameter hashes: 32 bytes for each leaf.
    mutating func append(_ hashes: [UInt8]) {
        // Only what is written takes memory.
        if self.bytes.isEmpty { self.bytes.reserveCapacity(Self.countMax * Digest.byteCount) }
        var rest = hashes[...]
        while !rest.isEmpty {
            let place = Int(self.size % UInt64(Self.countMax)) * Digest.byteCount
            let part = rest.prefix(Self.countMax * Digest.byteCount - place)
            if place == self.bytes.count {
                self.bytes += part
            } else {
                self.bytes.replaceSubrange(place..<place + part.count, with: part)
            }
            self.size += UInt64(part.count / Digest.byteCount)
            rest = rest.dropFirst(part.count)
        }
    }

    /// - Throws: ``IndelibleError/Code/outOfRange`` for leaves that are not in the window.
    func leaves(from index: UInt64, count: Int) throws(IndelibleError) -> [Digest] {
        guard index + UInt64(self.countHeld) >= self.size, index + UInt64(count) <= self.size else {
            throw IndelibleError(.outOfRange, "Leaves \(index) to \(index + UInt64(count)) are not at hand.")
        }
        let first = Int(index % UInt64(Self.countMax))
        let straight = min(count, Self.countMax - first)
        return self.digests(first, straight) + self.digests(0, count - straight)
    }

    private func digests(_ first: Int, _ count: Int) -> [Digest] {
        let range = first * Digest.byteCount..<(first + count) * Digest.byteCount
        return [Digest](copying: self.bytes.span.extracting(range))
    }

    private var countHeld: Int { self.bytes.count / Digest.byteCount }
}
