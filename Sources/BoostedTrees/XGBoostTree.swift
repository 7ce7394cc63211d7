internal import Primitives

/// One tree of an XGBoost model: parallel arrays with an element per node.
struct XGBoostTree {
    private let index: Int
    private let left: [Int32]
    private let right: [Int32]
    private let features: [Int32]
    private let conditions: [Float]
    private let defaultLeft: [Int32]
    /// 1 marks a categorical split; absent in files older than 1.5.
    private let splitTypes: [Int32]
    private let categorySets: [Int: [Int32]]
    /// Sums of the training rows' second derivatives; empty when the file has none.
    private let covers: [Float]
    private let leafWidth: Int
    private let leafWeights: [Float]

    /// Values from this one on are no categories to XGBoost.
    private static let categoryEnd: Int32 = 1 << 24

    init(_ tree: ModelDocument, index: Int, groupCount: Int) throws(IndelibleError) {
        let parameters = try tree.member("tree_param")
        let count = try parameters.count("num_nodes")
        self.index = index
        self.left = try tree.integers("left_children")
        self.right = try tree.integers("right_children")
        self.features = try tree.integers("split_indices")
        self.conditions = try tree.reals("split_conditions")
        self.defaultLeft = try tree.integers("default_left")
        self.splitTypes =
            try tree.optional("split_type") == nil
            ? [Int32](repeating: 0, count: count) : tree.integers("split_type")
        self.covers = try tree.optional("sum_hessian") == nil ? [] : tree.reals("sum_hessian")
        let width = max(1, try parameters.count("size_leaf_vector", absent: 1))
        self.leafWidth = width
        self.leafWeights = width == 1 ? [] : try tree.reals("leaf_weights")
        self.categorySets = try Self.categorySets(tree, index: index)
        guard count >= 1, self.left.count == count, self.right.count == count, self.features.count == count,
            self.conditions.count == count, self.defaultLeft.count == count, self.splitTypes.count == count
        else { throw .model("tree \(index) claims \(count) nodes, but its arrays differ") }
        guard self.covers.isEmpty || self.covers.count == count else {
            throw .model("tree \(index) claims \(count) nodes, but weighs \(self.covers.count)")
        }
        guard width == 1 || width == groupCount else {
            throw .model("tree \(index) has \(width) values at a leaf for \(groupCount) output groups")
        }
    }

    private static func categorySets(_ tree: ModelDocument, index: Int) throws(IndelibleError) -> [Int: [Int32]] {
        guard tree.optional("categories_nodes") != nil else { return [:] }
        let nodes = try tree.integers("categories_nodes")
        let segments = try tree.integers("categories_segments")
        let sizes = try tree.integers("categories_sizes")
        let categories = try tree.integers("categories")
        guard nodes.count == segments.count, nodes.count == sizes.count else {
            throw .model("tree \(index) has category arrays of different lengths")
        }
        guard categories.allSatisfy({ (0..<Self.categoryEnd).contains($0) }) else {
            throw .model("tree \(index) has a category outside 0..<\(Self.categoryEnd)")
        }
        var sets: [Int: [Int32]] = [:]
        var end = 0
        for (position, node) in nodes.enumerated() {
            let (start, size) = (Int(segments[position]), Int(sizes[position]))
            // The library writes segments one after the other, so a file cannot multiply its categories by overlap.
            guard start == end, size >= 0, start + size <= categories.count else {
                throw .model("tree \(index) has a category segment outside its categories")
            }
            end = start + size
            guard sets.updateValue(Array(categories[start..<end]), forKey: Int(node)) == nil else {
                throw .model("tree \(index) has two category sets for node \(node)")
            }
        }
        return sets
    }

    /// `weight` is DART's; `nil` leaves the values as they are.
    func append(
        to builder: inout EnsembleBuilder<Float>,
        group: Int,
        weight: Float?,
    ) throws(IndelibleError) {
        try builder.append(
            root: 0,
            nodeCount: self.left.count,
            group: group,
            leafWidth: self.leafWidth,
            cover: { self.covers.isEmpty ? nil : Double(self.covers[$0]) },
        ) { (node) throws(IndelibleError) in
            self.left[node] == -1 ? try self.leaf(node, weight) : try self.split(node)
        }
    }

    private func leaf(_ node: Int, _ weight: Float?) throws(IndelibleError) -> EnsembleBuilder<Float>.Source {
        var values: ArraySlice<Float> = [self.conditions[node]]
        if self.leafWidth > 1 {
            // With vector leaves, the right child is the number of the leaf.
            let (first, overflow) = Int(self.right[node]).multipliedReportingOverflow(by: self.leafWidth)
            guard !overflow, first >= 0, first + self.leafWidth <= self.leafWeights.count else {
                throw .model("tree \(self.index), node \(node) has no leaf values")
            }
            values = self.leafWeights[first..<first + self.leafWidth]
        }
        if let weight { values = values.map { $0 * weight }[...] }
        return .leaf(number: node, values: values)
    }

    private func split(_ node: Int) throws(IndelibleError) -> EnsembleBuilder<Float>.Source {
        let test: EnsembleBuilder<Float>.Test
        switch self.splitTypes[node] {
        case 0:
            // Left is `x < threshold`; right is therefore `x > ` the next smaller number, which needs one to exist.
            let threshold = self.conditions[node]
            guard threshold > -.infinity else {
                throw .model("tree \(self.index), node \(node) compares with \(threshold)")
            }
            test = .above(threshold.nextDown, zeroIsMissing: false)
        case 1:
            guard let set = self.categorySets[node] else {
                throw .model("tree \(self.index), node \(node) is categorical and has no categories")
            }
            test = .inSet(set)
        case let type: throw .model("tree \(self.index), node \(node) has the unknown split type \(type)")
        }
        return .split(
            feature: Int(self.features[node]),
            test: test,
            left: Int(self.left[node]),
            right: Int(self.right[node]),
            missingGoesRight: self.defaultLeft[node] == 0,
        )
    }
}
