package import AuditModel
package import Primitives

/// Judges events: features, margins, category, severity.
package struct Scorer: Sendable {
    package let model: AnalyzerModel
    private var extractor: FeatureExtractor

    package init(model: AnalyzerModel) {
        self.model = model
        self.extractor = FeatureExtractor(schema: model.schema)
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
    /// - Throws: ``IndelibleError/Code/internal`` for a bug of ours.
    package mutating func score(
        index: UInt64,
        slot: UInt8,
        leafHash: Digest,
        _ event: AuditEvent,
    ) throws(IndelibleError) -> Verdict {
        let extract = self.extractor.extract(index: index, slot: slot, event)
        var verdict = Verdict(eventIndex: index, leafHash: leafHash, features: extract.features)
        verdict.actorPrevious = extract.actorPrevious
        try Self.decide(&verdict, self.model)
        return verdict
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
        try Self.decide(&verdict, model)
        return verdict
    }

    /// Everything that follows from the vector.
    private static func decide(_ verdict: inout Verdict, _ model: AnalyzerModel) throws(IndelibleError) {
        let margins = try model.margins(verdict.features)
        let margin = margins[0]
        let severity = model.scale.severity(of: margin)
        verdict.marginBits = margins.map(\.bitPattern)
        verdict.severity = severity.rawValue
        verdict.risk = model.scale.risk(of: margin)
        verdict.category = model.category(verdict.features, severity).rawValue
    }
}
