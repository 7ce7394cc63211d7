internal import Primitives

/// How much each feature moves the margins of a row: what explains a score to people.
///
/// Computed in binary64 in one order, so that a machine that computes it again gets the same bits. It never decides anything.
struct TreeExplainer<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
    let ensemble: TreeEnsemble<Scalar>
    /// The mean over the training rows of what each node's leaves add, one per group of its tree; by node.
    private let means: [[Double]]

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the file does not say how many training rows met each node, or
    ///   a tree is deeper than ``ModelExplainer/depthMax``.
    init(_ ensemble: TreeEnsemble<Scalar>) throws(IndelibleError) {
        self.ensemble = ensemble
        var means = [[Double]](repeating: [], count: ensemble.nodes.count)
        for (index, tree) in ensemble.trees.enumerated() {
            guard TreeShape(ensemble, tree).depth <= ModelExplainer.depthMax else {
                throw .notExplained("tree \(index) is more than \(ModelExplainer.depthMax) splits deep")
            }
            // Children stand after their parents.
            for position in (tree.root..<tree.end).reversed() {
                let node = ensemble.nodes[position]
                if node.kind == .leaf {
                    means[position] = (0..<tree.leafWidth).map { Double(ensemble.leafValues[Int(node.feature) + $0]) }
                    continue
                }
                let (left, right) = (position + 1, Int(node.right))
                let (all, first, second) = (
                    ensemble.covers[position], ensemble.covers[left], ensemble.covers[right],
                )
                guard all > 0, first >= 0, second >= 0, all.isFinite, first.isFinite, second.isFinite else {
                    throw .notExplained("it does not say how many training rows met each split")
                }
                means[position] = (0..<tree.leafWidth).map {
                    (means[left][$0] * first + means[right][$0] * second) / all
                }
            }
        }
        self.means = means
    }

    /// What each feature adds along the way that the row takes; the last of each group is what all rows start from.
    ///
    /// Each group's numbers sum to its margin, up to rounding.
    func pathContributions(_ row: [Scalar]) -> [[Double]] {
        var sums = self.start()
        for tree in self.ensemble.trees {
            var position = tree.root
            for offset in 0..<tree.leafWidth {
                sums[tree.group + offset][self.ensemble.featureCount] += self.means[position][offset]
            }
            while self.ensemble.nodes[position].kind != .leaf {
                let node = self.ensemble.nodes[position]
                let feature = Int(node.feature)
                let child = self.ensemble.goesRight(node, row[feature]) ? Int(node.right) : position + 1
                for offset in 0..<tree.leafWidth {
                    sums[tree.group + offset][feature] += self.means[child][offset] - self.means[position][offset]
                }
                position = child
            }
        }
        return self.finish(sums)
    }

    /// The Shapley values of the features; the last of each group is the mean over the training rows.
    ///
    /// Each group's numbers sum to its margin, up to rounding. Exact, in time that grows with leaves times the square of the
    /// depth.
    ///
    /// - SeeAlso: Lundberg and others, "Consistent individualized feature attribution for tree ensembles", 2018, algorithm 2.
    func shapleyValues(_ row: [Scalar]) -> [[Double]] {
        var sums = self.start()
        for tree in self.ensemble.trees {
            for offset in 0..<tree.leafWidth {
                sums[tree.group + offset][self.ensemble.featureCount] += self.means[tree.root][offset]
            }
            self.descend(tree, tree.root, row, ShapleyPath(), zero: 1, one: 1, feature: -1, &sums)
        }
        return self.finish(sums)
    }

    /// - Parameters:
    ///   - zero: Share of the training rows that come here from the last split.
    ///   - one: 1 when the row itself does, else 0.
    ///   - feature: Of the last split.
    private func descend(
        _ tree: TreeEnsemble<Scalar>.Tree,
        _ position: Int,
        _ row: [Scalar],
        _ before: ShapleyPath,
        zero: Double,
        one: Double,
        feature: Int,
        _ sums: inout [[Double]],
    ) {
        // Nobody comes here: it weighs nothing.
        guard zero > 0 || one > 0 else { return }
        var path = before
        path.extend(zero: zero, one: one, feature: feature)
        let node = self.ensemble.nodes[position]
        guard node.kind != .leaf else {
            for index in 1..<path.count {
                let (feature, share) = path.share(of: index)
                for offset in 0..<tree.leafWidth {
                    sums[tree.group + offset][feature] +=
                        share * Double(self.ensemble.leafValues[Int(node.feature) + offset])
                }
            }
            return
        }
        let split = Int(node.feature)
        let earlier = path.removeEarlier(split)
        let goesRight = self.ensemble.goesRight(node, row[split])
        for child in [position + 1, Int(node.right)] {
            self.descend(
                tree,
                child,
                row,
                path,
                zero: earlier.zero * self.ensemble.covers[child] / self.ensemble.covers[position],
                one: (child == position + 1) == goesRight ? 0 : earlier.one,
                feature: split,
                &sums,
            )
        }
    }

    private func start() -> [[Double]] {
        [[Double]](
            repeating: [Double](repeating: 0, count: self.ensemble.featureCount + 1),
            count: self.ensemble.groupCount,
        )
    }

    private func finish(_ sums: [[Double]]) -> [[Double]] {
        sums.enumerated().map { group, values in
            var values = values.map { $0 / Double(self.ensemble.divisor) }
            values[self.ensemble.featureCount] += Double(self.ensemble.baseMargins[group])
            return values
        }
    }
}

extension IndelibleError {
    static func notExplained(_ reason: String) -> IndelibleError {
        IndelibleError(.invalidArgument, "What this model says cannot be explained: \(reason).")
    }
}
