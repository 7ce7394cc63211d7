/// Boosted trees in the one form that all loaders compile to and all kernels start from.
///
/// Margins are sums in tree order in the arithmetic of the library that trained the model: `Float` for XGBoost, `Double`
/// for LightGBM. Each row is walked plainly here; the kernels are tested against this.
package struct TreeEnsemble<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
    package struct Tree: Equatable, Sendable {
        /// Position of the root in ``TreeEnsemble/nodes``.
        package let root: Int
        /// One past the tree's last node.
        package let end: Int
        /// The output group that the tree adds to; the first of ``leafWidth`` groups.
        package let group: Int
        /// Values at each leaf: 1, or the number of groups for trees with vector leaves.
        package let leafWidth: Int
    }

    package internal(set) var nodes: [TreeNode<Scalar>] = []
    package internal(set) var trees: [Tree] = []
    package internal(set) var leafValues: [Scalar] = []
    /// Sorted, without repetition.
    package internal(set) var categorySets: [[Int32]] = []
    /// What training rows each node met, counted or weighed, by node.
    ///
    /// NaN where the file does not say.
    package internal(set) var covers: [Double] = []
    /// What each group's margin holds beside its leaves.
    package internal(set) var baseMargins: [Scalar]
    /// Whether sums start from the base margins; else these are added last, as ONNX has it.
    var startsFromBase = true
    /// What a sum of leaves is divided by: the number of trees where they are averaged.
    var divisor: Scalar = 1
    /// Values in a row.
    package let featureCount: Int

    /// Absolute values up to this one are zero to LightGBM: `1e-35` rounded to binary32.
    package static var zeroMax: Scalar { Scalar(Float(1e-35)) }

    init(featureCount: Int, baseMargins: [Scalar]) {
        self.featureCount = featureCount
        self.baseMargins = baseMargins
    }

    package var groupCount: Int { self.baseMargins.count }

    /// The raw margins of one row, one per group.
    ///
    /// - Precondition: `row` has ``featureCount`` values; NaN stands for a missing one.
    package func margins(_ row: [Scalar]) -> [Scalar] {
        precondition(row.count == self.featureCount, "a row has one value per feature")
        var sums = self.baseMargins.indices.map(self.startSum)
        for tree in self.trees {
            let leaf = self.nodes[self.leaf(of: tree, row)]
            let first = Int(leaf.feature)
            for offset in 0..<tree.leafWidth {
                sums[tree.group + offset] += self.leafValues[first + offset]
            }
        }
        return sums.indices.map { self.margin(sums[$0], $0) }
    }

    /// Where the sum of a group's leaves starts.
    func startSum(_ group: Int) -> Scalar { self.startsFromBase ? self.baseMargins[group] : 0 }

    /// The margin that a sum of leaves leads to.
    func margin(_ sum: Scalar, _ group: Int) -> Scalar {
        self.startsFromBase ? sum : sum / self.divisor + self.baseMargins[group]
    }

    /// The leaf that each tree leads the row to, by the number that the training library gives it.
    package func leaves(_ row: [Scalar]) -> [Int] {
        precondition(row.count == self.featureCount, "a row has one value per feature")
        return self.trees.map { Int(self.nodes[self.leaf(of: $0, row)].right) }
    }

    private func leaf(of tree: Tree, _ row: [Scalar]) -> Int {
        var position = tree.root
        while self.nodes[position].kind != .leaf {
            let node = self.nodes[position]
            position = self.goesRight(node, row[Int(node.feature)]) ? Int(node.right) : position + 1
        }
        return position
    }

    /// - Precondition: `node` is a split.
    func goesRight(_ node: TreeNode<Scalar>, _ value: Scalar) -> Bool {
        if value.isNaN { return node.missingGoesRight }
        switch node.kind {
        case .above: return value > node.threshold
        case .aboveZeroMissing:
            return value.magnitude <= Self.zeroMax ? node.missingGoesRight : value > node.threshold
        case .inSet: return value >= 0 && self.contains(self.categorySets[node.set], value)
        case .notInSet: return !self.contains(self.categorySets[node.set], value)
        case .oneOf: return self.categorySets[node.set].contains(Self.pattern(value))
        case .leaf: preconditionFailure("a leaf decides nothing")
        }
    }

    /// What stands for a value in a set of exact values; zero has one sign.
    static func pattern(_ value: Scalar) -> Int32 { Int32(bitPattern: (Float(value) + 0).bitPattern) }

    /// Whether the set has the value's whole part, truncated towards zero.
    private func contains(_ set: [Int32], _ value: Scalar) -> Bool {
        guard let category = Int32(exactly: value.rounded(.towardZero)) else { return false }
        var low = 0
        var high = set.count
        while low < high {
            let middle = (low + high) / 2
            if set[middle] < category { low = middle + 1 } else { high = middle }
        }
        return low < set.count && set[low] == category
    }
}
