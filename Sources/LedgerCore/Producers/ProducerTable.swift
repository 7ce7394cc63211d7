package import Primitives

/// Which of a producer's items are in the log already: exactly once, within the stated limits.
///
/// A function of the runs added and their order alone, so that a restart that replays them comes to the same answers.
/// When a limit is reached, the producers that have appended least recently are forgotten, and from then on the table
/// refuses unknown producers with an epoch that a forgotten one may have had: it never takes a repeat for something new.
/// Consumers are not forgotten, however long nothing came for them.
package struct ProducerTable: Sendable {
    package let limits: ProducerLimits
    private var positions: [ProducerID: Int] = [:]
    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var oldest = Self.none
    private var newest = Self.none
    private(set) var runCount = 0
    private(set) var consumerCount = 0
    /// The largest epoch of a producer that was forgotten; 0 when none was.
    private(set) var forgottenEpoch: UInt64

    private static let none = -1

    private struct Slot {
        var history: ProducerHistory
        /// Neighbours in order of last append.
        var older: Int
        var newer: Int
    }

    package init(limits: ProducerLimits = ProducerLimits(), forgottenEpoch: UInt64 = 0) {
        self.limits = limits
        self.forgottenEpoch = forgottenEpoch
    }

    package var count: Int { self.positions.count }

    /// What is remembered of `id`; `nil` when nothing is.
    func history(of id: ProducerID) -> ProducerHistory? { self.positions[id].map { self.slots[$0].history } }

    /// Least recent append first.
    var histories: [ProducerHistory] {
        var found: [ProducerHistory] = []
        found.reserveCapacity(self.count)
        var position = self.oldest
        while position != Self.none {
            found.append(self.slots[position].history)
            position = self.slots[position].newer
        }
        return found
    }

    /// The parts of the sequence numbers from `first` up to `end` that are in the log.
    ///
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when that cannot be told any more, or the producer has
    ///   started a later epoch.
    package func known(
        _ id: ProducerID,
        epoch: UInt64,
        from first: UInt64,
        to end: UInt64,
    ) throws(IndelibleError) -> [ProducerRun] {
        guard let position = self.positions[id] else {
            guard epoch > self.forgottenEpoch else { throw Self.tooOld("an epoch that is no longer remembered") }
            return []
        }
        let current = self.slots[position].history.epoch
        if epoch > current { return [] }
        guard epoch == current else { throw Self.tooOld("an epoch that a later one has replaced") }
        guard first > self.slots[position].history.forgotten else {
            throw Self.tooOld("sequence numbers that are no longer remembered")
        }
        return self.slots[position].history.known(from: first, to: end)
    }

    /// Notes that items were appended, none of which was known.
    package mutating func add(_ run: ProducerRun, by id: ProducerID, epoch: UInt64) {
        let position = self.position(of: id, epoch: epoch)
        if epoch > self.slots[position].history.epoch {
            self.runCount -= self.slots[position].history.runs.count
            self.slots[position].history.start(epoch: epoch)
        }
        self.runCount -= self.slots[position].history.runs.count
        let countMax = id.consumerSlot == nil ? self.limits.runsPerProducerMax : self.limits.runsPerConsumerMax
        self.slots[position].history.add(run, countMax: countMax)
        self.runCount += self.slots[position].history.runs.count
        self.makeNewest(position)
        while self.runCount > self.limits.runCountMax || self.count > self.limits.producerCountMax {
            guard self.forgetOldest() else { break }
        }
    }

    /// Takes a history as another table remembered it; histories come least recent append first.
    mutating func restore(_ history: ProducerHistory) {
        let position = self.position(of: history.id, epoch: history.epoch)
        self.slots[position].history = history
        self.runCount += history.runs.count
        self.makeNewest(position)
    }

    private mutating func position(of id: ProducerID, epoch: UInt64) -> Int {
        if let position = self.positions[id] { return position }
        let slot = Slot(history: ProducerHistory(id: id, epoch: epoch), older: Self.none, newer: Self.none)
        let position: Int
        if let free = self.freeSlots.popLast() {
            position = free
            self.slots[free] = slot
        } else {
            position = self.slots.count
            self.slots.append(slot)
        }
        self.positions[id] = position
        if id.consumerSlot != nil { self.consumerCount += 1 }
        self.link(position)
        return position
    }

    private mutating func link(_ position: Int) {
        self.slots[position].older = self.newest
        self.slots[position].newer = Self.none
        if self.newest == Self.none { self.oldest = position } else { self.slots[self.newest].newer = position }
        self.newest = position
    }

    private mutating func unlink(_ position: Int) {
        let (older, newer) = (self.slots[position].older, self.slots[position].newer)
        if older == Self.none { self.oldest = newer } else { self.slots[older].newer = newer }
        if newer == Self.none { self.newest = older } else { self.slots[newer].older = older }
    }

    private mutating func makeNewest(_ position: Int) {
        guard self.newest != position else { return }
        self.unlink(position)
        self.link(position)
    }

    /// - Returns: `false` when there is only one left that may be forgotten.
    private mutating func forgetOldest() -> Bool {
        // Those that stay go to the end of the line, once each.
        for _ in 0..<self.count where self.oldest != Self.none {
            guard self.slots[self.oldest].history.id.consumerSlot != nil else { break }
            self.makeNewest(self.oldest)
        }
        let position = self.oldest
        guard position != self.newest, self.slots[position].history.id.consumerSlot == nil else { return false }
        let history = self.slots[position].history
        self.unlink(position)
        self.positions[history.id] = nil
        self.slots[position].history = ProducerHistory(id: history.id, epoch: 0)
        self.freeSlots.append(position)
        self.runCount -= history.runs.count
        self.forgottenEpoch = max(self.forgottenEpoch, history.epoch)
        return true
    }

    private static func tooOld(_ what: String) -> IndelibleError {
        IndelibleError(
            .failedPrecondition,
            "The producer uses \(what). Start a new epoch; what was acknowledged before is in the log.",
        )
    }
}
