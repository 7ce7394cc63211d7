/// Counts durations in buckets at most 1/64 wide, so that a percentile is right to 1.6 % whatever the scale.
package struct LatencyHistogram: Sendable, Equatable {
    /// Steps in each power of two, as a number of bits.
    private static let stepBits = 6
    private var buckets = [UInt64](repeating: 0, count: (65 - stepBits) << stepBits)
    package private(set) var count: UInt64 = 0

    package init() {}

    package mutating func record(_ nanoseconds: UInt64) {
        self.buckets[Self.bucket(of: nanoseconds)] += 1
        self.count += 1
    }

    package mutating func merge(_ other: LatencyHistogram) {
        for position in self.buckets.indices { self.buckets[position] += other.buckets[position] }
        self.count += other.count
    }

    /// The largest duration that the fraction of all that were recorded does not exceed, in nanoseconds, to 1.6 %.
    ///
    /// - Parameter fraction: more than 0, at most 1.
    /// - Returns: 0 when nothing was recorded.
    package func percentile(_ fraction: Double) -> UInt64 {
        precondition(fraction > 0 && fraction <= 1)
        let rank = UInt64((Double(self.count) * fraction).rounded(.up))
        var seen: UInt64 = 0
        for (bucket, count) in self.buckets.enumerated() {
            seen += count
            if count > 0, seen >= rank { return Self.lowerBound(of: bucket) }
        }
        return 0
    }

    /// Below two powers of the step every value has a bucket; above, the leading bits choose it.
    private static func bucket(of value: UInt64) -> Int {
        let shift = max(0, 64 - Self.stepBits - 1 - value.leadingZeroBitCount)
        return shift << Self.stepBits + Int(value >> UInt64(shift))
    }

    private static func lowerBound(of bucket: Int) -> UInt64 {
        let step = 1 << Self.stepBits
        guard bucket >= 2 * step else { return UInt64(bucket) }
        let shift = bucket >> Self.stepBits - 1
        return UInt64(bucket - shift * step) << UInt64(shift)
    }
}
