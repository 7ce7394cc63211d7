/// The last few different values that were seen: a fixed number of hashes, the oldest replaced first.
package struct RecentSet<let capacity: Int>: Sendable {
    private var hashes: InlineArray<capacity, UInt32>
    package private(set) var count = 0
    private var oldest = 0

    package init() { self.hashes = InlineArray(repeating: 0) }

    /// - Returns: whether the value was not in the set.
    package mutating func insert(_ hash: UInt64) -> Bool {
        let short = UInt32(truncatingIfNeeded: hash ^ hash >> 32)
        for position in 0..<self.count where self.hashes[position] == short { return false }
        if self.count < capacity {
            self.hashes[self.count] = short
            self.count += 1
        } else {
            self.hashes[self.oldest] = short
            self.oldest = (self.oldest + 1) % capacity
        }
        return true
    }
}
