package import AuditModel
import Cryptography
package import IndelibleClient
package import IngestCore
package import Logging
package import NIOCore
import Platform
package import Primitives
import ServiceKit
package import ServiceProtocol
import Wire

/// Takes submissions, makes them safe, and sees that they reach the ledger, in order and once.
///
/// Has a thread of its own, as the spool blocks. While a batch is on its way, the next one grows. Nothing is answered before
/// it is synced here or in the ledger.
package actor Collector {
    private let configuration: CollectorConfiguration
    private let ledger: LedgerClient
    private let logger: Logger
    private let loop: any EventLoop
    let metrics: CollectorMetrics

    /// Numbers the events that come without numbers.
    package nonisolated let plainProducer: Producer
    private var nextPlainSequence: UInt64 = 1

    private var builder: BatchBuilder
    private var finished: [Batch] = []
    private var waiters: [UInt64: Waiter] = [:]
    private var nextTicket: UInt64 = 1
    private var waitingByteCount = 0
    private var spool: Spool
    private var refused: RefusedBatches
    private var ownRecords: CollectorRecords
    private var sealer: Sealer
    private let sources: SourceDesk?
    private var flushIsDue = false
    private var isStopping = false
    private var idle: CheckedContinuation<Void, Never>?
    /// Why the ledger does not take what is sent; `nil` while it does.
    private(set) var trouble: String?
    private var failureCount = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe self.loop.executor.asUnownedSerialExecutor()
    }

    /// - Parameters:
    ///   - ledger: where batches go.
    ///   - sources: is told what is safe; `nil` where sources are not watched.
    ///   - loop: of a group that nobody else uses, as it is blocked by the spool.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when the spool is damaged.
    package init(
        _ configuration: CollectorConfiguration,
        ledger: LedgerClient,
        sources: SourceDesk? = nil,
        loop: any EventLoop,
        metrics: CollectorMetrics,
        logger: Logger,
    ) throws(IndelibleError) {
        self.configuration = configuration
        self.ledger = ledger
        self.sources = sources
        self.loop = loop
        self.metrics = metrics
        self.logger = logger
        self.builder = BatchBuilder(collector: configuration.collector.name, limits: configuration.batches)
        self.spool = try Spool(in: configuration.spoolFiles, limits: configuration.spool)
        self.sealer = try Sealer(
            collector: configuration.collector,
            key: configuration.key,
            epoch: try CollectorEpoch.next(now: SystemClock.wallNanoseconds, in: configuration.epochFiles),
        )
        self.plainProducer = try CollectionProducer.plain(configuration.collector.name, epoch: self.sealer.epoch)
        self.ownRecords = try CollectorRecords(of: configuration.collector, epoch: self.sealer.epoch)
        self.refused = try RefusedBatches(in: configuration.refusedFiles, limits: configuration.refused)
        metrics.spool(batches: self.spool.count, byteCount: self.spool.byteCount)
        metrics.setAside(batches: self.refused.count)
    }

    /// Takes a submission; returns when its events are safe.
    ///
    /// - Parameter submission: with no more items than a batch may have. Those of ``plainProducer`` are numbered from 0, and get
    ///   the producer's next numbers here, so that they come in order whoever is first.
    /// - Throws: ``IndelibleError/Code/resourceExhausted`` when too much is waiting or the spool is full,
    ///   ``IndelibleError/Code/unavailable`` when the collector is stopping.
    package func submit(_ submission: Submission) async throws -> SubmitResponse {
        self.metrics.rejected.add(UInt64(submission.rejected.count))
        guard !submission.items.isEmpty else { return SubmitResponse(rejected: submission.rejected) }
        guard !self.isStopping else {
            throw IndelibleError(.unavailable, "The collector is stopping. Send the events to another, or try later.")
        }
        guard self.waitingByteCount + submission.bytes.count <= self.configuration.waitingByteCountMax else {
            throw IndelibleError(
                .resourceExhausted,
                "\(self.waitingByteCount) bytes of events wait already. Try again a little later.",
            )
        }
        let blinds = try SecureRandom.bytes(submission.items.count * Entry.blindByteCount)
        var submission = submission
        if submission.producer == self.plainProducer, let last = submission.items.last?.sequence {
            submission.renumber(by: self.nextPlainSequence)
            self.nextPlainSequence += last + 1
        }
        let numbered = submission
        let response = try await withCheckedThrowingContinuation { continuation in
            self.add(Waiter(submission: numbered, continuation: continuation), blinds: blinds)
        }
        if let records = self.sources?.note(numbered), !records.isEmpty { Task { await self.tell(records) } }
        return response
    }

    /// Writes into the log what the collector has to say of a source; returns when that is safe.
    ///
    /// - Throws: as ``submit(_:)``.
    package func record(_ record: SourceRecord) async throws {
        _ = try await self.submit(Submission(self.ownRecords.request(record).serialized))
    }

    /// As ``record(_:)``, for what nobody waits for.
    func tell(_ records: [SourceRecord]) async {
        for record in records {
            do {
                try await self.record(record)
            } catch {
                self.logger.error(
                    "what became of a source is not in the log",
                    metadata: ["source": "\(record.source)", "change": "\(record.change)", "error": "\(error)"],
                )
            }
        }
    }

    package var status: IngestStatus {
        IngestStatus(
            collector: self.configuration.collector.name,
            collectorVerifierKey: self.configuration.collector.verifierKey,
            spooledBatches: self.spool.count,
            spooledByteCount: self.spool.byteCount,
            ledgerState: self.trouble.map { "away: \($0)" } ?? "connected",
            accepted: self.metrics.accepted.current,
            rejected: self.metrics.rejected.current,
            refusedBatches: UInt64(self.refused.count),
        )
    }

    /// Sends what there is until ``stop()``; then what was not answered is made safe.
    package func run() async {
        while true {
            if self.spool.count > 0 {
                await self.deliverFromSpool()
            } else if !self.isSpooling, let batch = self.takeBatch() {
                await self.deliver(batch)
            } else if self.isStopping {
                return
            } else {
                await withCheckedContinuation { self.idle = $0 }
            }
            guard !self.isStopping || self.trouble == nil else { return }
        }
    }

    /// Takes no more submissions; what was taken is made safe.
    package func stop() {
        self.isStopping = true
        self.flush()
        self.wake()
    }

    // MARK: - In

    /// Whether batches go through the spool: always, or because the ledger is away, or because older ones wait there.
    private var isSpooling: Bool {
        self.configuration.answer == .spooled || self.trouble != nil || self.spool.count > 0
    }

    private func add(_ waiter: Waiter, blinds: [UInt8]) {
        if self.builder.mustFinish(before: waiter.submission), let batch = self.builder.finish() {
            self.finished.append(batch)
        }
        let ticket = self.nextTicket
        self.nextTicket += 1
        self.waiters[ticket] = waiter
        self.waitingByteCount += waiter.submission.bytes.count
        self.builder.add(
            waiter.submission,
            ticket: ticket,
            blinds: blinds,
            receivedNanoseconds: SystemClock.wallNanoseconds,
        )
        guard self.isSpooling else { return self.wake() }
        guard !self.flushIsDue else { return }
        self.flushIsDue = true
        // After the submissions that are queued behind this one already, so that they share a sync.
        Task { self.flush() }
    }

    private func takeBatch() -> Batch? {
        self.finished.isEmpty ? self.builder.finish() : self.finished.removeFirst()
    }

    /// Brings everything that waits into the spool, and answers its callers.
    private func flush() {
        self.flushIsDue = false
        while self.isSpooling || self.isStopping, let batch = self.takeBatch() { self.keep(batch) }
        self.wake()
    }

    /// Brings a batch into the spool, and answers its callers.
    private func keep(_ batch: Batch) {
        let waiters = batch.parts.compactMap { self.release($0) }
        do throws(IndelibleError) {
            try self.spool.append(batch.request)
            self.metrics.accepted.add(UInt64(batch.itemCount))
            for waiter in waiters { waiter.answerSpooled() }
        } catch {
            for waiter in waiters { waiter.fail(error) }
            if error.code != .resourceExhausted { self.reopenSpool(after: error) }
        }
        self.metrics.spool(batches: self.spool.count, byteCount: self.spool.byteCount)
    }

    private func reopenSpool(after error: IndelibleError) {
        self.logger.error("the spool failed and is opened again", metadata: ["error": "\(error)"])
        do throws(IndelibleError) {
            self.spool = try Spool(in: self.configuration.spoolFiles, limits: self.configuration.spool)
        } catch {
            self.logger.critical("the spool cannot be opened; callers are refused", metadata: ["error": "\(error)"])
        }
    }

    private func release(_ part: Batch.Part) -> Waiter? {
        guard let waiter = self.waiters.removeValue(forKey: part.ticket) else { return nil }
        self.waitingByteCount -= waiter.submission.bytes.count
        return waiter
    }

    private func wake() {
        self.idle?.resume()
        self.idle = nil
    }

    // MARK: - Out

    private func deliver(_ batch: Batch) async {
        var delivery = Delivery(batch)
        do {
            try await self.send(&delivery)
            self.settled()
            self.metrics.accepted.add(UInt64(batch.itemCount))
            for part in batch.parts {
                self.release(part)?.answerDurable(delivery.places[part.items].compactMap { $0 })
            }
        } catch let error as IndelibleError where AppendFailure(error) == .refused {
            self.refuse(batch, error)
        } catch {
            // It may have arrived or not: kept, it is sent until the ledger says which.
            self.keep(batch)
            await self.wait(after: error)
        }
    }

    /// Tells the callers, but only the one whose producer is at fault: the others' events are sent again without it.
    private func refuse(_ batch: Batch, _ error: IndelibleError) {
        guard let apart = try? batch.byProducer(), apart.count > 1 else {
            for part in batch.parts { self.release(part)?.fail(error) }
            return
        }
        self.finished.insert(contentsOf: apart, at: 0)
    }

    private func deliverFromSpool() async {
        do {
            guard let request = try self.spool.first() else { return }
            try await self.deliver(spooled: request)
            self.settled()
            try self.spool.drained()
        } catch let error as IndelibleError where error.code == .dataLoss && error.remoteFailure == nil {
            self.logger.critical("the spool is damaged; it is kept as it is", metadata: ["error": "\(error)"])
            await self.wait(after: error)
        } catch {
            await self.wait(after: error)
        }
        self.metrics.spool(batches: self.spool.count, byteCount: self.spool.byteCount)
    }

    /// Sends the spool's oldest batch.
    ///
    /// What the ledger will never take is set aside, apart from other producers' events: its callers were answered long ago.
    private func deliver(spooled request: [UInt8]) async throws {
        var delivery = try Delivery(spooled: request)
        do {
            try await self.send(&delivery)
        } catch let error as IndelibleError where AppendFailure(error) == .refused {
            guard let outstanding = delivery.outstanding else { return }
            let parts = try Delivery.byProducer(outstanding)
            guard parts.count > 1 else { return try self.setAside(outstanding, error) }
            for part in parts { try await self.deliver(spooled: part.request) }
        }
    }

    /// - Throws: when it cannot be kept; delivery waits then.
    private func setAside(_ request: [UInt8], _ refusal: IndelibleError) throws(IndelibleError) {
        let record = self.spool.position
        try self.refused.keep(request, record: record, refusal: refusal, at: SystemClock.wallNanoseconds)
        self.metrics.refusedBatches.add()
        self.metrics.setAside(batches: self.refused.count)
        self.logger.error(
            "the ledger refuses a spooled batch for good; it is set aside in the folder of refused batches",
            metadata: ["record": "\(record)", "reason": "\(refusal.message)"],
        )
        guard let loss = try self.ownRecords.refused(request, reason: refusal.message) else { return }
        // On its own, as it waits behind the batch that is being delivered here. After a crash it may come twice.
        Task {
            do {
                _ = try await self.submit(Submission(loss.serialized))
            } catch {
                self.logger.error("that a batch was refused is not in the log", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Sends until every item is in the log.
    private func send(_ delivery: inout Delivery) async throws {
        var hasRestarted = false
        while let outstanding = delivery.outstanding {
            let sealed = try self.sealer.seal(
                outstanding,
                blind: SecureRandom.bytes(Entry.blindByteCount),
                receivedNanoseconds: SystemClock.wallNanoseconds,
            )
            do {
                let response = try await self.ledger.append(sealed)
                self.sealer.appended()
                delivery.appended(response)
            } catch let partly as PartlyKnown {
                try delivery.partlyKnown(partly.items)
            } catch let error as IndelibleError where AppendFailure(error) == .refused && !hasRestarted {
                guard error.code == .failedPrecondition, try await self.restartSealer() else { throw error }
                hasRestarted = true
            }
        }
    }

    /// Begins another chain of seals when the seals, not what they seal, are what the ledger finds too old: another process
    /// has sealed with this key, or the ledger has forgotten this collector.
    ///
    /// - Returns: whether that was so.
    private func restartSealer() async throws -> Bool {
        let standing = try await self.ledger.producer(Sealer.producerID(of: self.sealer.collector))
        guard standing.known ? standing.epoch > self.sealer.epoch : self.sealer.hasAppended else { return false }
        let epoch = try CollectorEpoch.next(
            now: SystemClock.wallNanoseconds,
            after: standing.epoch,
            in: self.configuration.epochFiles,
        )
        self.sealer.restart(epoch: epoch)
        self.logger.warning(
            "the ledger takes no more seals of this start, so another is begun; does another ingest use this key?",
            metadata: ["collector": "\(self.sealer.collector.name)"],
        )
        return true
    }

    private func settled() {
        if self.trouble != nil { self.logger.info("the ledger takes batches again") }
        self.trouble = nil
        self.failureCount = 0
    }

    /// Notes that the ledger did not answer as it should, and lets some time pass.
    private func wait(after error: any Error) async {
        let message = (error as? IndelibleError)?.message ?? "\(error)"
        if self.trouble != message {
            self.logger.warning("the ledger does not take batches; they are spooled", metadata: ["error": "\(error)"])
        }
        self.trouble = message
        self.failureCount += 1
        self.flush()
        guard !self.isStopping else { return }
        // A cancelled sleep only means that the process is stopping.
        try? await Task.sleep(for: RetryPolicy(delayMax: .seconds(5)).delay(before: self.failureCount))
    }
}
