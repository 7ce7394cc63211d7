internal import Primitives

extension ONNXForest {
    /// Nodes of TreeEnsembleClassifier and TreeEnsembleRegressor.
    struct ClassicRows {
        struct Key: Hashable {
            let tree: Int64
            let node: Int64
        }

        private let trees: [Int64]
        private let nodes: [Int64]
        private let features: [Int64]
        private let values: [Float]
        private let modes: [String]
        private let ifTrue: [Int64]
        private let ifFalse: [Int64]
        private let missingTracksTrue: [Int64]

        init(_ node: ONNXNode) throws(IndelibleError) {
            self.trees = node.integers("nodes_treeids")
            self.nodes = node.integers("nodes_nodeids")
            self.features = node.integers("nodes_featureids")
            self.values = node.floats("nodes_values")
            self.modes = node.texts("nodes_modes")
            self.ifTrue = node.integers("nodes_truenodeids")
            self.ifFalse = node.integers("nodes_falsenodeids")
            self.missingTracksTrue = node.integers("nodes_missing_value_tracks_true")
            let counts = [
                self.nodes.count, self.features.count, self.values.count, self.modes.count, self.ifTrue.count,
                self.ifFalse.count,
            ]
            guard counts.allSatisfy({ $0 == self.trees.count }),
                [0, self.trees.count].contains(self.missingTracksTrue.count)
            else { throw .model("the arrays of its nodes have different lengths") }
        }

        /// The trees in the order of their first nodes.
        func trees(_ leaves: [Key: [ONNXTreeNode.Vote]]) throws(IndelibleError) -> [[ONNXTreeNode]] {
            var order: [Int64] = []
            var rows: [Int64: [Int]] = [:]
            for (row, tree) in self.trees.enumerated() {
                if rows[tree] == nil { order.append(tree) }
                rows[tree, default: []].append(row)
            }
            var trees: [[ONNXTreeNode]] = []
            for tree in order { trees.append(try self.tree(tree, rows[tree] ?? [], leaves)) }
            return trees
        }

        private func tree(
            _ tree: Int64,
            _ rows: [Int],
            _ leaves: [Key: [ONNXTreeNode.Vote]],
        ) throws(IndelibleError) -> [ONNXTreeNode] {
            let branches = rows.filter { self.modes[$0] != "LEAF" }
            let children = Set(branches.flatMap { [self.ifTrue[$0], self.ifFalse[$0]] })
            let roots = rows.filter { !children.contains(self.nodes[$0]) }
            guard roots.count == 1 else { throw .model("tree \(tree) has \(roots.count) roots") }
            var places = [self.nodes[roots[0]]: 0]
            for row in rows where row != roots[0] {
                guard places.updateValue(places.count, forKey: self.nodes[row]) == nil else {
                    throw .model("tree \(tree) has two nodes \(self.nodes[row])")
                }
            }
            var result: [ONNXTreeNode] = []
            for row in roots + rows.filter({ $0 != roots[0] }) {
                let key = Key(tree: tree, node: self.nodes[row])
                guard self.modes[row] != "LEAF" else {
                    result.append(
                        ONNXTreeNode(split: nil, votes: leaves[key] ?? [], number: Int(clamping: self.nodes[row]))
                    )
                    continue
                }
                guard let mode = ONNXTreeNode.Mode(name: self.modes[row]) else {
                    throw .model("tree \(tree) has a node of the unknown mode \"\(self.modes[row].prefix(40))\"")
                }
                guard let ifTrue = places[self.ifTrue[row]], let ifFalse = places[self.ifFalse[row]] else {
                    throw .model("tree \(tree), node \(self.nodes[row]) has a child that does not exist")
                }
                let split = ONNXTreeNode.Split(
                    feature: Int(clamping: self.features[row]),
                    mode: mode,
                    value: self.values[row],
                    members: [],
                    missingTracksTrue: !self.missingTracksTrue.isEmpty && self.missingTracksTrue[row] != 0,
                    ifTrue: ifTrue,
                    ifFalse: ifFalse,
                )
                result.append(ONNXTreeNode(split: split, votes: [], number: 0))
            }
            return result
        }
    }
}
