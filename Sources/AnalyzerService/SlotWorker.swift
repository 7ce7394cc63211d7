import AnalyzerCore
import AuditModel
import Cryptography
import Logging
import Primitives
import ProtobufC
import ServiceKit
import ServiceProtocol
import SigmaRules
import TransparencyLog
import Transport

/// Judges the events of the slots that this process holds, and moves slots in and out as the ledger shares them.
///
/// What is judged but not yet appended outlives a connection: it is sent again, and the ledger knows what it has.
actor SlotWorker {
    /// Memories kept at one time, so that keeping them does not hold up verdicts.
    private static let keptAtOnceMax = 4
    /// Verdicts that are gathered before they are appended, when there is more to judge.
    private static let gatheredCountMax = VerdictStream.pendingCountMax / 2
    /// Of one wait for slots; there is no harm in waiting again.
    private static let standByPause = Duration.seconds(60)
    /// Between questions for slots while others have some to give.
    private static let pauseWhenShort = Duration.milliseconds(200)

    private let member: String
    private let shelf: ModelShelf
    /// `nil` for no rules.
    private let ruleSet: RuleSet?
    private let operatorKey: VerifierKey?
    let metrics: AnalyzerMetrics
    let logger: Logger

    var stream: VerdictStream
    /// ``ruleSet`` with its place in the log, once that is known.
    private var rules: RuleJudge?
    /// By slot, the epoch of its lease.
    private var leases: [UInt8: UInt64] = [:]
    /// What the ledger last said we may hold, when that differs from ``leases``.
    private var offer: [UInt8: UInt64]?
    /// Entries before it were looked at, for all slots; `nil` before the first slot.
    var position: UInt64?
    /// Sent, but not answered: the ledger may have it, and recognises it when it is sent again.
    var unanswered: VerdictRequest?
    var appending: Task<Void, any Error>?
    /// Waits for the ledger's next entries, when nothing else is to be done.
    var waiting: Task<[UInt8]?, any Error>?
    private var renewing: Task<Duration, any Error>?

    init(
        member: String,
        shelf: ModelShelf,
        ruleSet: RuleSet?,
        operatorKey: VerifierKey?,
        metrics: AnalyzerMetrics,
        logger: Logger,
    ) {
        self.member = member
        self.shelf = shelf
        self.ruleSet = ruleSet
        self.operatorKey = operatorKey
        self.metrics = metrics
        self.logger = logger
        self.stream = VerdictStream(model: shelf.own)
    }

    // MARK: Leases

    /// Asks for slots.
    ///
    /// - Returns: after how long to ask again.
    func renew(_ calls: AnalyzerCalls) async throws -> Duration {
        // Two questions at once would contradict each other.
        if let renewing = self.renewing { return try await renewing.value }
        let task = Task { try await self.ask(calls) }
        self.renewing = task
        defer { self.renewing = nil }
        return try await task.value
    }

    private func ask(_ calls: AnalyzerCalls) async throws -> Duration {
        let answer = try await calls.hold(self.member, SlotSet(Set(self.leases.keys).union((self.offer ?? [:]).keys)))
        let granted = Dictionary(uniqueKeysWithValues: answer.slots.map { ($0.slot, $0.epoch) })
        self.offer = granted == self.leases ? nil : granted
        if self.offer != nil { self.waiting?.cancel() }
        let pause = Duration.milliseconds(Int(answer.leaseMilliseconds) / 3)
        // Others are about to give some up.
        let isShort = granted.count < 256 / max(1, Int(answer.memberCount))
        return isShort ? min(pause, Self.pauseWhenShort) : pause
    }

    /// Follows the log until the connection ends.
    func follow(_ calls: AnalyzerCalls) async throws {
        do {
            if let set = self.ruleSet, self.rules == nil {
                self.rules = try await calls.judge(of: set, logger: self.logger)
                self.stream = VerdictStream(model: self.shelf.own, rules: self.rules)
            }
            try await self.resume(calls)
            while !Task.isCancelled {
                repeat {
                    if let offer = self.offer { try await self.take(offer, calls) }
                    _ = try await self.renew(calls)
                } while self.offer != nil
                self.logger.info(
                    "following",
                    metadata: ["from": "\(self.position ?? 0)", "slots": "\(self.leases.count)"],
                )
                try await self.read(calls)
            }
        } catch let error as IndelibleError where Self.loses(error) {
            self.reset()
            throw error
        }
    }

    /// Somebody else has these slots, or we know too little to go on: begin anew.
    static func loses(_ error: IndelibleError) -> Bool {
        [.failedPrecondition, .aborted, .dataLoss, .outOfRange].contains(error.code)
    }

    private func reset() {
        self.metrics.restarts.add()
        self.appending?.cancel()
        self.appending = nil
        self.unanswered = nil
        self.leases = [:]
        self.offer = nil
        self.position = nil
        self.stream = VerdictStream(model: self.shelf.own, rules: self.rules)
        self.metrics.leases([:])
    }

    /// Gives up what is not ours any more, and goes on where others stopped.
    private func take(_ offer: [UInt8: UInt64], _ calls: AnalyzerCalls) async throws {
        do {
            try await self.exchange(offer, calls)
        } catch {
            // Some slots may not be where the others are.
            self.reset()
            throw error
        }
        if self.offer == offer { self.offer = nil }
        self.metrics.leases(self.leases)
    }

    private func exchange(_ offer: [UInt8: UInt64], _ calls: AnalyzerCalls) async throws {
        try await self.flush(calls)
        // Another epoch means that somebody may have had the slot in between.
        for slot in self.leases.keys.sorted() where offer[slot] != self.leases[slot] {
            if let epoch = self.leases[slot] { try? await self.keep(slot, epoch, calls) }
            self.stream.remove(slot)
            self.leases[slot] = nil
        }
        let gained = offer.keys.filter { self.leases[$0] == nil }.sorted()
        guard !gained.isEmpty else { return }
        let memories = try await calls.memories(gained, self.stream.schema)
        let from = memories.values.map(self.stream.start).min() ?? 0
        for slot in gained {
            guard let epoch = offer[slot], let memory = memories[slot] else { continue }
            self.stream.start(slot, epoch: epoch, memory: memory)
            self.leases[slot] = epoch
        }
        let reached = self.position ?? from
        self.position = reached
        try await self.catchUp(gained, from: from, to: reached, calls)
    }

    /// Reads what the memories of new slots do not hold yet, up to where the other slots are.
    private func catchUp(
        _ slots: [UInt8],
        from: UInt64,
        to end: UInt64,
        _ calls: AnalyzerCalls,
    ) async throws {
        guard from < end else { return }
        try await self.prepare(from, calls)
        var view = EntryBatchView()
        for try await payload in calls.events(from: from, to: end, SlotSet(slots)) {
            try view.read(payload.span)
            try await self.judge(view, payload, calls)
        }
        try await self.flush(calls)
    }

    // MARK: What is told of it

    /// The epoch of a slot's lease; `nil` while the slot is somebody else's.
    func epoch(of slot: UInt8) -> UInt64? { self.leases[slot] }

    /// The model in force for an entry; `nil` as long as this is not known.
    func modelInForce(at index: UInt64) -> Digest? {
        guard let position = self.position, position > index else { return nil }
        return self.stream.timeline.judges(of: index).inForce ?? self.shelf.own.hash
    }

    // MARK: Entries

    private func read(_ calls: AnalyzerCalls) async throws {
        guard !self.leases.isEmpty, let from = self.position else { return try await self.standBy(calls) }
        try await self.prepare(from, calls)
        let items = calls.events(from: from, to: nil, SlotSet(self.leases.keys))
        var view = EntryBatchView()
        while self.offer == nil {
            let next = Task {
                var iterator = items.makeAsyncIterator()
                return try await iterator.next()
            }
            guard let payload = try await self.wait(next, calls) else { return }
            try view.read(payload.span)
            try await self.judge(view, payload, calls)
            self.position = view.next
            // While there is more to read, verdicts wait for company: a slot's go into one entry.
            if view.next < view.durableSize, self.stream.pendingCount < Self.gatheredCountMax { continue }
            try await self.startAppending(durableSize: view.durableSize, calls)
            try await self.keepDue(calls)
        }
    }

    /// Waits for an offer.
    private func standBy(_ calls: AnalyzerCalls) async throws {
        while self.offer == nil {
            let nothing = Task<[UInt8]?, any Error> {
                try await Task.sleep(for: Self.standByPause)
                return nil
            }
            _ = try await self.wait(nothing, calls)
        }
    }

    /// - Returns: what the task brings; `nil` when there is something else to do first.
    private func wait(_ task: Task<[UInt8]?, any Error>, _ calls: AnalyzerCalls) async throws -> [UInt8]? {
        self.waiting = task
        defer { self.waiting = nil }
        do {
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch {
            // An append that failed says more than the wait that it ended.
            try await self.settle()
            guard self.offer != nil, !Task.isCancelled else { throw error }
            return nil
        }
    }

    private func judge(_ view: EntryBatchView, _ payload: [UInt8], _ calls: AnalyzerCalls) async throws {
        let before = self.stream.counts
        let leafHashes = HashKernel.best.leafHashes(in: payload.span, view.items.map(\.entry))
        var position = 0
        while position < view.items.count {
            let item = view.items[position]
            if item.kind != .event {
                try await self.note(Array(payload[item.entry]), at: item.index, calls)
                position += 1
            } else if self.stream.isFull {
                try await self.flush(calls)
            } else {
                position = try self.take(view.items[position...], leafHashes, payload.span)
            }
        }
        let after = self.stream.counts
        self.metrics.scored.add(after.scored - before.scored)
        self.metrics.remembered.add(after.remembered - before.remembered)
        self.metrics.unreadable.add(after.unreadable - before.unreadable)
        self.metrics.hits.add(after.hits - before.hits)
    }

    /// Takes events as long as there is room, and nothing else comes.
    ///
    /// - Precondition: there is room for the first.
    /// - Returns: the position of the first item that was not taken.
    private func take(
        _ items: ArraySlice<EntryBatchView.Item>,
        _ leafHashes: [Digest],
        _ payload: Span<UInt8>,
    ) throws(IndelibleError) -> Int {
        for position in items.indices {
            let item = items[position]
            guard item.kind == .event else { return position }
            let hasRoom = try self.stream.take(
                index: item.index,
                slot: item.slot,
                entry: payload.extracting(item.entry),
                leafHash: leafHashes[position],
            )
            self.metrics.scored(item.slot)
            if !hasRoom { return position + 1 }
        }
        return items.endIndex
    }

    /// Takes in what an entry says of models.
    private func note(_ entry: [UInt8], at index: UInt64, _ calls: AnalyzerCalls) async throws {
        guard case .model(let record) = try? Entry(serialized: entry).body,
            let action = ModelTimeline.Action(rawValue: record.action)
        else { return }
        if let key = self.operatorKey, !record.isSigned(byRoot: key.publicKey) {
            self.metrics.refusedRecords.add()
            self.logger.warning(
                "a model record without the operator's signature is ignored",
                metadata: ["index": "\(index)"],
            )
            return
        }
        self.stream.note(ModelTimeline.Change(index: index, model: record.modelHash, action: action))
        try await self.prepare(index + 1, calls)
    }

    /// Sees that the judges of an entry, and how far they are, are known.
    private func prepare(_ index: UInt64, _ calls: AnalyzerCalls) async throws {
        for hash in self.stream.missingModels(at: index) { self.stream.add(try self.shelf.model(hash)) }
        let unknown = self.stream.unknownProgress(at: index)
        guard !unknown.isEmpty else { return }
        for (model, slot, next) in try await calls.progress(unknown) {
            self.stream.setProgress(of: model, slot: slot, to: next)
        }
    }

    // MARK: Memories

    private func keepDue(_ calls: AnalyzerCalls) async throws {
        let due = self.stream.slotsToKeep(at: self.position ?? 0).prefix(Self.keptAtOnceMax)
        guard !due.isEmpty else { return }
        try await self.flush(calls)
        for slot in due { if let epoch = self.leases[slot] { try await self.keep(slot, epoch, calls) } }
    }

    private func keep(_ slot: UInt8, _ epoch: UInt64, _ calls: AnalyzerCalls) async throws {
        guard self.stream.hasNews(slot), let position = self.position else { return }
        let memory = self.stream.keep(slot, at: position)
        try await calls.put(memory, slot: slot, epoch: epoch, self.stream.schema)
        self.metrics.kept.add()
    }

    /// Stops in order: appends what is judged, keeps every memory, and gives the slots back at once.
    func leave(_ calls: AnalyzerCalls) async {
        do {
            try await self.flush(calls)
            for (slot, epoch) in self.leases.sorted(by: { $0.key < $1.key }) {
                try await self.keep(slot, epoch, calls)
            }
            _ = try await calls.hold(self.member, .none, isLeaving: true)
        } catch {
            self.logger.info("the slots come back when their lease ends", metadata: ["reason": "\(error)"])
        }
    }

    /// Gives the slots back without anything else, as long as nothing can be judged.
    func giveUp(_ calls: AnalyzerCalls) async {
        self.reset()
        _ = try? await calls.hold(self.member, .none, isLeaving: true)
    }
}
