internal import CTreeKernels

/// Which column of ranks each split of an ensemble reads, and with which rank it compares.
struct RankColumns<Scalar: KernelScalar> {
    /// Thresholds that one column can tell apart.
    static var thresholdCountMax: Int { 255 }
    /// The byte of a row that goes right at an irregular split; others have the smallest.
    static var right: Int8 { .max }

    /// A feature whose values are ranked; LightGBM's tiny values are missing to some splits and not to others.
    private struct Source: Hashable {
        let feature: UInt32
        let zeroIsMissing: Bool
    }

    private struct Ranked {
        /// Rising, without repetition.
        var thresholds: [Scalar] = []
        var goesLow = false
        var goesHigh = false
        /// For each run of ``RankColumns/thresholdCountMax`` thresholds.
        var columns: [(low: Int, high: Int)] = []
    }

    private struct Test: Hashable {
        let feature: UInt32
        let kind: UInt32
        let bits: UInt64
        let missingGoesRight: Bool
    }

    private var ranked: [Source: Ranked] = [:]
    private var tests: [Test: Int] = [:]
    private(set) var rankings: [ind_ranking] = []
    /// As ``ind_ranking`` says: search trees, level by level.
    private(set) var thresholds: [Scalar] = []
    private(set) var irregular: [(node: Int, column: Int)] = []
    private(set) var count = 0

    /// - Returns: `nil` when C could not count the thresholds.
    init?(_ ensemble: TreeEnsemble<Scalar>) {
        guard ensemble.nodes.count <= Int(Int32.max) / 2 else { return nil }
        for node in ensemble.nodes {
            guard let source = Self.source(node) else { continue }
            self.ranked[source, default: Ranked()].thresholds.append(node.threshold)
            if node.missingGoesRight {
                self.ranked[source]?.goesHigh = true
            } else {
                self.ranked[source]?.goesLow = true
            }
        }
        // In the order of the row, so that the same model is always compiled alike.
        let sources = self.ranked.keys.sorted {
            ($0.feature, $0.zeroIsMissing ? 1 : 0) < ($1.feature, $1.zeroIsMissing ? 1 : 0)
        }
        for source in sources {
            guard var ranked = self.ranked[source] else { continue }
            var distinct: [Scalar] = []
            for threshold in ranked.thresholds.sorted() where distinct.last != threshold { distinct.append(threshold) }
            ranked.thresholds = distinct
            for first in stride(from: 0, to: distinct.count, by: Self.thresholdCountMax) {
                let run = distinct[first..<min(first + Self.thresholdCountMax, distinct.count)]
                let low = ranked.goesLow ? self.newColumn() : -1
                let high = ranked.goesHigh ? self.newColumn() : -1
                ranked.columns.append((low, high))
                self.appendRanking(source, run, low: low, high: high)
            }
            self.ranked[source] = ranked
        }
    }

    /// - Returns: rows with a greater byte in the column go right.
    mutating func place(_ position: Int, _ node: TreeNode<Scalar>) -> (column: Int, rank: Int8) {
        guard let source = Self.source(node), let ranked = self.ranked[source] else {
            return (self.irregularColumn(position, node), 0)
        }
        var low = 0
        var high = ranked.thresholds.count
        while low < high {
            let middle = (low + high) / 2
            if ranked.thresholds[middle] < node.threshold { low = middle + 1 } else { high = middle }
        }
        let columns = ranked.columns[low / Self.thresholdCountMax]
        let rank = UInt8(low % Self.thresholdCountMax) ^ 0x80
        return (node.missingGoesRight ? columns.high : columns.low, Int8(bitPattern: rank))
    }

    private static func source(_ node: TreeNode<Scalar>) -> Source? {
        switch node.kind {
        case .above: Source(feature: node.feature, zeroIsMissing: false)
        case .aboveZeroMissing: Source(feature: node.feature, zeroIsMissing: true)
        case .leaf, .inSet, .notInSet, .oneOf: nil
        }
    }

    private mutating func newColumn() -> Int {
        defer { self.count += 1 }
        return self.count
    }

    private mutating func irregularColumn(_ position: Int, _ node: TreeNode<Scalar>) -> Int {
        let test = Test(
            feature: node.feature,
            kind: node.kind.rawValue,
            bits: UInt64(node.set),
            missingGoesRight: node.missingGoesRight,
        )
        if let column = self.tests[test] { return column }
        let column = self.newColumn()
        self.tests[test] = column
        self.irregular.append((position, column))
        return column
    }

    private mutating func appendRanking(_ source: Source, _ run: ArraySlice<Scalar>, low: Int, high: Int) {
        let levels = Int.bitWidth - run.count.leadingZeroBitCount
        let padded = Array(run) + [Scalar](repeating: .infinity, count: 1 << levels - 1 - run.count)
        self.rankings.append(
            ind_ranking(
                feature: source.feature,
                first: UInt32(self.thresholds.count),
                levels: UInt32(levels),
                missing_low: Int32(low),
                missing_high: Int32(high),
                zero_is_missing: source.zeroIsMissing ? 1 : 0,
            )
        )
        for level in 0..<levels {
            for position in 0..<1 << level {
                self.thresholds.append(padded[(2 * position + 1) << (levels - 1 - level) - 1])
            }
        }
    }
}
