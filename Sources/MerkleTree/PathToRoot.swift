/// The siblings of a subtree on its way to the root, from the bottom up: the shape that all proofs share.
///
/// RFC 9162, section 2.1.3.2 walks the same way; its `fn` and `sn` are ``node`` and ``last`` here.
struct PathToRoot: Sequence, IteratorProtocol {
    enum Sibling: Equatable {
        /// A perfect subtree to the left.
        case left(PerfectSubtree)
        /// The subtree to the right; the tree's right edge may cut it off.
        case right(leaves: Range<UInt64>)
    }

    private var node: UInt64
    private var last: UInt64
    private var level: UInt8
    private let size: UInt64

    /// - Precondition: `subtree` lies within a tree of `size` leaves, which is at most ``TreeSize/max``.
    init(from subtree: PerfectSubtree, size: UInt64) {
        self.node = subtree.index
        self.last = (size - 1) >> subtree.level
        self.level = subtree.level
        self.size = size
    }

    mutating func next() -> Sibling? {
        while self.last > 0 {
            defer {
                self.node >>= 1
                self.last >>= 1
                self.level += 1
            }
            if !self.node.isMultiple(of: 2) {
                return .left(PerfectSubtree(level: self.level, index: self.node - 1))
            }
            if self.node < self.last {
                let start = (self.node + 1) << self.level
                return .right(leaves: start..<Swift.min(start + 1 << self.level, self.size))
            }
        }
        return nil
    }
}
