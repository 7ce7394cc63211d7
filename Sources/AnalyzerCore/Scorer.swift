package import AuditModel
package import Primitives

/// Judges events: features, margins, category, severity.
package struct Scorer: Sendable {
    package let model: AnalyzerModel
    private var extractor: FeatureExtractor
    private var margins: AnalyzerModel.BatchMargins

    package init(model: AnalyzerModel) {
        self.model = model
        self.extractor = FeatureExtractor(schema: model.schema)
        self.margins = model.batchScorer()
    }

    /// Remembers an event that has its verdict already.
    ///
    /// - Precondition: as ``FeatureExtractor/extract(index:slot:_:)``.
    package mutating func remember(index: UInt64, slot: UInt8, _ event: AuditEvent) {
        _ = self.extractor.extract(index: index, slot: slot, event)
    }

    /// The verdict on an event.
    ///
    /// - Precondition: as ``FeatureExtractor/extract(index:slot:_:)``.
    package mutating func score(index: UInt64, slot: UInt8, leafHash: Digest, _ event: AuditEvent) -> Verdict {
        var verdicts = [self.begin(index: index, slot: slot, leafHash: leafHash, event)]
        self.decide(&verdicts)
        return verdicts[0]
    }

    /// A verdict with its features, to be completed by ``decide(_:)``.
    ///
    /// - Precondition: as ``FeatureExtractor/extract(index:slot:_:)``.
    mutating func begin(index: UInt64, slot: UInt8, leafHash: Digest, _ event: AuditEvent) -> Verdict {
        let extract = self.extractor.extract(index: index, slot: slot, event)
        var verdict = Verdict(eventIndex: index, leafHash: leafHash, features: extract.features)
        verdict.actorPrevious = extract.actorPrevious
        return verdict
    }

    /// Completes verdicts with what the model says, all at once: scoring many rows together is several times as fast.
    ///
    /// Those without features are left as they are.
    mutating func decide(_ verdicts: inout [Verdict]) {
        let scored = verdicts.indices.filter { !verdicts[$0].features.isEmpty }
        var values: [Float] = []
        values.reserveCapacity(scored.count * self.model.schema.count)
        for position in scored { values += verdicts[position].features.lazy.map(Float.init) }
        let margins = self.margins.margins(values, rowCount: scored.count)
        for (position, margin) in zip(scored, margins) { Self.decide(&verdicts[position], margin, self.model) }
    }

    /// The verdict on an entry that claims to be an event but cannot be read: no features, nothing more than that.
    package static func unreadable(index: UInt64, leafHash: Digest) -> Verdict {
        Verdict(
            eventIndex: index,
            leafHash: leafHash,
            category: ActivityCategory.other.rawValue,
            severity: Severity.none.rawValue,
        )
    }

    /// The verdict that the model reaches from the recorded vector alone: equal to the recorded one, bit for bit, unless
    /// somebody changed it.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the vector does not fit the model's schema.
    package static func replay(_ recorded: Verdict, _ model: AnalyzerModel) throws(IndelibleError) -> Verdict {
        guard !recorded.features.isEmpty else {
            return Self.unreadable(index: recorded.eventIndex, leafHash: recorded.leafHash)
        }
        var verdict = Verdict(
            eventIndex: recorded.eventIndex,
            leafHash: recorded.leafHash,
            features: recorded.features,
            actorPrevious: recorded.actorPrevious,
        )
        Self.decide(&verdict, try model.margin(verdict.features), model)
        return verdict
    }

    /// Everything that follows from the vector and its margin.
    private static func decide(_ verdict: inout Verdict, _ margin: Float, _ model: AnalyzerModel) {
        let severity = model.scale.severity(of: margin)
        verdict.marginBits = [margin.bitPattern]
        verdict.severity = severity.rawValue
        verdict.risk = model.scale.risk(of: margin)
        verdict.category = model.category(verdict.features, severity).rawValue
        // Most events are nothing, and nobody asks why.
        guard severity > .none else { return }
        verdict.contributions = model.contributions(verdict.features).map {
            Verdict.Contribution(feature: UInt32($0.feature), valueBits: $0.value.bitPattern)
        }
    }
}
