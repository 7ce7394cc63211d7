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
    mutating func decide(_ groups: inout [[Verdict]]) {
        let rowCountMax = groups.reduce(0) { $0 + $1.count }
        var values: [Float] = []
        values.reserveCapacity(rowCountMax * self.model.schema.count)
        for group in groups.indices {
            for position in groups[group].indices {
                let features = groups[group][position].features
                for feature in features.indices { values.append(Float(features[feature])) }
            }
        }
        let rowCount = values.count / self.model.schema.count
        var margins = self.margins.margins(values, rowCount: rowCount).makeIterator()
        for group in groups.indices {
            for position in groups[group].indices where !groups[group][position].features.isEmpty {
                guard let margin = margins.next() else { preconditionFailure("each row has a margin") }
                Self.decide(&groups[group][position], margin, self.model)
            }
        }
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
