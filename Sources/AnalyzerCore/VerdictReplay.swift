package import AuditModel
package import Primitives

/// Computes recorded verdicts again, from the events of their slot and the model's file alone.
///
/// Events go through the same ``VerdictStream`` as in an analyzer, so equal means equal to the last bit.
package struct VerdictReplay: Sendable {
    /// A recorded verdict beside the one that follows from the log.
    package struct Comparison: Equatable, Sendable {
        package let recorded: Verdict
        /// `nil` when the log has no such event in that slot.
        package let recomputed: Verdict?
        /// Names of the fields that are not equal, in the order of the record.
        package let differences: [String]

        package var isEqual: Bool { self.differences.isEmpty }

        init(_ recorded: Verdict, _ recomputed: Verdict?) {
            self.recorded = recorded
            self.recomputed = recomputed
            self.differences = recomputed.map { VerdictReplay.differences(recorded, $0) } ?? ["event_index"]
        }
    }

    private var stream: VerdictStream
    private let slot: UInt8
    /// By event, those that have not been computed again.
    private var recorded: [UInt64: Verdict]
    /// Events read so far.
    package private(set) var eventCount: UInt64 = 0

    /// - Parameter verdicts: of one entry and one slot, not empty.
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when another model or feature schema made them.
    package init(_ batch: VerdictBatch, _ verdicts: [Verdict], model: AnalyzerModel) throws(IndelibleError) {
        guard batch.modelHash == model.hash, batch.schemaHash == model.schema.hash else {
            throw IndelibleError(
                .failedPrecondition,
                "These verdicts are of the model with SHA-256 \(batch.modelHash.hex), not of \(model.hash.hex). "
                    + "Give its file with --model.",
            )
        }
        guard let slot = UInt8(exactly: batch.slot), let first = verdicts.map(\.eventIndex).min() else {
            throw IndelibleError(
                .dataLoss,
                "The entry has no verdicts, or of slot \(batch.slot), which does not exist.",
            )
        }
        self.slot = slot
        self.stream = VerdictStream(model: model, progress: [slot: first])
        self.recorded = [:]
        for verdict in verdicts { self.recorded[verdict.eventIndex] = verdict }
    }

    /// Takes the slot's next event, from the first on.
    ///
    /// - Precondition: events come in log order.
    /// - Returns: the comparison, when this is an event of a verdict that was asked for.
    /// - Throws: what ``VerdictStream/take(index:slot:entry:)`` throws.
    package mutating func take(index: UInt64, entry: [UInt8]) throws(IndelibleError) -> Comparison? {
        try self.stream.take(index: index, slot: self.slot, entry: entry)
        self.eventCount += 1
        let computed = self.stream.takeBatches().first?.verdicts.verdicts.first
        guard let computed, let recorded = self.recorded.removeValue(forKey: index) else { return nil }
        return Comparison(recorded, computed)
    }

    /// Verdicts on events that never came.
    package consuming func finish() -> [Comparison] {
        self.recorded.values.sorted { $0.eventIndex < $1.eventIndex }
            .map { Comparison($0, nil) }
    }

    fileprivate static func differences(_ left: Verdict, _ right: Verdict) -> [String] {
        let fields: [(name: String, isEqual: Bool)] = [
            ("event_index", left.eventIndex == right.eventIndex),
            ("leaf_hash", left.leafHash == right.leafHash),
            ("features", left.features == right.features),
            ("margin_bits", left.marginBits == right.marginBits),
            ("category", left.category == right.category),
            ("risk", left.risk == right.risk),
            ("severity", left.severity == right.severity),
            ("actor_previous", left.actorPrevious == right.actorPrevious),
            ("contributions", left.contributions == right.contributions),
            ("rules", left.rules == right.rules),
        ]
        return fields.filter { !$0.isEqual }.map(\.name)
    }
}
