package import AuditModel
package import Primitives

/// Judges events one at a time: what a ``VerdictStream``, which judges many at once, comes to as well.
package struct Scorer: Sendable {
    private var extractor: FeatureExtractor
    private var judge: ModelJudge

    package init(model: AnalyzerModel) {
        self.extractor = FeatureExtractor(schema: model.schema)
        self.judge = ModelJudge(model)
    }

    /// The verdict on an event.
    ///
    /// - Precondition: as ``FeatureExtractor/extract(index:slot:_:)``.
    package mutating func score(index: UInt64, slot: UInt8, leafHash: Digest, _ event: AuditEvent) -> Verdict {
        let extract = self.extractor.extract(index: index, slot: slot, event)
        let verdict = Verdict(
            eventIndex: index,
            leafHash: leafHash,
            features: extract.features,
            actorPrevious: extract.actorPrevious,
        )
        var groups = [[verdict]]
        self.judge.decide(&groups)
        return groups[0][0]
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
        ModelJudge.decide(&verdict, try model.margin(verdict.features), model)
        return verdict
    }
}
