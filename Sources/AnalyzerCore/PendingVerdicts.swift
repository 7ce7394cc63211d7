package import AuditModel
package import Primitives

/// Verdicts that models have still to decide, of all their slots: the part of judging that can wait, and run elsewhere.
package struct PendingVerdicts: Sendable {
    /// Bytes of an entry that its verdicts may not use: the blind, the stamp, hashes, tags and lengths.
    package static let overheadByteCount = 512

    /// One VerdictBatch, to be appended as an entry of kind `verdicts`.
    package struct Batch: Equatable, Sendable {
        package let slot: UInt8
        /// Of the slot's lease.
        package let epoch: UInt64
        /// Of its consumer, before the batches that were taken with this one.
        package let after: UInt64
        /// Of its consumer: the last event's index, plus one.
        package let sequence: UInt64
        package let verdicts: VerdictBatch
    }

    /// Of one model and slot, in log order, not empty.
    struct Group: Sendable {
        let slot: UInt8
        let epoch: UInt64
        let after: UInt64
        let verdicts: [Verdict]
    }

    package let schemaHash: Digest
    /// When the oldest of the events was taken in, by its collector's clock, in nanoseconds since the Unix epoch; 0 when no
    /// event says so.
    package let receivedNanoseconds: UInt64
    private var models: [(judge: ModelJudge, groups: [Group])] = []
    /// Of a rule set, decided already.
    private var hits: (set: Digest, schema: Digest, groups: [Group])?

    init(schemaHash: Digest, receivedNanoseconds: UInt64) {
        self.schemaHash = schemaHash
        self.receivedNanoseconds = receivedNanoseconds
    }

    mutating func add(_ groups: [Group], of judge: ModelJudge) { self.models.append((judge, groups)) }

    mutating func add(_ groups: [Group], ofRuleSet set: Digest, schema: Digest) {
        if !groups.isEmpty { self.hits = (set, schema, groups) }
    }

    /// The verdicts, packed, model by model and slot by slot, and last those of rules.
    ///
    /// The caller appends all of them in one request, and keeps it until the ledger has answered.
    package func decided() -> [Batch] {
        var batches: [Batch] = []
        for (judge, groups) in self.models {
            // All slots' at once: a model takes many rows in a fraction of the time that it takes them in by a few.
            var judge = judge
            var verdicts = groups.map(\.verdicts)
            judge.decide(&verdicts)
            for (group, decided) in zip(groups, verdicts) {
                for part in Self.parts(decided) {
                    batches.append(Self.batch(group, part, judge.model.hash, self.schemaHash))
                }
            }
        }
        guard let hits = self.hits else { return batches }
        for group in hits.groups {
            for part in Self.parts(group.verdicts) {
                batches.append(Self.batch(group, part, hits.set, hits.schema, isOfRules: true))
            }
        }
        return batches
    }

    private static func batch(
        _ group: Group,
        _ verdicts: [Verdict],
        _ judge: Digest,
        _ schema: Digest,
        isOfRules: Bool = false,
    ) -> Batch {
        Batch(
            slot: group.slot,
            epoch: group.epoch,
            after: group.after,
            sequence: (verdicts.last?.eventIndex ?? 0) + 1,
            verdicts: VerdictBatch(
                modelHash: judge,
                schemaHash: schema,
                slot: UInt32(group.slot),
                verdicts: verdicts,
                ruleSetHash: isOfRules ? judge : nil,
            ),
        )
    }

    /// Runs of verdicts that each fit an entry.
    private static func parts(_ verdicts: [Verdict]) -> [[Verdict]] {
        let room = EntryScan.entryByteCountMax - Self.overheadByteCount
        var ends: [Int] = []
        var byteCount = 0
        for position in verdicts.indices {
            // A tag and a length of at most three bytes stand before each.
            let size = verdicts[position].byteCountMax + 4
            if position > ends.last ?? 0, byteCount + size > room {
                ends.append(position)
                byteCount = 0
            }
            byteCount += size
        }
        guard !ends.isEmpty else { return [verdicts] }
        return zip([0] + ends, ends + [verdicts.count]).map { Array(verdicts[$0..<$1]) }
    }
}
