/// Logarithms in integers: the same on every machine.
package enum FixedPoint {
    /// Fractional bits of ``log2(_:)``.
    package static let fractionBits = 8

    /// The binary logarithm of `value` in 256ths, rounded down; 0 for 0 and 1.
    ///
    /// Squares the mantissa once for each fractional bit: squaring doubles the logarithm, and its carry is the next bit.
    package static func log2(_ value: UInt64) -> Int {
        guard value > 1 else { return 0 }
        let whole = 63 - value.leadingZeroBitCount
        /// Mantissa in [1, 2) with 31 fractional bits.
        var mantissa = whole >= 31 ? value >> UInt64(whole - 31) : value << UInt64(31 - whole)
        var result = whole
        for _ in 0..<Self.fractionBits {
            mantissa = (mantissa &* mantissa) >> 31
            result <<= 1
            if mantissa >> 32 != 0 {
                result |= 1
                mantissa >>= 1
            }
        }
        return result
    }

    /// The whole part of the binary logarithm, plus one; 0 for 0.
    package static func magnitude(_ value: UInt64) -> Int32 { Int32(64 - value.leadingZeroBitCount) }

    /// Shannon's entropy of byte counts in 16ths of a bit per byte, 0 to 128, at most one too many.
    package static func entropy(_ counts: [Int]) -> Int32 {
        let total = counts.reduce(0, +)
        guard total > 0 else { return 0 }
        let weighted = counts.reduce(0) { $0 + $1 * Self.log2(UInt64($1)) }
        let bits = Self.log2(UInt64(total)) - weighted / total
        return Int32(max(0, bits) >> (Self.fractionBits - 4))
    }
}
