internal import Primitives

extension ONNXForest {
    /// Splits and leaves of TreeEnsemble, which all trees share.
    struct SharedRows {
        /// A position among the splits or among the leaves.
        private struct Reference: Hashable {
            let position: Int64
            let isLeaf: Bool
        }

        private let features: [Int64]
        private let values: [Float]
        private let modes: [Int64]
        private let ifTrue: [Reference]
        private let ifFalse: [Reference]
        private let missingTracksTrue: [Int64]
        /// By split; empty for those that are no member test.
        private let members: [[Float]]
        private let groups: [Int64]
        private let weights: [Float]
        private let groupCount: Int

        init(_ node: ONNXNode, groupCount: Int) throws(IndelibleError) {
            self.features = node.integers("nodes_featureids")
            self.values = node.floats("nodes_splits")
            self.modes = node.integers("nodes_modes")
            self.missingTracksTrue = node.integers("nodes_missing_value_tracks_true")
            self.groups = node.integers("leaf_targetids")
            self.weights = node.floats("leaf_weights")
            self.groupCount = groupCount
            let positions = (node.integers("nodes_truenodeids"), node.integers("nodes_falsenodeids"))
            let kinds = (node.integers("nodes_trueleafs"), node.integers("nodes_falseleafs"))
            let count = self.features.count
            let counts = [
                self.values.count, self.modes.count, positions.0.count, positions.1.count, kinds.0.count,
                kinds.1.count,
            ]
            guard counts.allSatisfy({ $0 == count }), [0, count].contains(self.missingTracksTrue.count),
                self.groups.count == self.weights.count
            else { throw .model("the arrays of its nodes have different lengths") }
            self.ifTrue = zip(positions.0, kinds.0).map { Reference(position: $0, isLeaf: $1 != 0) }
            self.ifFalse = zip(positions.1, kinds.1).map { Reference(position: $0, isLeaf: $1 != 0) }
            let sets = node.floats("membership_values")
            var next = 0
            var members: [[Float]] = []
            for mode in self.modes {
                var set: [Float] = []
                if mode == ONNXTreeNode.Mode.member.rawValue {
                    while next < sets.count, !sets[next].isNaN {
                        set.append(sets[next])
                        next += 1
                    }
                    guard next < sets.count else { throw .model("a set of its members has no end") }
                    next += 1
                }
                members.append(set)
            }
            guard next == sets.count else { throw .model("it has more sets of members than splits that ask for one") }
            self.members = members
        }

        /// The nodes that hang from a split, the root first.
        func tree(from root: Int64, nodeCountMax: Int) throws(IndelibleError) -> [ONNXTreeNode] {
            var order = [Reference(position: root, isLeaf: false)]
            // A tree that is a single leaf is a split with the leaf on both sides.
            if self.features.indices.contains(Int(clamping: root)), self.ifTrue[Int(root)].isLeaf,
                self.ifTrue[Int(root)] == self.ifFalse[Int(root)]
            {
                order = [self.ifTrue[Int(root)]]
            }
            var places = [order[0]: 0]
            var nodes: [ONNXTreeNode] = []
            while nodes.count < order.count {
                let reference = order[nodes.count]
                guard order.count <= nodeCountMax else { throw .model("it has too many nodes") }
                guard !reference.isLeaf else {
                    nodes.append(try self.leaf(reference.position))
                    continue
                }
                let position = Int(clamping: reference.position)
                guard self.features.indices.contains(position) else {
                    throw .model("a tree refers to node \(position), but there are only \(self.features.count)")
                }
                for child in [self.ifTrue[position], self.ifFalse[position]] {
                    guard places.updateValue(order.count, forKey: child) == nil else {
                        throw .model("a tree reaches \(child.isLeaf ? "leaf" : "node") \(child.position) twice")
                    }
                    order.append(child)
                }
                nodes.append(try self.split(position, ifTrue: order.count - 2))
            }
            return nodes
        }

        private func leaf(_ position: Int64) throws(IndelibleError) -> ONNXTreeNode {
            let index = Int(clamping: position)
            guard self.groups.indices.contains(index) else {
                throw .model("a tree refers to leaf \(position), but there are only \(self.groups.count)")
            }
            guard (0..<Int64(self.groupCount)).contains(self.groups[index]) else {
                throw .model("leaf \(position) adds to output group \(self.groups[index]), which does not exist")
            }
            let vote = ONNXTreeNode.Vote(group: Int(self.groups[index]), weight: self.weights[index])
            return ONNXTreeNode(split: nil, votes: [vote], number: index)
        }

        private func split(_ position: Int, ifTrue: Int) throws(IndelibleError) -> ONNXTreeNode {
            guard let mode = ONNXTreeNode.Mode(rawValue: Int(clamping: self.modes[position])) else {
                throw .model("node \(position) has the unknown mode \(self.modes[position])")
            }
            let split = ONNXTreeNode.Split(
                feature: Int(clamping: self.features[position]),
                mode: mode,
                value: self.values[position],
                members: self.members[position],
                missingTracksTrue: !self.missingTracksTrue.isEmpty && self.missingTracksTrue[position] != 0,
                ifTrue: ifTrue,
                ifFalse: ifTrue + 1,
            )
            return ONNXTreeNode(split: split, votes: [], number: 0)
        }
    }
}
