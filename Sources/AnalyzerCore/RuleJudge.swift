package import AuditModel
package import Primitives
package import SigmaRules

/// Judges events by a rule set, slot by slot, as a ``VerdictStream`` does by models.
///
/// Only hits become verdicts. How far it has come follows from the memory of the slot and the last hit in the log: events
/// between the two are evaluated again, which makes no hit that was not made before, and those before the last hit
/// are evaluated for what correlations remember alone.
package struct RuleJudge: Sendable {
    /// Rules that one verdict names; of more, the most severe.
    package static let hitCountMax = 32
    /// Events that one hit of a correlation names; of more, the last ones.
    package static let eventCountMax = 32

    private struct Slot: Sendable {
        var state = RuleState()
        /// Events before this index are in the state.
        var next: UInt64
    }

    package let set: RuleSet
    let schemaHash: Digest
    /// The first entry that the set counts for.
    package let start: UInt64
    private var slots: [UInt8: Slot] = [:]
    /// By slot, the index of the last event with a hit in the log, plus one.
    private(set) var progress: [UInt8: UInt64] = [:]
    private var pending: [UInt8: [Verdict]] = [:]

    /// - Parameter start: the index of the entry that says that the set is used, plus one.
    /// - Throws: ``IndelibleError/Code/internal`` when hashing fails.
    package init(_ set: RuleSet, start: UInt64) throws(IndelibleError) {
        self.set = set
        self.schemaHash = try RuleSet.semanticsHash()
        self.start = start
    }

    // MARK: Slots

    /// From where a slot must be read whose memory is this.
    func start(of memory: SlotMemory) -> UInt64 { self.state(in: memory) == nil ? self.start : memory.index }

    private func state(in memory: SlotMemory) -> RuleState? {
        guard let rules = memory.rules, rules.set == self.set.hash else { return nil }
        return rules.state
    }

    mutating func start(_ slot: UInt8, _ memory: SlotMemory) {
        let state = self.state(in: memory)
        self.slots[slot] = Slot(state: state ?? RuleState(), next: state == nil ? self.start : memory.index)
    }

    mutating func remove(_ slot: UInt8) {
        self.slots[slot] = nil
        self.progress[slot] = nil
    }

    func memory(of slot: UInt8) -> SlotMemory.Rules {
        SlotMemory.Rules(set: self.set.hash, state: self.slots[slot]?.state ?? RuleState())
    }

    var unknownSlots: [UInt8] { self.slots.keys.filter { self.progress[$0] == nil }.sorted() }

    mutating func setProgress(_ slot: UInt8, to next: UInt64) { self.progress[slot] = next }

    // MARK: Events

    func awaits(_ index: UInt64, of slot: UInt8) -> Bool { index >= self.slots[slot]?.next ?? .max }

    /// Takes the next event of a slot.
    ///
    /// - Precondition: it is awaited, and it is known how far the slot is.
    /// - Parameter event: `nil` when its bytes are no event.
    /// - Returns: whether it is a hit that is not in the log yet.
    mutating func take(
        index: UInt64,
        slot: UInt8,
        leafHash: Digest,
        _ event: AuditEvent?,
    ) throws(IndelibleError) -> Bool {
        guard var held = self.slots[slot], let done = self.progress[slot] else {
            preconditionFailure("it is known how far a slot is before its events come")
        }
        held.next = index + 1
        // Not in two places, which would copy it.
        self.slots[slot] = nil
        defer { self.slots[slot] = held }
        guard let event,
            let verdict = try Self.verdict(self.set, index: index, leafHash: leafHash, event, &held.state),
            index >= done
        else { return false }
        self.pending[slot, default: []].append(verdict)
        return true
    }

    /// What was taken so far, by slot; afterwards nothing is pending.
    mutating func takePending() -> [(slot: UInt8, after: UInt64, verdicts: [Verdict])] {
        let pending = self.pending.sorted { $0.key < $1.key }.map { slot, verdicts in
            (slot, self.progress[slot] ?? 0, verdicts)
        }
        self.pending.removeAll(keepingCapacity: true)
        for (slot, _, verdicts) in pending { if let last = verdicts.last { self.progress[slot] = last.eventIndex + 1 } }
        return pending
    }

    // MARK: One event

    /// The verdict of a rule set on an event; `nil` when no rule holds.
    ///
    /// - Precondition: `state` is of the events of the same slot before this one, since the set counts.
    /// - Throws: ``IndelibleError/Code/internal`` when hashing fails.
    package static func verdict(
        _ set: RuleSet,
        index: UInt64,
        leafHash: Digest,
        _ event: AuditEvent,
        _ state: inout RuleState,
    ) throws(IndelibleError) -> Verdict? {
        let hits = try set.judge(
            RuleSet.Event(
                index: index,
                format: event.format,
                actor: event.actor.id,
                time: event.occurredNanoseconds,
                record: event.raw,
            ),
            &state,
        )
        guard !hits.isEmpty else { return nil }
        let named = hits.sorted { (set.rules[$1.rule].severity, $0.rule) < (set.rules[$0.rule].severity, $1.rule) }
            .prefix(Self.hitCountMax)
        let severity = named.first.map { set.rules[$0.rule].severity } ?? .none
        let folded = EventFacts.foldedAction(event.action)
        var activity = ActivityTable.v1.noHits
        return Verdict(
            eventIndex: index,
            leafHash: leafHash,
            category: ActivityTable.v1.category(ofFoldedAction: folded.span, event, &activity).rawValue,
            risk: severity.ruleRisk,
            severity: severity.rawValue,
            rules: named.sorted { $0.rule < $1.rule }.map { Self.named($0, set) },
        )
    }

    private static func named(_ hit: RuleSet.Hit, _ set: RuleSet) -> RuleHit {
        let rule = set.rules[hit.rule]
        return RuleHit(
            ruleHash: rule.hash,
            id: rule.id,
            title: rule.title,
            level: rule.level.rawValue,
            tags: rule.tags,
            events: Array(hit.events.suffix(Self.eventCountMax)),
        )
    }
}

extension SigmaRule {
    /// What its level asks of people.
    package var severity: Severity {
        switch self.level {
        case .informational: .none
        case .low: .low
        case .medium: .medium
        case .high: .high
        case .critical: .critical
        }
    }
}

extension Severity {
    /// As on the scale of models, where each severity begins.
    fileprivate var ruleRisk: UInt32 {
        switch self {
        case .none: 0
        case .low: 40
        case .medium: 60
        case .high: 80
        case .critical: 95
        }
    }
}
