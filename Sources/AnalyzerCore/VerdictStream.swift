internal import AuditModel
internal import Cryptography
package import Primitives
internal import ProtobufC
internal import SigmaRules

/// Decides which events get a verdict, and how verdicts are packed into entries: exactly one verdict of each judging model
/// for each event of the analyzer's slots, whatever stops it in between.
///
/// Each model and slot is a consumer of its own, and the sequence number of a batch is the index of its last event plus one.
/// So the ledger's answer to "how far has it come" is where the slot goes on, and a slot can move to another analyzer.
/// Features are taken once per event, for all models. A rule set is one more judge beside them, of whom only hits are told.
package struct VerdictStream: Sendable {
    /// Verdicts that wait to be appended.
    package static let pendingCountMax = 8192
    /// A slot's memory is worth keeping again after so many events, or four for each actor in it..
    package static let eventsPerSnapshotMin = 4096
    /// ..or when the log has grown by so many entries, so that whoever takes over reads no more than that.
    package static let entriesPerSnapshotMax: UInt64 = 1 << 20

    private struct Slot {
        var epoch: UInt64
        /// Events before this index are in the memory of actors.
        var next: UInt64
        var snapshotIndex: UInt64
        var eventsSinceSnapshot = 0
    }

    private struct Judge {
        var judge: ModelJudge
        /// By slot, the index of the last event with a verdict in the log, plus one.
        var progress: [UInt8: UInt64] = [:]
        /// By slot, not yet given out, in log order; the model is asked when they are.
        var pending: [UInt8: [Verdict]] = [:]
    }

    private let own: Digest
    private var extractor: FeatureExtractor
    private var slots: [UInt8: Slot] = [:]
    private var judges: [Judge]
    private var rules: RuleJudge?
    private(set) package var timeline = ModelTimeline()
    /// Positions of those who judge the events of ``activeRange``.
    private var active: [Int] = []
    private var activeRange: Range<UInt64> = 0..<0
    package private(set) var pendingCount = 0
    /// When the oldest pending event was taken in, in nanoseconds since the Unix epoch; 0 when it does not say.
    private var receivedNanoseconds: UInt64 = 0
    package private(set) var counts = Counts()

    /// Events since the start.
    package struct Counts: Equatable, Sendable {
        /// Given a verdict; ``unreadable`` ones included.
        package var scored: UInt64 = 0
        /// Had their verdicts already, and were read to remember their actors.
        package var remembered: UInt64 = 0
        /// Their bytes could not be read.
        package var unreadable: UInt64 = 0
        /// Made a rule true.
        package var hits: UInt64 = 0

        package init(scored: UInt64 = 0, remembered: UInt64 = 0, unreadable: UInt64 = 0, hits: UInt64 = 0) {
            self.scored = scored
            self.remembered = remembered
            self.unreadable = unreadable
            self.hits = hits
        }
    }

    /// A stream without slots.
    ///
    /// - Parameters:
    ///   - model: judges what comes before the log's first promotion.
    ///   - rules: judge beside it; `nil` for none.
    package init(model: AnalyzerModel, rules: RuleJudge? = nil) {
        self.own = model.hash
        self.extractor = FeatureExtractor(schema: model.schema)
        self.judges = [Judge(judge: ModelJudge(model))]
        self.rules = rules
    }

    package var isFull: Bool { self.pendingCount >= Self.pendingCountMax }
    package var schema: FeatureSchema { self.extractor.schema }

    // MARK: Slots

    /// The first event that a slot with this memory must be given.
    package func start(of memory: SlotMemory) -> UInt64 {
        min(memory.index, self.rules?.start(of: memory) ?? memory.index)
    }

    /// Takes a slot over.
    ///
    /// - Parameters:
    ///   - epoch: of its lease.
    ///   - memory: of its actors; the slot's events are to be given from ``start(of:)`` on.
    package mutating func start(_ slot: UInt8, epoch: UInt64, memory: SlotMemory = SlotMemory()) {
        self.slots[slot] = Slot(epoch: epoch, next: memory.index, snapshotIndex: memory.index)
        self.extractor[slot] = memory.actors
        self.rules?.start(slot, memory)
        self.timeline.merge(memory.timeline)
        self.activeRange = 0..<0
    }

    /// Forgets a slot.
    ///
    /// - Precondition: nothing is pending.
    package mutating func remove(_ slot: UInt8) {
        precondition(self.pendingCount == 0, "what is judged is appended before a slot goes")
        self.slots[slot] = nil
        self.extractor.remove(slot)
        self.rules?.remove(slot)
        for position in self.judges.indices { self.judges[position].progress[slot] = nil }
    }

    /// The slots whose memory is worth keeping again, when all entries before `position` were looked at.
    package func slotsToKeep(at position: UInt64) -> [UInt8] {
        self.slots.filter { slot, state in
            let due = max(Self.eventsPerSnapshotMin, 4 * self.extractor[slot].count)
            return state.eventsSinceSnapshot >= due
                || (state.eventsSinceSnapshot > 0 && position - state.snapshotIndex >= Self.entriesPerSnapshotMax)
        }.keys.sorted()
    }

    /// Whether events came for a slot since its memory was kept.
    package func hasNews(_ slot: UInt8) -> Bool { (self.slots[slot]?.eventsSinceSnapshot ?? 0) > 0 }

    /// The memory of a slot, to be kept.
    ///
    /// - Parameter position: all entries before it were looked at, and their verdicts are in the log.
    /// - Precondition: nothing is pending.
    package mutating func keep(_ slot: UInt8, at position: UInt64) -> SlotMemory {
        precondition(self.pendingCount == 0, "a memory is of events that have their verdicts")
        let index = max(position, self.slots[slot]?.next ?? 0)
        self.slots[slot]?.snapshotIndex = index
        self.slots[slot]?.eventsSinceSnapshot = 0
        return SlotMemory(
            index: index,
            actors: self.extractor[slot],
            timeline: self.timeline,
            rules: self.rules?.memory(of: slot),
        )
    }

    // MARK: Models

    /// Who numbers a model's verdicts of a slot, or a rule set's.
    ///
    /// - Parameters:
    ///   - model: its hash, or the rule set's.
    ///   - schema: its hash, or that of the rules' semantics.
    /// - Throws: ``IndelibleError/Code/internal`` when hashing fails.
    package static func consumerID(
        model: Digest,
        schema: Digest,
        slot: UInt8,
    ) throws(IndelibleError) -> [UInt8] {
        let consumer = try SHA256.hash(Array("indelible/analyzer/v1\n".utf8), model.bytes, schema.bytes)
        return ConsumerID.bytes(slot: slot, consumer: consumer)
    }

    /// Takes in what the log says of models.
    package mutating func note(_ change: ModelTimeline.Change) {
        if self.timeline.note(change) { self.activeRange = 0..<0 }
    }

    /// Models that judge the event at `index`, and whose file is missing.
    package func missingModels(at index: UInt64) -> [Digest] {
        self.judging(index).filter { hash in !self.judges.contains { $0.judge.model.hash == hash } }
    }

    /// Takes in a model, of the same schema.
    package mutating func add(_ model: AnalyzerModel) {
        guard !self.judges.contains(where: { $0.judge.model.hash == model.hash }) else { return }
        self.judges.append(Judge(judge: ModelJudge(model)))
        self.activeRange = 0..<0
    }

    /// Whoever judges the event at `index`, in a slot where it is not known how far that is.
    package func unknownProgress(at index: UInt64) -> [(model: Digest, schema: Digest, slot: UInt8)] {
        let judging = self.judging(index)
        let models = self.judges.filter { judging.contains($0.judge.model.hash) }.flatMap { judge in
            self.slots.keys.filter { judge.progress[$0] == nil }.sorted().map {
                (judge.judge.model.hash, self.schema.hash, $0)
            }
        }
        guard let rules = self.rules else { return models }
        return models + rules.unknownSlots.map { (rules.set.hash, rules.schemaHash, $0) }
    }

    /// - Parameter next: the consumer's last sequence number, 0 for none.
    package mutating func setProgress(of model: Digest, slot: UInt8, to next: UInt64) {
        if self.rules?.set.hash == model { self.rules?.setProgress(slot, to: next) }
        guard let position = self.judges.firstIndex(where: { $0.judge.model.hash == model }) else { return }
        self.judges[position].progress[slot] = next
    }

    private func judging(_ index: UInt64) -> [Digest] {
        let judges = self.timeline.judges(of: index)
        return [judges.inForce ?? self.own] + judges.shadows
    }

    private mutating func activate(_ index: UInt64) {
        self.active = self.judging(index).compactMap { hash in
            self.judges.firstIndex { $0.judge.model.hash == hash }
        }
        self.activeRange = index..<(self.timeline.nextChange(after: index) ?? .max)
    }

    // MARK: Events

    /// Takes the next event of one of the slots; one that the slot's memory holds already is passed over.
    ///
    /// - Precondition: a slot's events come in log order, the models that judge it are known and how far they are, and the
    ///   stream is not full.
    /// - Parameter leafHash: of `entry`.
    /// - Returns: whether there is room for another.
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` for an event of another analyzer's slot.
    package mutating func take(
        index: UInt64,
        slot: UInt8,
        entry: Span<UInt8>,
        leafHash: Digest,
    ) throws(IndelibleError) -> Bool {
        precondition(!self.isFull, "events come while there is room")
        guard let next = self.slots[slot]?.next else {
            throw IndelibleError(
                .failedPrecondition,
                "Event \(index) is of slot \(slot), which this analyzer does not have. Check the ledger's version.",
            )
        }
        let awaitsRules = self.rules?.awaits(index, of: slot) ?? false
        guard index >= next || awaitsRules else { return true }
        self.slots[slot]?.eventsSinceSnapshot += 1
        if self.pendingCount == 0 { self.receivedNanoseconds = Self.receivedNanoseconds(entry) }
        let event = Self.event(in: entry)
        if awaitsRules, try self.rules?.take(index: index, slot: slot, leafHash: leafHash, event) == true {
            self.pendingCount += 1
            self.counts.hits += 1
        }
        guard index >= next else { return !self.isFull }
        if !self.activeRange.contains(index) { self.activate(index) }
        self.slots[slot]?.next = index + 1
        let extract = event.map { self.extractor.extract(index: index, slot: slot, $0) }
        var isJudged = false
        for position in self.active {
            guard let done = self.judges[position].progress[slot] else {
                preconditionFailure("it is known how far a model is before events come")
            }
            guard index >= done else { continue }
            isJudged = true
            self.judges[position].pending[slot, default: []].append(Self.verdict(index, leafHash, extract))
            self.pendingCount += 1
        }
        self.counts.remembered += isJudged ? 0 : 1
        self.counts.scored += isJudged ? 1 : 0
        self.counts.unreadable += isJudged && event == nil ? 1 : 0
        return !self.isFull
    }

    /// As ``take(index:slot:entry:leafHash:)``, for an entry whose hash is not known yet.
    package mutating func take(index: UInt64, slot: UInt8, entry: [UInt8]) throws(IndelibleError) {
        _ = try self.take(index: index, slot: slot, entry: entry.span, leafHash: LeafHash.hash(entry))
    }

    private static func verdict(_ index: UInt64, _ leafHash: Digest, _ extract: FeatureExtractor.Extract?) -> Verdict {
        guard let extract else { return Scorer.unreadable(index: index, leafHash: leafHash) }
        return Verdict(
            eventIndex: index,
            leafHash: leafHash,
            features: extract.features,
            actorPrevious: extract.actorPrevious,
        )
    }

    /// Everything taken so far; afterwards nothing is pending.
    package mutating func takePending() -> PendingVerdicts {
        var pending = PendingVerdicts(
            schemaHash: self.schema.hash,
            receivedNanoseconds: self.receivedNanoseconds,
        )
        for position in self.judges.indices {
            let slots = self.judges[position].pending.sorted { $0.key < $1.key }
            guard !slots.isEmpty else { continue }
            self.judges[position].pending.removeAll(keepingCapacity: true)
            let groups = slots.map { slot, verdicts in
                PendingVerdicts.Group(
                    slot: slot,
                    epoch: self.slots[slot]?.epoch ?? 0,
                    after: self.judges[position].progress[slot] ?? 0,
                    verdicts: verdicts,
                )
            }
            pending.add(groups, of: self.judges[position].judge)
            for group in groups {
                if let last = group.verdicts.last { self.judges[position].progress[group.slot] = last.eventIndex + 1 }
            }
        }
        if let hits = self.rules?.takePending(), let rules = self.rules {
            let groups = hits.map { slot, after, verdicts in
                PendingVerdicts.Group(
                    slot: slot,
                    epoch: self.slots[slot]?.epoch ?? 0,
                    after: after,
                    verdicts: verdicts,
                )
            }
            pending.add(groups, ofRuleSet: rules.set.hash, schema: rules.schemaHash)
        }
        self.pendingCount = 0
        return pending
    }

    private static func receivedNanoseconds(_ entry: Span<UInt8>) -> UInt64 {
        guard let range = try? EntryScan(entry).stamp else { return 0 }
        return (try? Stamp(serialized: entry.extracting(range)).receivedNanoseconds) ?? 0
    }

    /// - Returns: `nil` when the bytes are no event.
    static func event(in entry: Span<UInt8>) -> AuditEvent? {
        guard let scan = try? EntryScan(entry), scan.kind == .event else { return nil }
        return try? AuditEvent(serialized: entry.extracting(scan.body))
    }
}

extension VerdictStream {
    /// As ``takePending()``, decided at once.
    package mutating func takeBatches() -> [PendingVerdicts.Batch] { self.takePending().decided() }

    /// A stream of one model whose slots are read from the start of the log.
    ///
    /// - Parameters:
    ///   - rules: judge beside it; none of their hits are in the log.
    ///   - progress: for each slot, how far its consumer has come; 0 for not at all.
    package init(model: AnalyzerModel, rules: RuleJudge? = nil, progress: [UInt8: UInt64]) {
        self.init(model: model, rules: rules)
        for (slot, next) in progress {
            self.start(slot, epoch: 1)
            self.setProgress(of: model.hash, slot: slot, to: next)
            if let rules { self.setProgress(of: rules.set.hash, slot: slot, to: 0) }
        }
    }
}
