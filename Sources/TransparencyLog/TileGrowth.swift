/// The files that a log publishes when its tree grows from one size to another; from 0, all that it has.
///
/// Bundles first, then the tiles of each level from the leaves up, each in order of index, a level's partial one last
/// (C2SP tlog-tiles, "Partial Tiles").
package struct TileGrowth: Sequence, Sendable {
    package let oldSize: UInt64
    package let size: UInt64

    /// - Precondition: `oldSize <= size <= Checkpoint.sizeMax`.
    package init(from oldSize: UInt64, to size: UInt64) {
        precondition(oldSize <= size && size <= Checkpoint.sizeMax, "a log only grows")
        self.oldSize = oldSize
        self.size = size
    }

    package func makeIterator() -> Iterator { Iterator(growth: self) }

    package struct Iterator: IteratorProtocol {
        private let growth: TileGrowth
        private var content = TilePath.Content.entries
        /// Index of the next tile of ``content``; `nil` before the first.
        private var index: UInt64?

        fileprivate init(growth: TileGrowth) { self.growth = growth }

        package mutating func next() -> TilePath? {
            while true {
                let shift = UInt64(8 * self.level)
                let old = self.growth.oldSize >> shift
                let count = self.growth.size >> shift
                guard count > 0 else { return nil }
                let index = self.index ?? old >> 8
                let width = Swift.min(count - Swift.min(count, index << 8), UInt64(TilePath.widthMax))
                if old < count, width > 0 {
                    self.index = index + 1
                    return TilePath(self.content, index: index, width: Int(width))
                }
                self.index = nil
                self.content = .hashes(level: self.content == .entries ? 0 : self.level + 1)
            }
        }

        private var level: Int {
            switch self.content {
            case .entries: 0
            case .hashes(let level): level
            }
        }
    }
}
