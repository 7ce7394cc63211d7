internal import Primitives

/// What a model file of XGBoost's says, checked and compiled.
///
/// The document is the same in JSON and in UBJSON. Bases of several groups, parallel trees, vector leaves, DART weights
/// and category sets are covered; linear boosters and recoded categories are refused.
struct XGBoostModel {
    let ensemble: TreeEnsemble<Float>
    let transform: OutputTransform
    let objective: String
    let featureNames: [String]
    /// Texts that whoever trained the model added.
    let attributes: [String: String]

    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the reason.
    init(_ document: ModelDocument, limits: ModelLimits) throws(IndelibleError) {
        let learner = try document.member("learner")
        let parameters = try learner.member("learner_model_param")
        let objective = try XGBoostObjective(name: learner.member("objective").text("name"))
        let groupCount = max(1, try parameters.count("num_class"), try parameters.count("num_target", absent: 1))
        guard groupCount <= limits.groupCountMax else {
            throw .model("it claims \(groupCount) output groups; at most \(limits.groupCountMax) are allowed")
        }
        let base = try Self.baseScores(parameters.text("base_score"), groupCount: groupCount)
        var builder = try EnsembleBuilder<Float>(
            featureCount: parameters.count("num_feature"),
            baseMargins: base.map(objective.margin),
            limits: limits,
        )
        let (model, weights) = try Self.booster(learner.member("gradient_booster"))
        let trees = try model.list("trees")
        let groups = try model.integers("tree_info")
        guard try model.member("gbtree_model_param").count("num_trees") == trees.count, groups.count == trees.count,
            weights.map({ $0.count == trees.count }) ?? true
        else { throw .model("its tree count, trees, tree_info and weights do not match") }
        for (index, tree) in trees.enumerated() {
            try XGBoostTree(tree, index: index, groupCount: groupCount).append(
                to: &builder,
                group: Int(groups[index]),
                weight: weights?[index],
            )
        }
        self.ensemble = builder.finish()
        self.transform = objective.transform
        self.objective = objective.name
        self.attributes = try Self.attributes(learner)
        self.featureNames = try Self.names(learner, featureCount: self.ensemble.featureCount)
    }

    /// The model part and, for DART, a weight for each tree.
    private static func booster(
        _ booster: ModelDocument
    ) throws(IndelibleError) -> (model: ModelDocument, weights: [Float]?) {
        let model: ModelDocument
        var weights: [Float]?
        switch try booster.text("name") {
        case "gbtree": model = try booster.member("model")
        case "dart":
            model = try booster.member("gbtree").member("model")
            weights = try booster.reals("weight_drop")
        case let name: throw .model("its booster is \"\(name)\"; only gbtree and dart are supported")
        }
        if case .list(let coded)? = model.optional("cats")?.optional("enc"), !coded.isEmpty {
            throw .model("its categories are coded by name; train with category numbers")
        }
        return (model, weights)
    }

    /// One base score per group, in the objective's output space.
    private static func baseScores(_ text: String, groupCount: Int) throws(IndelibleError) -> [Float] {
        let inner = text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text[...]
        var scores: [Float] = []
        for part in inner.split(separator: ",", omittingEmptySubsequences: false) {
            guard let score = Float(part), score.isFinite else {
                throw .model("its base score \"\(text)\" is no number")
            }
            scores.append(score)
        }
        if scores.count == 1 { return [Float](repeating: scores[0], count: groupCount) }
        guard scores.count == groupCount else {
            throw .model("it has \(scores.count) base scores for \(groupCount) output groups")
        }
        return scores
    }

    private static func attributes(_ learner: ModelDocument) throws(IndelibleError) -> [String: String] {
        guard case .object(let members)? = learner.optional("attributes") else { return [:] }
        var attributes: [String: String] = [:]
        for (key, value) in members {
            guard case .text(let text) = value else { throw .model("an attribute is not text") }
            attributes[key] = text
        }
        return attributes
    }

    private static func names(_ learner: ModelDocument, featureCount: Int) throws(IndelibleError) -> [String] {
        guard case .list(let elements)? = learner.optional("feature_names") else { return [] }
        var names: [String] = []
        for element in elements {
            guard case .text(let name) = element else { throw .model("a feature name is not text") }
            names.append(name)
        }
        guard names.count == featureCount else {
            throw .model("it has \(names.count) feature names for \(featureCount) features")
        }
        return names
    }
}
