import AnalyzerCore
import AuditModel
import JSONText
import Logging
import Platform
import Primitives
import ProtobufC
import ServiceKit
import ServiceProtocol
import Transport

/// Tells people of verdicts, as they stand in the log: grouped, rate-limited, and what is muted not at all.
///
/// Of several analyzers the holder of slot 0 does it. Where it is, is kept at the ledger like the memory of a slot, so the next
/// holder goes on there; an alert may come twice then, and is never left out.
actor AlertDesk {
    /// The slot whose holder tells.
    static let slot: UInt8 = 0
    private static let stateName = "alerts"
    /// Between looks at what waits, and at who holds the slot.
    private static let pause = Duration.milliseconds(500)
    private static let attemptCountMax = 5
    private static let retryFirst = Duration.seconds(1)
    /// What was judged longer ago is not told when nobody has told anything yet.
    private static let firstAgeMax: UInt64 = 86_400 * 1_000_000_000
    /// Entries after which the place is kept although nothing was told.
    private static let entriesPerStateMax: UInt64 = 1 << 18

    private let outputs: [AlertOutput]
    private let threshold: Severity
    private let metrics: AnalyzerMetrics
    private let logger: Logger
    private let worker: SlotWorker

    private var groups = AlertGroups()
    private var mutes = MuteList()
    private var position: UInt64 = 0
    private var keptPosition: UInt64 = 0
    private var hasNews = false
    /// Verdicts that are older, in nanoseconds since the Unix epoch, are not told.
    private var since: UInt64 = 0

    init(
        outputs: [AlertOutput],
        threshold: Severity,
        worker: SlotWorker,
        metrics: AnalyzerMetrics,
        logger: Logger,
    ) {
        self.outputs = outputs
        self.threshold = threshold
        self.worker = worker
        self.metrics = metrics
        self.logger = logger
    }

    /// Runs until the connection ends.
    func run(_ calls: AnalyzerCalls) async throws {
        guard !self.outputs.isEmpty else {
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
        var lost: UInt64?
        while true {
            if let epoch = await self.worker.epoch(of: Self.slot), epoch != lost {
                try await self.serve(epoch, calls)
                lost = epoch
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// As long as the slot is ours.
    private func serve(_ epoch: UInt64, _ calls: AnalyzerCalls) async throws {
        let kept = try await calls.state(Self.stateName, Self.slot)
        self.groups = AlertGroups()
        self.mutes = MuteList(try Self.mutes(kept?.state ?? []))
        self.position = kept?.index ?? 0
        self.keptPosition = self.position
        let now = SystemClock.wallNanoseconds
        self.since = kept == nil ? now - min(now, Self.firstAgeMax) : 0
        self.logger.info("telling of verdicts", metadata: ["from": "\(self.position)"])
        while await self.worker.epoch(of: Self.slot) == epoch {
            try await self.read(calls)
            try await self.tell()
            guard try await self.keep(epoch, calls) else { return }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Everything up to the log's end.
    private func read(_ calls: AnalyzerCalls) async throws {
        var view = EntryBatchView()
        for try await payload in calls.entries(from: self.position, [.verdicts, .mute]) {
            try view.read(payload.span)
            for item in view.items {
                let entry = try? Entry(serialized: Array(payload[item.entry]))
                switch entry?.body {
                case .mute(let mute):
                    let problem = self.mutes.take(mute, at: entry?.stamp?.receivedNanoseconds ?? 0)
                    if let problem {
                        self.logger.warning("a mute is ignored", metadata: ["reason": "\(problem)"])
                    }
                    self.hasNews = true
                case .verdicts(let batch) where entry?.stamp?.receivedNanoseconds ?? 0 >= self.since:
                    try await self.take(batch, at: item.index, calls)
                default: break
                }
            }
            self.position = view.next
        }
    }

    private func take(_ batch: VerdictBatch, at index: UInt64, _ calls: AnalyzerCalls) async throws {
        for verdict in batch.verdicts {
            guard let severity = Severity(rawValue: verdict.severity), severity >= self.threshold else { continue }
            if batch.ruleSetHash == nil {
                guard try await self.modelInForce(at: verdict.eventIndex) == batch.modelHash else { continue }
            }
            let event = try await calls.event(verdict.eventIndex)
            let alert = VerdictAlert(
                eventIndex: verdict.eventIndex,
                entryIndex: index,
                severity: severity,
                category: verdict.category,
                risk: verdict.risk,
                model: batch.modelHash.hex,
                actor: event?.actor.id ?? "",
                action: event?.action ?? "",
                rules: verdict.rules.filter { $0.level == verdict.severity }.map { .init(id: $0.id, title: $0.title) },
            )
            let now = SystemClock.wallNanoseconds
            guard !self.mutes.mutes(alert, at: now) else {
                self.metrics.mutedAlerts.add()
                continue
            }
            self.groups.take(alert, at: SystemClock.monotonicNanoseconds)
            self.hasNews = true
        }
    }

    /// What other analyzers judge may be ahead of what this one has read of models.
    ///
    /// - Returns: `nil` when the slot is lost meanwhile.
    private func modelInForce(at index: UInt64) async throws -> Digest? {
        while await self.worker.epoch(of: Self.slot) != nil {
            if let model = await self.worker.modelInForce(at: index) { return model }
            try await Task.sleep(for: Self.pause)
        }
        return nil
    }

    private func tell() async throws {
        for group in self.groups.due(at: SystemClock.monotonicNanoseconds) {
            let message = VerdictMessage(group, at: SystemClock.wallNanoseconds).message
            try await withThrowingTaskGroup(of: Void.self) { outputs in
                for output in self.outputs { outputs.addTask { try await self.deliver(message, to: output) } }
                try await outputs.waitForAll()
            }
        }
    }

    /// An output that does not answer is asked again a few times, and then passed over: it must not hold up what comes.
    private func deliver(_ message: AlertMessage, to output: AlertOutput) async throws {
        var pause = Self.retryFirst
        for attempt in 1...Self.attemptCountMax {
            do {
                try await output.deliver(message)
                return self.metrics.deliveredAlerts.add()
            } catch {
                try Task.checkCancellation()
                self.metrics.failedAlerts.add()
                self.logger.error(
                    "an alert was not delivered",
                    metadata: ["output": "\(output.name)", "attempt": "\(attempt)", "error": "\(error)"],
                )
            }
            guard attempt < Self.attemptCountMax else { break }
            try await Task.sleep(for: pause)
            pause *= 2
        }
        self.metrics.lostAlerts.add()
    }

    /// - Returns: false when another analyzer has the slot now.
    private func keep(_ epoch: UInt64, _ calls: AnalyzerCalls) async throws -> Bool {
        let position = min(self.position, self.groups.oldestEntry ?? .max)
        guard position > self.keptPosition,
            self.hasNews || position - self.keptPosition >= Self.entriesPerStateMax
        else { return true }
        do {
            try await calls.putState(Self.stateName, Self.slot, epoch: epoch, index: position, self.state)
        } catch let error as IndelibleError where error.code == .failedPrecondition {
            return false
        }
        self.keptPosition = position
        self.hasNews = self.groups.oldestEntry != nil
        return true
    }

    // MARK: Mutes, for the next holder

    private var state: [UInt8] {
        var writer = ProtoWriter()
        for record in self.mutes.records { writer.always(1, record.serialized) }
        return writer.bytes
    }

    private static func mutes(_ state: [UInt8]) throws(IndelibleError) -> [MuteRecord] {
        var records: [MuteRecord] = []
        var fields = ProtoScanner(0..<state.count)
        while let field = try fields.next(in: state.span) {
            if let range = field.range { records.append(try MuteRecord(serialized: Array(state[range]))) }
        }
        return records
    }
}
