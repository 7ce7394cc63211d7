/// Scores rows without walking trees: the fast kernel for ensembles of small trees.
///
/// Each tree has a word with one bit per leaf, leftmost first, all set. Every split whose test holds sends the row right, so
/// it clears the leaves on its left; the lowest bit that remains is the leaf that a walk would have found. Splits are kept
/// by feature with rising thresholds: a feature's splits that hold are a prefix, and no other split is looked at.
///
/// Equal to ``TreeEnsemble/margins(_:)`` bit for bit: only the search for the leaf differs, not the sum.
///
/// - SeeAlso: Lucchese and others, "QuickScorer: a fast algorithm to rank documents with additive ensembles of regression
///   trees", SIGIR 2015.
package struct QuickScorer<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
    /// Leaves of a tree that one word can stand for.
    package static var leafCountMax: Int { 64 }

    /// A split that the feature order serves, or, in ``missing``, what a missing value does to a tree.
    private struct Mask: Sendable {
        let tree: UInt32
        let keep: UInt64
    }

    /// A split whose test is not a plain comparison; each is evaluated.
    private struct Irregular: Sendable {
        let node: TreeNode<Scalar>
        let mask: Mask
    }

    private let ensemble: TreeEnsemble<Scalar>
    private var thresholds: [Scalar] = []
    private var masks: [Mask] = []
    /// Where each feature's splits start, and one end more.
    private var starts: [Int] = []
    private var missing: [Mask] = []
    private var missingStarts: [Int] = []
    private var irregular: [Irregular] = []
    /// Position of each tree's leftmost leaf's values.
    private var firstValues: [Int] = []

    /// - Returns: `nil` when a tree has more than ``leafCountMax`` leaves: walk such an ensemble.
    package init?(_ ensemble: TreeEnsemble<Scalar>) {
        self.ensemble = ensemble
        var regular = [[(threshold: Scalar, mask: Mask)]](repeating: [], count: ensemble.featureCount)
        var missing = [[Mask]](repeating: [], count: ensemble.featureCount)
        for (index, tree) in ensemble.trees.enumerated() {
            let nodes = ensemble.nodes[tree.root..<tree.end]
            guard nodes.count(where: { $0.kind == .leaf }) <= Self.leafCountMax else { return nil }
            var leaf = 0
            /// Leaves before each node: in preorder, a split's left leaves are those between it and its right child.
            let leavesBefore = nodes.map { node in
                defer { leaf += node.kind == .leaf ? 1 : 0 }
                return leaf
            }
            self.firstValues.append(nodes.first { $0.kind == .leaf }.map { Int($0.feature) } ?? 0)
            for (offset, node) in nodes.enumerated() where node.kind != .leaf {
                let low = UInt64(leavesBefore[offset])
                let high = UInt64(leavesBefore[Int(node.right) - tree.root])
                let left = (1 << high &- 1) & ~(1 << low &- 1) as UInt64
                let mask = Mask(tree: UInt32(index), keep: ~left)
                guard node.kind == .above else {
                    self.irregular.append(Irregular(node: node, mask: mask))
                    continue
                }
                regular[Int(node.feature)].append((node.threshold, mask))
                if node.missingGoesRight { missing[Int(node.feature)].append(mask) }
            }
        }
        for feature in 0..<ensemble.featureCount {
            self.starts.append(self.thresholds.count)
            self.missingStarts.append(self.missing.count)
            for (threshold, mask) in regular[feature].sorted(by: { $0.threshold < $1.threshold }) {
                self.thresholds.append(threshold)
                self.masks.append(mask)
            }
            self.missing += missing[feature]
        }
        self.starts.append(self.thresholds.count)
        self.missingStarts.append(self.missing.count)
    }

    /// The words of all trees, to be reused from row to row.
    package struct Scratch: Sendable {
        fileprivate var words: [UInt64]
    }

    package func scratch() -> Scratch { Scratch(words: [UInt64](repeating: .max, count: self.ensemble.trees.count)) }

    package var groupCount: Int { self.ensemble.groupCount }

    /// The raw margins of one row, one per group.
    ///
    /// - Precondition: `row` has a value per feature, NaN for a missing one; `scratch` comes from this scorer.
    package func margins(_ row: [Scalar], _ scratch: inout Scratch) -> [Scalar] {
        precondition(row.count == self.ensemble.featureCount, "a row has one value per feature")
        for tree in scratch.words.indices { scratch.words[tree] = .max }
        for feature in row.indices { self.apply(feature, row[feature], &scratch.words) }
        for split in self.irregular where self.ensemble.goesRight(split.node, row[Int(split.node.feature)]) {
            scratch.words[Int(split.mask.tree)] &= split.mask.keep
        }
        var sums = self.ensemble.baseMargins
        for (index, tree) in self.ensemble.trees.enumerated() {
            let leaf = scratch.words[index].trailingZeroBitCount
            let first = self.firstValues[index] + leaf * tree.leafWidth
            for offset in 0..<tree.leafWidth {
                sums[tree.group + offset] += self.ensemble.leafValues[first + offset]
            }
        }
        return sums
    }

    private func apply(_ feature: Int, _ value: Scalar, _ words: inout [UInt64]) {
        if value.isNaN {
            for position in self.missingStarts[feature]..<self.missingStarts[feature + 1] {
                words[Int(self.missing[position].tree)] &= self.missing[position].keep
            }
            return
        }
        var position = self.starts[feature]
        let end = self.starts[feature + 1]
        while position < end, value > self.thresholds[position] {
            words[Int(self.masks[position].tree)] &= self.masks[position].keep
            position += 1
        }
    }
}
