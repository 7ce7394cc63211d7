package import BoostedTrees
import JSONText
import Primitives

/// What a model file holds, in numbers.
package struct ModelSummary {
    private let model: BoostedModel
    private let shape: Shape

    /// Counted over all trees.
    private struct Shape {
        var nodeCount = 0
        var leafCount = 0
        /// Splits on the longest way to a leaf.
        var depthMax = 0
        /// Of one tree.
        var leafCountMax = 0
        let categorySetCount: Int
        let baseMargins: RowScorer.Margins

        init<Scalar>(_ ensemble: TreeEnsemble<Scalar>, baseMargins: RowScorer.Margins) {
            self.categorySetCount = ensemble.categorySets.count
            self.baseMargins = baseMargins
            for tree in ensemble.trees {
                var leaves = 0
                /// Right children still to come, with their depths.
                var pending = [0]
                for node in ensemble.nodes[tree.root..<tree.end] {
                    // Nodes lie in preorder: after a leaf comes the right child that was put aside last.
                    guard let depth = pending.popLast() else { break }
                    if node.kind == .leaf {
                        leaves += 1
                        self.depthMax = max(self.depthMax, depth)
                    } else {
                        pending += [depth + 1, depth + 1]
                    }
                }
                self.nodeCount += tree.end - tree.root
                self.leafCount += leaves
                self.leafCountMax = max(self.leafCountMax, leaves)
            }
        }
    }

    package init(_ model: BoostedModel) {
        self.model = model
        switch model.ensemble {
        case .single(let ensemble): self.shape = Shape(ensemble, baseMargins: .single(ensemble.baseMargins))
        case .double(let ensemble): self.shape = Shape(ensemble, baseMargins: .double(ensemble.baseMargins))
        }
    }

    private var arithmetic: String {
        switch self.model.ensemble {
        case .single: "float32"
        case .double: "float64"
        }
    }

    private var counts: [(key: String, count: Int)] {
        [
            ("features", self.model.featureCount), ("classes", self.model.groupCount),
            ("trees", self.model.treeCount), ("nodes", self.shape.nodeCount), ("leaves", self.shape.leafCount),
            ("depth_max", self.shape.depthMax), ("leaves_max", self.shape.leafCountMax),
            ("category_sets", self.shape.categorySetCount),
        ]
    }

    /// One object, on one line.
    package var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            for (key, text) in [
                ("format", self.model.format.rawValue), ("objective", self.model.objective),
                ("arithmetic", self.arithmetic),
            ] {
                writer.member(key, text)
            }
            for (key, count) in self.counts {
                writer.member(key, count)
            }
            writer.key("feature_names")
            writer.array { for name in self.model.featureNames { $0.string(name) } }
            self.writeBaseMargins(&writer)
            writer.member("file_sha256", self.model.fileHash.hex)
            writer.member("form_sha256", self.model.formHash.hex)
            writer.member("attributes") { writer in
                for (key, text) in self.model.attributes.sorted(by: { $0.key < $1.key }) {
                    writer.member(key, text)
                }
            }
        }
        return writer.text + "\n"
    }

    /// In the model's own arithmetic.
    private func writeBaseMargins(_ writer: inout JSONWriter) {
        writer.key("base_margins")
        writer.array { writer in
            switch self.shape.baseMargins {
            case .single(let values): for value in values { writer.number(value) }
            case .double(let values): for value in values { writer.number(value) }
            }
        }
        writer.key("base_margin_bits")
        writer.array { writer in
            switch self.shape.baseMargins {
            case .single(let values): for value in values { writer.string(ScoredRow.hex(value.bitPattern)) }
            case .double(let values): for value in values { writer.string(ScoredRow.hex(value.bitPattern)) }
            }
        }
    }

    /// For people.
    package var text: String {
        let bases =
            switch self.shape.baseMargins {
            case .single(let values): values.map(\.description)
            case .double(let values): values.map(\.description)
            }
        var text = """
            \(self.model.format.rawValue), \(self.model.objective), sums in \(self.arithmetic)
              trees      \(self.model.treeCount), \(self.shape.leafCount) leaves, at most \(self.shape.leafCountMax) a tree, \
            depth \(self.shape.depthMax)
              features   \(self.model.featureCount)\(self.model.featureNames.isEmpty ? ", without names" : "")
              classes    \(self.model.groupCount), starting at \(bases.joined(separator: ", "))
              file       sha256 \(self.model.fileHash.hex)
              form       sha256 \(self.model.formHash.hex)

            """
        for (key, value) in self.model.attributes.sorted(by: { $0.key < $1.key }) { text += "  \(key) = \(value)\n" }
        return text
    }
}
