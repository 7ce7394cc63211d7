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

    /// Which is replaced next, then the hashes, little-endian.
    var serialized: [UInt8] {
        var bytes = [UInt8(truncatingIfNeeded: self.oldest)]
        for position in 0..<self.count {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: self.hashes[position] >> shift))
            }
        }
        return bytes
    }

    /// - Returns: `nil` for bytes that are not of a set of this capacity.
    init?(serialized bytes: Span<UInt8>) {
        self.init()
        guard bytes.count % 4 == 1, bytes.count / 4 <= capacity, bytes[0] < capacity else { return nil }
        self.oldest = Int(bytes[0])
        self.count = bytes.count / 4
        for position in 0..<self.count {
            for byte in 0..<4 { self.hashes[position] |= UInt32(bytes[1 + position * 4 + byte]) << UInt32(8 * byte) }
        }
    }
}
