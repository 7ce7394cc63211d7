import Primitives

/// Random LightGBM text models with every kind of split.
struct SmallLightGBM {
    let featureCount: Int
    let text: String
    private let thresholds: [Double]

    init(_ random: inout SplitMix64) {
        let featureCount = Int.random(in: 1...6, using: &random)
        let classCount = Int.random(in: 1...3, using: &random)
        var thresholds: [Double] = []
        var text = """
            tree
            version=v4
            num_class=\(classCount)
            num_tree_per_iteration=\(classCount)
            max_feature_idx=\(featureCount - 1)
            objective=\(classCount == 1 ? "regression" : "multiclass num_class:\(classCount)")

            """
        for index in 0..<classCount * Int.random(in: 1...8, using: &random) {
            text += "\nTree=\(index)\n" + Self.tree(featureCount, &thresholds, &random)
        }
        self.featureCount = featureCount
        self.text = text + "\nend of trees\n"
        self.thresholds = thresholds
    }

    /// A value beside thresholds, on them, missing, tiny, or a category.
    func value(_ random: inout SplitMix64) -> Float {
        let threshold = Float(self.thresholds.randomElement(using: &random) ?? 0)
        return switch Int.random(in: 0..<8, using: &random) {
        case 0: .nan
        case 1: threshold
        case 2: threshold.nextUp
        case 3: threshold.nextDown
        case 4: Float(Int.random(in: -1...40, using: &random))
        case 5: 1e-36
        case 6: 0
        default: Float.random(in: -3...3, using: &random)
        }
    }

    /// Splits grown at random leaves, as the library numbers them.
    private static func tree(
        _ featureCount: Int,
        _ thresholds: inout [Double],
        _ random: inout SplitMix64,
    ) -> String {
        let leafCount = Int.random(in: 1...40, using: &random)
        var left: [Int] = []
        var right: [Int] = []
        var values: [String] = []
        var decisions: [Int] = []
        var setCount = 0
        /// Where each leaf hangs.
        var parents: [(split: Int, isRight: Bool)?] = [nil]
        for split in 0..<leafCount - 1 {
            let leaf = Int.random(in: 0...split, using: &random)
            if let parent = parents[leaf] {
                if parent.isRight { right[parent.split] = split } else { left[parent.split] = split }
            }
            left.append(~leaf)
            right.append(~(split + 1))
            parents[leaf] = (split, false)
            parents.append((split, true))
            if Int.random(in: 0..<6, using: &random) == 0 {
                decisions.append(1)
                values.append("\(setCount)")
                setCount += 1
            } else {
                let threshold = Double.random(in: -2...2, using: &random)
                decisions.append([0, 2, 4, 6, 8, 10].randomElement(using: &random) ?? 0)
                values.append("\(threshold)")
                thresholds.append(threshold)
            }
        }
        func line(_ key: String, _ elements: some Sequence<some Any>) -> String {
            "\(key)=\(elements.map { "\($0)" }.joined(separator: " "))\n"
        }
        var text = line("num_leaves", [leafCount]) + line("num_cat", [setCount])
        if leafCount > 1 {
            text += line("split_feature", left.map { _ in Int.random(in: 0..<featureCount, using: &random) })
            text += line("threshold", values) + line("decision_type", decisions)
            text += line("left_child", left) + line("right_child", right)
        }
        text += line("leaf_value", (0..<leafCount).map { _ in Double.random(in: -1...1, using: &random) })
        if setCount > 0 {
            text += line("cat_boundaries", 0...setCount)
            text += line(
                "cat_threshold",
                (0..<setCount).map { _ in UInt32.random(in: .min ... .max, using: &random) },
            )
        }
        return text
    }
}
