/// Numbers that look random and are the same for the same seed on every machine (Steele, Lea, Flood: "Fast splittable
/// pseudorandom number generators", 2014).
///
/// For tests, simulations and load; never for secrets.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    @usableFromInline var state: UInt64

    package init(seed: UInt64) { self.state = seed }

    @inlinable
    package mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// True once in `count` times on average.
    package mutating func oneIn(_ count: UInt64) -> Bool { self.next() % count == 0 }

    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: self.next()) }
    }
}
