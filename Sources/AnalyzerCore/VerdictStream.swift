package import AuditModel
internal import Cryptography
package import Primitives
internal import ProtobufC

/// Decides which events get a verdict, and how verdicts are packed into entries: exactly one verdict for each event of the
/// analyzer's slots, whatever stops it in between.
///
/// Each slot is a producer of its own, and the sequence number of a batch is the index of its last event plus one. So the
/// ledger's answer to "how far has this producer come" is where the slot goes on; and a slot can move to another analyzer.
/// The memory of actors is made again by reading the slots' events from the start.
package struct VerdictStream: Sendable {
    /// Verdicts that wait to be appended.
    package static let pendingCountMax = 8192
    /// Bytes of an entry that its verdicts may not use: the blind, the stamp, hashes, tags and lengths.
    package static let overheadByteCount = 512

    /// One VerdictBatch, to be appended as an entry of kind `verdicts`.
    package struct Batch: Equatable, Sendable {
        package let slot: UInt8
        /// Of its slot's producer: the last event's index, plus one.
        package let sequence: UInt64
        package let verdicts: VerdictBatch
    }

    private var scorer: Scorer
    /// For each slot of this analyzer, the index of the last event with a verdict in the log, plus one.
    private var progress: [UInt8: UInt64]
    /// Not yet given out, in log order; the model is asked when they are.
    private var pending: [UInt8: [Verdict]] = [:]
    package private(set) var pendingCount = 0
    /// One past the last event taken.
    package private(set) var next: UInt64 = 0
    package private(set) var counts = Counts()

    /// Events since the start.
    package struct Counts: Equatable, Sendable {
        /// Given a verdict; ``unreadable`` ones included.
        package var scored: UInt64 = 0
        /// Had their verdict already, and were read to remember their actors.
        package var remembered: UInt64 = 0
        /// Their bytes could not be read.
        package var unreadable: UInt64 = 0

        package init(scored: UInt64 = 0, remembered: UInt64 = 0, unreadable: UInt64 = 0) {
            self.scored = scored
            self.remembered = remembered
            self.unreadable = unreadable
        }
    }

    /// - Parameter progress: for each slot of this analyzer, how far its producer has come; 0 for not at all.
    package init(model: AnalyzerModel, progress: [UInt8: UInt64]) {
        self.scorer = Scorer(model: model)
        self.progress = progress
    }

    package var isFull: Bool { self.pendingCount >= Self.pendingCountMax }

    /// Who numbers the verdicts of a slot: a hash of the model, its feature schema and the slot.
    ///
    /// - Throws: ``IndelibleError/Code/internal`` when hashing fails.
    package static func producerID(_ model: AnalyzerModel, slot: UInt8) throws(IndelibleError) -> [UInt8] {
        try SHA256.hash(
            Array("indelible/analyzer/v1\n".utf8),
            model.hash.bytes,
            model.schema.hash.bytes,
            [slot],
        ).bytes
    }

    /// Takes the next event of one of the slots.
    ///
    /// - Precondition: events come in log order; the stream is not full.
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` for an event of another analyzer's slot.
    package mutating func take(index: UInt64, slot: UInt8, entry: [UInt8]) throws(IndelibleError) {
        precondition(index >= self.next && !self.isFull, "events come in order, while there is room")
        guard let done = self.progress[slot] else {
            throw IndelibleError(
                .failedPrecondition,
                "Event \(index) is of slot \(slot), which this analyzer does not have. Check the ledger's version.",
            )
        }
        self.next = index + 1
        let event = Self.event(in: entry)
        guard index >= done else {
            if let event { self.scorer.remember(index: index, slot: slot, event) }
            self.counts.remembered += 1
            return
        }
        let leafHash = LeafHash.hash(entry)
        let verdict: Verdict
        if let event {
            verdict = self.scorer.begin(index: index, slot: slot, leafHash: leafHash, event)
        } else {
            verdict = Scorer.unreadable(index: index, leafHash: leafHash)
            self.counts.unreadable += 1
        }
        self.pending[slot, default: []].append(verdict)
        self.pendingCount += 1
        self.counts.scored += 1
    }

    /// Everything scored so far, packed, slot by slot; afterwards nothing is pending.
    ///
    /// The caller appends all of it in one request, and keeps it until the ledger has answered.
    package mutating func takeBatches() -> [Batch] {
        var batches: [Batch] = []
        for slot in self.pending.keys.sorted() {
            guard var verdicts = self.pending[slot], let last = verdicts.last else { continue }
            self.scorer.decide(&verdicts)
            for part in Self.parts(verdicts) { batches.append(self.batch(slot, part)) }
            self.progress[slot] = last.eventIndex + 1
        }
        self.pending.removeAll(keepingCapacity: true)
        self.pendingCount = 0
        return batches
    }

    private func batch(_ slot: UInt8, _ verdicts: ArraySlice<Verdict>) -> Batch {
        Batch(
            slot: slot,
            sequence: (verdicts.last?.eventIndex ?? 0) + 1,
            verdicts: VerdictBatch(
                modelHash: self.scorer.model.hash,
                schemaHash: self.scorer.model.schema.hash,
                slot: UInt32(slot),
                verdicts: Array(verdicts),
            ),
        )
    }

    /// Runs of verdicts that each fit an entry.
    private static func parts(_ verdicts: [Verdict]) -> [ArraySlice<Verdict>] {
        var parts: [ArraySlice<Verdict>] = []
        var start = 0
        var byteCount = 0
        for (position, verdict) in verdicts.enumerated() {
            // A tag and a length of at most three bytes stand before each.
            let size = verdict.serialized.count + 4
            if position > start, byteCount + size > EntryScan.entryByteCountMax - Self.overheadByteCount {
                parts.append(verdicts[start..<position])
                start = position
                byteCount = 0
            }
            byteCount += size
        }
        parts.append(verdicts[start...])
        return parts
    }

    /// - Returns: `nil` when the bytes are no event.
    private static func event(in entry: [UInt8]) -> AuditEvent? {
        guard let scan = try? EntryScan(entry.span), scan.kind == .event else { return nil }
        return try? AuditEvent(serialized: Array(entry[scan.body]))
    }
}
