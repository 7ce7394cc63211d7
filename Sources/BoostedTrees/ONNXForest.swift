internal import Primitives

/// The trees of an ONNX node, each with nodes of its own, the root first.
struct ONNXForest {
    private(set) var trees: [[ONNXTreeNode]] = []
    /// One per output group.
    private(set) var baseValues: [Float] = []

    // MARK: TreeEnsembleClassifier and TreeEnsembleRegressor

    /// Nodes and votes are rows of parallel arrays; a tree's and a node's numbers together name a node.
    init(classic node: ONNXNode, limits: ModelLimits) throws(IndelibleError) {
        let prefix = node.isClassifier ? "class" : "target"
        let rows = try ClassicRows(node)
        let votes = (
            trees: node.integers("\(prefix)_treeids"), nodes: node.integers("\(prefix)_nodeids"),
            groups: node.integers("\(prefix)_ids"), weights: node.floats("\(prefix)_weights"),
        )
        guard votes.trees.count == votes.nodes.count, votes.trees.count == votes.groups.count,
            votes.trees.count == votes.weights.count
        else { throw .model("the arrays of its leaves have different lengths") }
        let labelCount = max(node.integers("classlabels_int64s").count, node.texts("classlabels_strings").count)
        var groupCount = node.isClassifier ? labelCount : Int(clamping: node.integer("n_targets", absent: 1))
        // Two labels and one score: the score is the second label's.
        let isBinary = node.isClassifier && labelCount == 2 && Set(votes.groups).count <= 1
        if isBinary { groupCount = 1 }
        guard (1...limits.groupCountMax).contains(groupCount) else {
            throw .model("it claims \(groupCount) output groups; 1 to \(limits.groupCountMax) are allowed")
        }
        var leaves: [ClassicRows.Key: [ONNXTreeNode.Vote]] = [:]
        for (position, tree) in votes.trees.enumerated() {
            let group = isBinary ? 0 : votes.groups[position]
            guard (0..<Int64(groupCount)).contains(group) else {
                throw .model("tree \(tree) adds to output group \(group), which does not exist")
            }
            let key = ClassicRows.Key(tree: tree, node: votes.nodes[position])
            leaves[key, default: []].append(.init(group: Int(group), weight: votes.weights[position]))
        }
        let base = node.floats("base_values")
        if base.isEmpty {
            self.baseValues = [Float](repeating: 0, count: groupCount)
        } else if base.count == groupCount, !isBinary || votes.groups.first ?? 0 == 0 {
            self.baseValues = base
        } else {
            // Also what ONNX Runtime ignores: a base for one score that is not the first label's.
            throw .model("it has \(base.count) base values for \(groupCount) output groups")
        }
        self.trees = try rows.trees(leaves)
    }

    // MARK: TreeEnsemble

    /// Splits and leaves are arrays that all trees share; members of sets follow each other, a NaN after each set.
    init(version5 node: ONNXNode, limits: ModelLimits) throws(IndelibleError) {
        let groupCount = Int(clamping: node.integer("n_targets", absent: 1))
        guard (1...limits.groupCountMax).contains(groupCount) else {
            throw .model("it claims \(groupCount) output groups; 1 to \(limits.groupCountMax) are allowed")
        }
        self.baseValues = [Float](repeating: 0, count: groupCount)
        let rows = try SharedRows(node, groupCount: groupCount)
        var nodeCount = 0
        for root in node.integers("tree_roots") {
            let tree = try rows.tree(from: root, nodeCountMax: limits.nodeCountMax - nodeCount)
            nodeCount += tree.count
            self.trees.append(tree)
        }
    }
}
