import BoostedTrees
import Primitives
import Testing

/// Goal: every kernel gives the bits that the plain walk gives.
///
/// Method: seeded random models of many shapes and rows that hit thresholds exactly, miss them by one step, are missing,
/// or are categories that no set knows.
struct KernelTests {
    @Test(arguments: 0..<60 as Range<UInt64>) func kernelsAgreeOnRandomModels(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let model = Self.model(&random)
        let compiled = try BoostedModel(model.json)
        guard case .single(let ensemble) = compiled.ensemble else {
            Issue.record("XGBoost models are in single precision")
            return
        }
        let thresholds = model.trees.joined().map(\.condition)
        let rows = (0..<150).map { _ in (0..<model.featureCount).map { _ in Self.value(thresholds, &random) } }
        let expected = rows.map { ensemble.margins($0).map(\.bitPattern) }
        #expect(expected == rows.map { Self.reference(model, $0).map(\.bitPattern) })
        Self.check(compiled, rows, Array(expected.joined()))
    }

    /// LightGBM sums in binary64 and has missing values of three kinds; rows come in either precision.
    @Test(arguments: 0..<40 as Range<UInt64>) func kernelsAgreeInDoublePrecision(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let model = SmallLightGBM(&random)
        let compiled = try BoostedModel(Array(model.text.utf8))
        guard case .double(let ensemble) = compiled.ensemble else {
            Issue.record("LightGBM models are in double precision")
            return
        }
        let rows = (0..<150).map { _ in
            (0..<model.featureCount).map { _ in model.value(&random) }
        }
        // Any binary32 is a binary64; the reverse is why rows of binary32 have thresholds of their own.
        let expected = rows.flatMap { ensemble.margins($0.map(Double.init)).map(\.bitPattern) }
        for kernel in TreeKernel.available {
            for method in [nil] + RowScorer.Method.allCases.map(Optional.some) {
                var scorer = RowScorer(compiled, kernel: kernel, method: method)
                let wide = scorer.margins(rows.joined().map(Double.init), rowCount: rows.count)
                let narrow = scorer.margins(Array(rows.joined()), rowCount: rows.count)
                #expect(
                    Self.bits(wide) == expected && Self.bits(narrow) == expected,
                    "\(kernel.name), \(method as Any)",
                )
            }
        }
    }

    /// Every kernel, every method, and batches of every size up to more than a block.
    private static func check(_ model: BoostedModel, _ rows: [[Float]], _ expected: [UInt32]) {
        let values = Array(rows.joined())
        let wide = values.map(Double.init)
        for kernel in TreeKernel.available {
            for method in [nil] + RowScorer.Method.allCases.map(Optional.some) {
                var scorer = RowScorer(model, kernel: kernel, method: method)
                for size in [1, 2, 5, 16, 17, 63, 64, 65, 150] {
                    var bits: [UInt64] = []
                    for first in stride(from: 0, to: rows.count, by: size) {
                        let end = min(first + size, rows.count)
                        let part = Array(values[first * model.featureCount..<end * model.featureCount])
                        bits += Self.bits(scorer.margins(part, rowCount: end - first))
                    }
                    #expect(bits == expected.map(UInt64.init), "\(kernel.name), \(method as Any), batches of \(size)")
                }
                #expect(Self.bits(scorer.margins(wide, rowCount: rows.count)) == expected.map(UInt64.init))
            }
        }
    }

    private static func bits(_ margins: RowScorer.Margins) -> [UInt64] {
        switch margins {
        case .single(let values): values.map { UInt64($0.bitPattern) }
        case .double(let values): values.map(\.bitPattern)
        }
    }

    /// Features with more thresholds than a byte can tell apart, in trees of more leaves than a word has bits.
    @Test(arguments: [2, 40, 64, 65, 200, 256, 300]) func kernelsAgreeOnLargeTrees(leafCount: Int) throws {
        var random = SplitMix64(seed: UInt64(leafCount))
        var model = SmallModel()
        model.featureCount = 3
        model.objective = "reg:squarederror"
        model.trees = (0..<9).map { _ in Self.tree(3, leafCount: leafCount, &random) }
        model.groups = model.trees.map { _ in 0 }
        let compiled = try BoostedModel(model.json)
        guard case .single(let ensemble) = compiled.ensemble else {
            Issue.record("XGBoost models are in single precision")
            return
        }
        let thresholds = model.trees.joined().map(\.condition)
        let rows = (0..<150).map { _ in (0..<3).map { _ in Self.value(thresholds, &random) } }
        Self.check(compiled, rows, rows.flatMap { ensemble.margins($0).map(\.bitPattern) })
        #expect(RowScorer(compiled).method(rowCount: 64) == (leafCount <= 256 ? .blocks : .walk))
        #expect(RowScorer(compiled, method: .quick).method(rowCount: 1) == (leafCount <= 64 ? .quick : .walk))
    }

    @Test func kernelsAreNamed() throws {
        #expect(TreeKernel.available.first == .portable)
        for kernel in TreeKernel.available { #expect(try TreeKernel.named(kernel.name) == kernel) }
        #expect(throws: IndelibleError.self) { try TreeKernel.named("abacus") }
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
        let compiled = try BoostedModel(model.json)
        var scorer = RowScorer(compiled, method: .quick)
        #expect(scorer.method(rowCount: 1) == .walk)
        #expect(scorer.margins([500, 0, 3, 0] as [Float], rowCount: 2) == .single([128, 5]))
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
    private static func tree(
        _ featureCount: Int,
        leafCount: Int? = nil,
        _ random: inout SplitMix64,
    ) -> [SmallModel.Node] {
        var nodes = [SmallModel.Node()]
        var leaves = [0]
        for _ in 1..<(leafCount ?? Int.random(in: 1...64, using: &random)) {
            let node = leaves.remove(at: Int.random(in: leaves.indices, using: &random))
            nodes[node].left = nodes.count
            nodes[node].right = nodes.count + 1
            nodes[node].feature = Int.random(in: 0..<featureCount, using: &random)
            nodes[node].condition =
                leafCount == nil
                ? Float(Int.random(in: -20...20, using: &random)) / 4 : Float.random(in: -6...6, using: &random)
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
