internal import BoostedTrees
package import Primitives

/// A boosted-tree model that was trained on a feature schema of ours, with its thresholds: one self-contained file.
///
/// What ties the file to the schema stands in its attributes, so that it is under the file's hash: `indelible.schema`, the
/// schema's hash, and `indelible.threshold.low` to `.critical` and `.abuse`, raw margins in decimal.
package struct AnalyzerModel: Sendable {
    /// SHA-256 of the file: what verdicts name.
    package let hash: Digest
    package let schema: FeatureSchema
    package let scale: SeverityScale
    /// The margin from which on a call of a model is abuse rather than use.
    let abuse: Float
    package let name: String
    /// To be copied: scoring needs memory of its own.
    private let scorer: RowScorer
    /// `nil` when the file does not say how many training rows met each split; verdicts then name no contributions.
    private let explainer: ModelExplainer?

    /// Contributions that a verdict names.
    static let contributionCountMax = 8

    /// Bytes of a model file that an analyzer reads.
    package static let fileByteCountMax = 64 << 20

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the file is no model, or not one for this schema.
    package init(_ file: [UInt8]) throws(IndelibleError) {
        let model = try BoostedModel(file)
        let schema = try FeatureSchema.v1()
        guard case .single(let ensemble) = model.ensemble, ensemble.groupCount == 1 else {
            throw Self.unsuitable("it must be an XGBoost model with one output")
        }
        guard model.attributes["indelible.schema"] == schema.hash.hex else {
            throw Self.unsuitable("it was not trained on feature schema \(schema.hash)")
        }
        guard model.featureNames == schema.names else { throw Self.unsuitable("its features have other names") }
        self.hash = model.fileHash
        self.schema = schema
        self.scale = try SeverityScale(
            low: Self.threshold("low", model),
            medium: Self.threshold("medium", model),
            high: Self.threshold("high", model),
            critical: Self.threshold("critical", model),
        )
        self.abuse = try Self.threshold("abuse", model)
        guard self.abuse.isFinite else { throw Self.unsuitable("its threshold for abuse is not finite") }
        self.name = model.attributes["indelible.name"] ?? "unnamed"
        self.scorer = RowScorer(model)
        self.explainer = try? ModelExplainer(model)
    }

    /// The raw margin of a vector; the same bits on every machine.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the vector does not have a value per feature.
    package func margin(_ features: [Int32]) throws(IndelibleError) -> Float {
        try self.check(features)
        var scorer = self.batchScorer()
        return scorer.margins(features.map(Float.init), rowCount: 1)[0]
    }

    /// The features that moved the margin most on the way through the trees, at most ``contributionCountMax`` of them, the
    /// strongest first.
    ///
    /// - Precondition: `features` has a value per feature.
    func contributions(_ features: [Int32]) -> [(feature: Int, value: Float)] {
        guard let explainer = self.explainer else { return [] }
        let all = explainer.contributions(features.map(Double.init), .path)[0].dropLast()
        return all.enumerated().map { ($0.offset, Float($0.element)) }.filter { $0.1 != 0 }
            .sorted { ($1.1.magnitude, $0.0) < ($0.1.magnitude, $1.0) }
            .prefix(Self.contributionCountMax).map { ($0.0, $0.1) }
    }

    /// The Shapley value of each feature, and last the mean margin of the training rows: they sum to the margin.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the vector does not have a value per feature.
    package func shapleyValues(_ features: [Int32]) throws(IndelibleError) -> [Double] {
        try self.check(features)
        guard let explainer = self.explainer else {
            throw Self.unsuitable("it does not say how many training rows met each split, which explaining needs")
        }
        return explainer.contributions(features.map(Double.init), .shap)[0]
    }

    private func check(_ features: [Int32]) throws(IndelibleError) {
        guard features.count == self.schema.count else {
            throw IndelibleError(
                .invalidArgument,
                "A vector of \(features.count) features does not fit a schema of \(self.schema.count). Use its own model.",
            )
        }
    }

    /// Scores many vectors at once.
    func batchScorer() -> BatchMargins { BatchMargins(scorer: self.scorer) }

    /// The raw margins of vectors that lie one after the other.
    struct BatchMargins: Sendable {
        fileprivate var scorer: RowScorer

        /// - Precondition: `values` has a value per feature of each row.
        mutating func margins(_ values: [Float], rowCount: Int) -> [Float] {
            guard case .single(let margins) = self.scorer.margins(values, rowCount: rowCount) else {
                preconditionFailure("a model of ours sums in binary32")
            }
            return margins
        }
    }

    /// The table's category, which is a feature, unless the margin says that it is the worse form of the same activity.
    ///
    /// Calls of models are abuse from ``abuse`` on. Reading that is of high severity is discovery when it lists things, and
    /// exfiltration when it takes things out of a store.
    func category(_ features: [Int32], _ margin: Float) -> ActivityCategory {
        let number = Int(features[self.schema.categoryPosition])
        guard ActivityCategory.allCases.indices.contains(number) else { return .other }
        let category = ActivityCategory.allCases[number]
        switch category {
        case .genAIUse: return margin >= self.abuse ? .genAIAbuse : .genAIUse
        case .resourceRead, .dataAccess:
            guard self.scale.severity(of: margin) >= .high else { return category }
            if features[self.schema.listingPosition] > 0 { return .discovery }
            return category == .dataAccess || features[self.schema.storePosition] > 0 ? .exfiltration : category
        default: return category
        }
    }

    private static func threshold(_ name: String, _ model: BoostedModel) throws(IndelibleError) -> Float {
        guard let value = model.attributes["indelible.threshold.\(name)"].flatMap({ Float($0) }) else {
            throw Self.unsuitable("it has no threshold for \(name)")
        }
        return value
    }

    private static func unsuitable(_ reason: String) -> IndelibleError {
        IndelibleError(.invalidArgument, "This model cannot judge events: \(reason). Make one with tools/train.")
    }
}
