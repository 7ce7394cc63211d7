/// Arithmetic on the number of leaves of a tree.
///
/// A tree of `size` leaves consists of one perfect subtree for each bit that is set in `size`, the largest on the left.
package enum TreeSize {
    /// The most leaves that a tree can have: sizes are signed 64-bit numbers in the tools of others.
    package static let max = UInt64(Int64.max)

    /// - Returns: how many perfect subtrees make up a tree of `size` leaves; at most 64.
    package static func subtreeCount(_ size: UInt64) -> Int { size.nonzeroBitCount }
}

/// A subtree of 2^level leaves, the first of which has an index that is a multiple of that.
struct PerfectSubtree: Equatable {
    /// Height: a leaf has level 0.
    let level: UInt8
    /// Position among the subtrees of its level.
    let index: UInt64

    /// The perfect subtrees that cover the leaves of `range`, from left to right.
    ///
    /// - Precondition: `range.lowerBound` is a multiple of a power of two that is at least `range.count`; with that, they come
    ///   largest first.
    static func covering(_ range: Range<UInt64>) -> [PerfectSubtree] {
        var subtrees: [PerfectSubtree] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let level = 63 - UInt64(range.upperBound - start).leadingZeroBitCount
            subtrees.append(PerfectSubtree(level: UInt8(level), index: start >> level))
            start += 1 << level
        }
        return subtrees
    }

    /// The last perfect subtree of a tree of `size` leaves: its smallest.
    ///
    /// - Precondition: `size` is not 0.
    static func last(in size: UInt64) -> PerfectSubtree {
        let level = size.trailingZeroBitCount
        return PerfectSubtree(level: UInt8(level), index: (size >> level) - 1)
    }
}
