internal import BoostedTrees
package import Primitives

/// A boosted-tree model that was trained on a feature schema of ours, with its thresholds: one self-contained file.
///
/// What ties the file to the schema stands in its attributes, so that it is under the file's hash: `indelible.schema`, the
/// schema's hash, and `indelible.threshold.low` to `.critical`, raw margins in decimal.
package struct AnalyzerModel: Sendable {
    /// SHA-256 of the file: what verdicts name.
    package let hash: Digest
    package let schema: FeatureSchema
    package let scale: SeverityScale
    package let name: String
    private let ensemble: TreeEnsemble<Float>
    private let scorer: QuickScorer<Float>?

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
        self.name = model.attributes["indelible.name"] ?? "unnamed"
        self.ensemble = ensemble
        self.scorer = QuickScorer(ensemble)
    }

    /// The raw margins of a vector; the same bits on every machine.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the vector does not have a value per feature.
    package func margins(_ features: [Int32]) throws(IndelibleError) -> [Float] {
        guard features.count == self.schema.count else {
            throw IndelibleError(
                .invalidArgument,
                "A vector of \(features.count) features does not fit a schema of \(self.schema.count). Use its own model.",
            )
        }
        let row = features.map(Float.init)
        guard let scorer = self.scorer else { return self.ensemble.margins(row) }
        var scratch = scorer.scratch()
        return scorer.margins(row, &scratch)
    }

    /// The table's category, which is a feature; a model call that looks dangerous is abuse.
    func category(_ features: [Int32], _ severity: Severity) -> ActivityCategory {
        let number = Int(features[self.schema.categoryPosition])
        guard ActivityCategory.allCases.indices.contains(number) else { return .other }
        let category = ActivityCategory.allCases[number]
        return category == .genAIUse && severity >= .high ? .genAIAbuse : category
    }

    private static func threshold(_ name: String, _ model: BoostedModel) throws(IndelibleError) -> Float {
        guard let value = model.attributes["indelible.threshold.\(name)"].flatMap({ Float($0) }) else {
            throw Self.unsuitable("it has no threshold for \(name) severity")
        }
        return value
    }

    private static func unsuitable(_ reason: String) -> IndelibleError {
        IndelibleError(.invalidArgument, "This model cannot judge events: \(reason). Make one with tools/train.")
    }
}
