internal import AuditModel
internal import Primitives

/// Completes verdicts with what one model says.
struct ModelJudge: Sendable {
    let model: AnalyzerModel
    private var margins: AnalyzerModel.BatchMargins

    init(_ model: AnalyzerModel) {
        self.model = model
        self.margins = model.batchScorer()
    }

    /// Decides all at once: scoring many rows together is several times as fast.
    ///
    /// Verdicts without features are left as they are.
    mutating func decide(_ verdicts: inout [Verdict]) {
        let scored = verdicts.indices.filter { !verdicts[$0].features.isEmpty }
        var values: [Float] = []
        values.reserveCapacity(scored.count * self.model.schema.count)
        for position in scored { values += verdicts[position].features.lazy.map(Float.init) }
        let margins = self.margins.margins(values, rowCount: scored.count)
        for (position, margin) in zip(scored, margins) { Self.decide(&verdicts[position], margin, self.model) }
    }

    /// Everything that follows from the vector and its margin.
    static func decide(_ verdict: inout Verdict, _ margin: Float, _ model: AnalyzerModel) {
        let severity = model.scale.severity(of: margin)
        verdict.marginBits = [margin.bitPattern]
        verdict.severity = severity.rawValue
        verdict.risk = model.scale.risk(of: margin)
        verdict.category = model.category(verdict.features, margin).rawValue
        // Most events are nothing, and nobody asks why.
        guard severity > .none else { return }
        verdict.contributions = model.contributions(verdict.features).map {
            Verdict.Contribution(feature: UInt32($0.feature), valueBits: $0.value.bitPattern)
        }
    }
}
