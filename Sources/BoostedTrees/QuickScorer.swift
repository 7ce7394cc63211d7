internal import CTreeKernels

/// Scores rows one by one without walking trees: the fast kernel for single rows and trees of up to 64 leaves.
///
/// Each tree has a word with one bit per leaf, leftmost first, all set. Every split whose test holds sends the row right, so
/// it clears the leaves on its left; the lowest bit that remains is the leaf that a walk would have found. Splits are kept
/// by feature with rising thresholds: a feature's splits that hold are a prefix, and no other split is looked at.
///
/// Equal to ``TreeEnsemble/margins(_:)`` bit for bit: only the search for the leaf differs, not the sum.
///
/// - SeeAlso: Lucchese and others, "QuickScorer: a fast algorithm to rank documents with additive ensembles of regression
///   trees", SIGIR 2015.
struct QuickScorer<Scalar: KernelScalar>: Sendable {
    /// Leaves of a tree that one word can stand for.
    static var leafCountMax: Int { 64 }

    /// What a split leaves of a tree's leaves when its test holds.
    private struct Mask {
        let tree: UInt16
        let keep: UInt64
    }

    private let ensemble: TreeEnsemble<Scalar>
    private let thresholds: KernelTable<Scalar>
    private let singleThresholds: KernelTable<Float>
    /// Where each feature's splits start, and one end more.
    private let starts: KernelTable<UInt32>
    private let masks: Masks
    private let missingStarts: KernelTable<UInt32>
    private let missing: Masks
    /// Splits whose test is no plain comparison; each is evaluated.
    private let irregular: [TreeNode<Scalar>]
    private let irregularMasks: Masks
    private let trees: KernelTable<ind_quick_tree>
    private let values: KernelTable<Scalar>
    /// Whether a tree has more than 32 leaves.
    private let isWide: Bool

    /// Masks as C reads them, in words of 32 or 64 bits.
    private struct Masks: Sendable {
        private let trees: KernelTable<UInt16>
        private let narrow: KernelTable<UInt32>?
        private let wide: KernelTable<UInt64>?

        init(_ masks: [Mask], isWide: Bool) {
            self.trees = KernelTable(masks.map(\.tree))
            self.narrow = isWide ? nil : KernelTable(masks.map { UInt32(truncatingIfNeeded: $0.keep) })
            self.wide = isWide ? KernelTable(masks.map(\.keep)) : nil
        }

        var table: ind_quick_masks {
            let narrow = unsafe self.narrow.map { unsafe UnsafeRawPointer($0.base) }
            let wide = unsafe self.wide.map { unsafe UnsafeRawPointer($0.base) }
            return unsafe ind_quick_masks(trees: self.trees.base, words: narrow ?? wide)
        }
    }

    /// What a row needs while it is scored.
    struct Scratch: Sendable {
        fileprivate var words: [UInt64]
        fileprivate var holding: [UInt32] = []
        fileprivate var sums: [Scalar]
    }

    /// - Returns: `nil` when a tree has more than ``leafCountMax`` leaves, or for more trees than 16 bits can number.
    init?(_ ensemble: TreeEnsemble<Scalar>) {
        guard ensemble.trees.count <= Int(UInt16.max),
            ensemble.trees.allSatisfy({ $0.group <= Int(UInt16.max) && $0.leafWidth <= Int(UInt16.max) })
        else { return nil }
        var regular = [[(threshold: Scalar, mask: Mask)]](repeating: [], count: ensemble.featureCount)
        var missing = [[Mask]](repeating: [], count: ensemble.featureCount)
        var irregular: [(node: TreeNode<Scalar>, mask: Mask)] = []
        var trees: [ind_quick_tree] = []
        var isWide = false
        for (index, tree) in ensemble.trees.enumerated() {
            let shape = TreeShape(ensemble, tree)
            guard shape.leafCount <= Self.leafCountMax else { return nil }
            isWide = isWide || shape.leafCount > 32
            trees.append(
                ind_quick_tree(
                    first_value: UInt32(shape.firstValue),
                    group: UInt16(tree.group),
                    leaf_width: UInt16(tree.leafWidth),
                )
            )
            for position in shape.splitsByLevel {
                let node = ensemble.nodes[position]
                let left: UInt64 = (1 << UInt64(shape.leavesLeft(of: position))) &- 1
                let mask = Mask(tree: UInt16(index), keep: ~(left << UInt64(shape.leaves(before: position))))
                guard node.kind == .above else {
                    irregular.append((node, mask))
                    continue
                }
                regular[Int(node.feature)].append((node.threshold, mask))
                if node.missingGoesRight { missing[Int(node.feature)].append(mask) }
            }
        }
        for feature in regular.indices { regular[feature].sort { $0.threshold < $1.threshold } }
        let thresholds = regular.joined().map(\.threshold)
        self.ensemble = ensemble
        self.thresholds = KernelTable(thresholds)
        self.singleThresholds = KernelTable(thresholds.map { Scalar.single($0) })
        self.starts = KernelTable(Self.starts(regular))
        self.masks = Masks(regular.joined().map(\.mask), isWide: isWide)
        self.missingStarts = KernelTable(Self.starts(missing))
        self.missing = Masks(Array(missing.joined()), isWide: isWide)
        self.irregular = irregular.map(\.node)
        self.irregularMasks = Masks(irregular.map(\.mask), isWide: isWide)
        self.trees = KernelTable(trees)
        self.values = KernelTable(ensemble.leafValues)
        self.isWide = isWide
    }

    private static func starts<Element>(_ parts: [[Element]]) -> [UInt32] {
        parts.reduce(into: [0]) { starts, part in starts.append((starts.last ?? 0) + UInt32(part.count)) }
    }

    func scratch() -> Scratch {
        Scratch(
            words: [UInt64](repeating: 0, count: max(1, self.ensemble.trees.count)),
            sums: [Scalar](repeating: 0, count: self.ensemble.groupCount),
        )
    }

    /// Appends the margins of one row.
    func append(_ row: KernelRows, _ scratch: inout Scratch, to margins: inout [Scalar]) {
        precondition(row.count == 1 && row.stride == self.ensemble.featureCount, "a row has one value per feature")
        scratch.holding.removeAll(keepingCapacity: true)
        for (position, node) in self.irregular.enumerated()
        where self.ensemble.goesRight(node, row.value(0, Int(node.feature))) {
            scratch.holding.append(UInt32(position))
        }
        for group in scratch.sums.indices { scratch.sums[group] = self.ensemble.startSum(group) }
        var forest = unsafe ind_quick_forest(
            feature_count: self.ensemble.featureCount,
            starts: self.starts.base,
            masks: self.masks.table,
            missing_starts: self.missingStarts.base,
            missing: self.missing.table,
            irregular: self.irregularMasks.table,
            trees: self.trees.base,
            tree_count: self.ensemble.trees.count,
        )
        unsafe scratch.words.withUnsafeMutableBytes { words in
            unsafe scratch.holding.withUnsafeBufferPointer { holding in
                unsafe scratch.sums.withUnsafeMutableBufferPointer { sums in
                    guard let words = words.baseAddress, let sums = sums.baseAddress else { return }
                    unsafe withUnsafePointer(to: &forest) { forest in
                        let call = unsafe QuickCall(
                            forest: forest,
                            thresholds: self.thresholds.base,
                            singleThresholds: self.singleThresholds.base,
                            values: self.values.base,
                            holding: holding.baseAddress,
                            holdingCount: holding.count,
                            row: row,
                            isWide: self.isWide,
                            words: words,
                        )
                        unsafe Scalar.addQuickly(call, to: sums)
                    }
                }
            }
        }
        for group in scratch.sums.indices { margins.append(self.ensemble.margin(scratch.sums[group], group)) }
    }
}
