internal import Primitives

/// What a LightGBM text model says (`tree`, version v2 to v4), checked and compiled.
///
/// Everything up to `end of trees` is read; what follows does not change a prediction.
struct LightGBMModel {
    let ensemble: TreeEnsemble<Double>
    let transform: OutputTransform
    let objective: String
    let featureNames: [String]
    /// Random forests predict from the mean of their iterations; their margins are plain sums all the same.
    let averagedIterations: Int

    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the reason.
    init(_ bytes: [UInt8], limits: ModelLimits) throws(IndelibleError) {
        var lines = LightGBMLines(bytes)
        let (header, isTree) = try lines.section()
        guard header["version"].map({ ["v2", "v3", "v4"].contains($0) }) ?? false else {
            throw .model("it is not LightGBM text of version v2, v3 or v4")
        }
        let groups = try header.count("num_tree_per_iteration")
        guard (1...limits.groupCountMax).contains(groups) else {
            throw .model("it claims \(groups) trees per iteration; 1 to \(limits.groupCountMax) are allowed")
        }
        let featureCount = try header.count("max_feature_idx") + 1
        var builder = try EnsembleBuilder<Double>(
            featureCount: featureCount,
            baseMargins: [Double](repeating: 0, count: groups),
            limits: limits,
        )
        var index = 0
        var more = isTree
        while more {
            let (section, isTree) = try lines.section()
            guard try section.count("Tree") == index else { throw .model("tree \(index) is missing or out of order") }
            try LightGBMTree(section, index: index).append(to: &builder, group: index % groups)
            index += 1
            more = isTree
        }
        guard index.isMultiple(of: groups) else { throw .model("its last iteration is not complete") }
        self.ensemble = builder.finish()
        let name = header["objective"] ?? ""
        self.objective = name
        self.transform = try Self.transform(name)
        self.averagedIterations = header["average_output"] == nil ? 1 : max(1, index / groups)
        self.featureNames = header["feature_names"].map { $0.split(separator: " ").map(String.init) } ?? []
        guard self.featureNames.isEmpty || self.featureNames.count == featureCount else {
            throw .model("it has \(self.featureNames.count) feature names for \(featureCount) features")
        }
    }

    private static func transform(_ objective: String) throws(IndelibleError) -> OutputTransform {
        let words = objective.split(separator: " ")
        var slope = 1.0
        for word in words where word.hasPrefix("sigmoid:") {
            guard let value = Double(word.dropFirst("sigmoid:".count)), value.isFinite, value > 0 else {
                throw .model("its objective \"\(objective)\" has no usable sigmoid")
            }
            slope = value
        }
        switch words.first {
        case "binary", "multiclassova": return .sigmoid(slope: slope)
        case "cross_entropy": return .sigmoid(slope: 1)
        case "multiclass": return .softmax
        case "poisson", "gamma", "tweedie": return .exponential
        case "regression" where words.contains("sqrt"): return .signedSquare
        case "regression", "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg":
            return .identity
        default: throw .model("its objective \"\(objective)\" is not supported")
        }
    }
}
