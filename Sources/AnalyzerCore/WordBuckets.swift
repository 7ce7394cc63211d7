/// How often the words of a prompt fall into each of a fixed number of buckets.
package struct WordBuckets: Equatable, Sendable {
    package static let bucketCount = 64
    /// Shorter runs of letters are no words, and longer ones count by their first letters.
    static let letterCountMin = 3
    static let letterCountMax = 24
    /// Counts stop here.
    package static let countMax: Int32 = 7

    package private(set) var counts: [Int32]

    /// Shared by all events without a prompt.
    private static let zeros = [Int32](repeating: 0, count: Self.bucketCount)

    package init() { self.counts = Self.zeros }

    package init(of text: Span<UInt8>) {
        self.counts = Self.zeros
        var hash = FNV()
        var letters = 0
        for position in text.indices {
            let byte = text[position]
            if ASCII.isLetter(byte) {
                if letters < Self.letterCountMax { hash.update(ASCII.folded(byte)) }
                letters += 1
            } else {
                self.count(hash, letters)
                hash = FNV()
                letters = 0
            }
        }
        self.count(hash, letters)
    }

    private mutating func count(_ hash: FNV, _ letters: Int) {
        guard letters >= Self.letterCountMin else { return }
        // The high bits: FNV's low bits depend on the last letters alone.
        let bucket = Int((hash.value ^ hash.value >> 32) % UInt64(Self.bucketCount))
        self.counts[bucket] = min(Self.countMax, self.counts[bucket] + 1)
    }
}
