import Primitives
import BoostedTrees
import Testing

/// Goal: every kernel gives the bits that the plain walk gives.
///
/// Method: seeded random models of many shapes and rows that hit thresholds exactly, miss them by one step, are missing,
/// or are categories that no set knows.
struct KernelTests {
    @Test(arguments: 0..<60 as Range<UInt64>) func kernelsAgreeOnRandomModels(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let model = Self.model(&random)
        guard case .single(let ensemble) = try BoostedModel(model.json).ensemble else {
            Issue.record("XGBoost models are in single precision")
            return
        }
        let scorer = try #require(QuickScorer(ensemble))
        var scratch = scorer.scratch()
        let thresholds = model.trees.joined().map(\.condition)
        for _ in 0..<40 {
            let row = (0..<model.featureCount).map { _ in Self.value(thresholds, &random) }
            let margins = ensemble.margins(row).map(\.bitPattern)
            #expect(margins == Self.reference(model, row).map(\.bitPattern))
            #expect(scorer.margins(row, &scratch).map(\.bitPattern) == margins)
        }
    }

    @Test func refusesTreesThatNoWordCanHold() throws {
        var model = SmallModel()
        // A chain of 64 splits has 65 leaves.
        model.trees = [
            (0..<129).map { node in
                node < 128 && node.isMultiple(of: 2)
                    ? .init(left: node + 1, right: node + 2, condition: Float(node))
                    : .init(condition: Float(node))
            }
        ]
        model.groups = [0]
        guard case .single(let ensemble) = try BoostedModel(model.json).ensemble else {
            Issue.record("XGBoost models are in single precision")
            return
        }
        #expect(QuickScorer(ensemble) == nil)
        #expect(ensemble.margins([500, 0]) == [128])
        #expect(ensemble.margins([3, 0]) == [5])
    }

    /// Walks the document itself, as XGBoost's rules are written down, without any code of the library.
    private static func reference(_ model: SmallModel, _ row: [Float]) -> [Float] {
        var sums = [Float](repeating: 0.25, count: max(1, model.classCount))
        for (tree, group) in zip(model.trees, model.groups) {
            func value(_ node: SmallModel.Node) -> Float {
                guard node.left != -1 else { return node.condition }
                let input = row[node.feature]
                let goesLeft: Bool
                if input.isNaN {
                    goesLeft = node.defaultLeft
                } else if let categories = node.categories {
                    goesLeft = input < 0 || input >= 16_777_216 || !categories.contains(Int(input))
                } else {
                    goesLeft = input < node.condition
                }
                return value(tree[goesLeft ? node.left : node.right])
            }
            sums[group] += value(tree[0])
        }
        return sums
    }

    private static func model(_ random: inout SplitMix64) -> SmallModel {
        var model = SmallModel()
        model.featureCount = Int.random(in: 1...9, using: &random)
        model.classCount = Bool.random(using: &random) ? 3 : 0
        model.objective = model.classCount == 0 ? "reg:squarederror" : "multi:softprob"
        model.baseScore = "2.5E-1"
        model.trees = (0..<Int.random(in: 0...30, using: &random)).map { _ in Self.tree(model.featureCount, &random) }
        model.groups = model.trees.map { _ in Int.random(in: 0..<max(1, model.classCount), using: &random) }
        return model
    }

    /// A random shape of 1 to 64 leaves, its nodes in the order in which they were split.
    private static func tree(_ featureCount: Int, _ random: inout SplitMix64) -> [SmallModel.Node] {
        var nodes = [SmallModel.Node()]
        var leaves = [0]
        for _ in 1..<Int.random(in: 1...64, using: &random) {
            let node = leaves.remove(at: Int.random(in: leaves.indices, using: &random))
            nodes[node].left = nodes.count
            nodes[node].right = nodes.count + 1
            nodes[node].feature = Int.random(in: 0..<featureCount, using: &random)
            nodes[node].condition = Float(Int.random(in: -20...20, using: &random)) / 4
            nodes[node].defaultLeft = Bool.random(using: &random)
            if Int.random(in: 0..<5, using: &random) == 0 {
                nodes[node].categories = Array(Set((0..<3).map { _ in Int.random(in: 0..<8, using: &random) })).sorted()
            }
            leaves += [nodes.count, nodes.count + 1]
            nodes += [.init(), .init()]
        }
        for leaf in leaves { nodes[leaf].condition = Float.random(in: -1...1, using: &random) }
        return nodes
    }

    private static func value(_ thresholds: [Float], _ random: inout SplitMix64) -> Float {
        let threshold = thresholds.randomElement(using: &random) ?? 0
        return switch Int.random(in: 0..<8, using: &random) {
        case 0: .nan
        case 1: threshold
        case 2: threshold.nextUp
        case 3: threshold.nextDown
        case 4: Float(Int.random(in: -1...9, using: &random))
        case 5: -0.5
        case 6: 3e38
        default: Float.random(in: -6...6, using: &random)
        }
    }
}
