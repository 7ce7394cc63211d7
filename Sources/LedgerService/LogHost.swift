import AuditModel
import Cryptography
import Foundation
import LedgerCore
import Logging
import Platform
import Primitives
import ProtobufC
import ServiceKit
import ServiceProtocol
import Synchronization
import TransparencyLog

/// One log of this process: its engine, the two threads that write for it, and what answers for it.
final class LogHost: Sendable {
    let log: Log
    let key: VerifierKey
    let appends: AppendHandler
    let checkpoints: CheckpointLoop
    let slots: SlotDesk
    /// Entries that are durable; changes with every commit.
    let durable: Broadcast<UInt64>

    private let acknowledgements: [AckQueue]
    private let commitThread: WorkerThread
    private let sealThread: WorkerThread
    private let sealFailure = FailureNote()
    /// What reading the log's files again has found.
    let scrubFailure = FailureNote()

    /// Starts the threads; checkpoints are signed once ``checkpoints`` runs.
    ///
    /// - Throws: what the last checkpoint's file gives reason to.
    init(
        _ log: Log,
        signer: NoteSigner,
        witnesses: [WitnessClient],
        quorum: Int,
        interval: Duration,
        slotLeaseMilliseconds: UInt32,
        metrics: Metrics,
        logger: Logger,
    ) throws(IndelibleError) {
        let publisher = try CheckpointPublisher(log, signer: signer)
        let checkpointSize = publisher.current?.checkpoint.size ?? 0
        let durable = AckQueue(safeSize: log.reader.size)
        let checkpointed = AckQueue(safeSize: checkpointSize)
        let witnessed = AckQueue(safeSize: 0)
        self.log = log
        self.key = signer.verifierKey
        self.durable = Broadcast(log.reader.size)
        self.slots = SlotDesk(stage: log.stage, states: log.states, leaseMilliseconds: slotLeaseMilliseconds)
        self.acknowledgements = [durable, checkpointed, witnessed]
        self.commitThread = WorkerThread(name: "commit")
        self.sealThread = WorkerThread(name: "seal")
        self.checkpoints = CheckpointLoop(
            publisher: publisher,
            key: signer.verifierKey,
            reader: log.reader,
            witnesses: witnesses,
            quorum: quorum,
            interval: interval,
            checkpointed: checkpointed,
            witnessed: witnessed,
            metrics: metrics,
            logger: logger,
        )
        self.appends = AppendHandler(
            stage: log.stage,
            durable: durable,
            checkpointed: checkpointed,
            witnessed: witnessed,
            metrics: metrics,
            wakeCommitter: { [commitThread] in commitThread.wake() },
        )
        self.startThreads(CommitMetrics(metrics), durable: durable, logger: logger)
        metrics.computed("indelible_ledger_durable_entries", "Entries of the log.") { Int64(log.reader.size) }
        metrics.computed("indelible_ledger_sealed_entries", "Entries in sealed segments.") {
            Int64(log.reader.sealedSize)
        }
    }

    /// Why nothing is accepted, or sealed; `nil` when all is well.
    var problem: String? {
        self.log.committer.failure?.message ?? self.sealFailure.text ?? self.checkpoints.reasonForRefusal
            ?? self.scrubFailure.text
    }

    /// serving, read_only or refusing_to_sign.
    var state: String {
        if self.log.committer.failure != nil { return "read_only" }
        return self.checkpoints.reasonForRefusal == nil ? "serving" : "refusing_to_sign"
    }

    /// What calls hear that cannot be answered any more.
    static let stopping = IndelibleError(.unavailable, "The ledger is stopping. Go on with the next one.")

    /// Between looks at whether a record of this process's own is durable; there are two of them in a run.
    private static let ownRecordPause = Duration.milliseconds(5)

    /// Appends a record that the ledger writes about itself, without an ingest; returns when it is durable.
    ///
    /// - Throws: ``IndelibleError/Code/unavailable`` when the log takes none, or while it is not signed: an old copy must not
    ///   grow, and the first checkpoint is of size 0.
    func append(_ record: OwnRecord) async throws {
        guard self.checkpoints.isSigning else {
            throw IndelibleError(.unavailable, "The log is not being signed: \(self.problem ?? "it starts").")
        }
        guard let id = ProducerID(record.producer.id) else {
            preconditionFailure("a producer of the ledger's own has an id of its form")
        }
        let stamp = Stamp(collector: self.key.name, receivedNanoseconds: SystemClock.wallNanoseconds)
        let entry = Entry(
            blind: try SecureRandom.bytes(Entry.blindByteCount),
            stamp: stamp,
            body: try EntryBody(record.kind, serialized: record.body),
        ).serialized
        let batch = AppendBatch(
            producers: [.init(id: id, epoch: record.producer.epoch, firstSequence: record.sequence)],
            items: [.init(offset: 0, byteCount: UInt32(entry.count), kind: UInt32(record.kind.rawValue))],
        )
        let size: UInt64
        switch try unsafe entry.withUnsafeBytes({ try unsafe self.log.stage.stage(batch, from: $0) }) {
        case .staged(let first, let count): size = first + UInt64(count)
        case .known(_, let known): size = known
        case .partlyKnown, .full: throw IndelibleError(.unavailable, "There is no room in the log now.")
        }
        self.commitThread.wake()
        while self.log.reader.size < size {
            if let failure = self.log.committer.failure { throw failure }
            try await Task.sleep(for: Self.ownRecordPause)
        }
    }

    /// Ends the streams of those who follow the log.
    func endFollowing() {
        self.durable.finish()
        self.checkpoints.feed.finish()
    }

    /// Makes durable what was accepted, ends the threads, and gives the directory to others.
    func close() {
        self.commitThread.stop()
        self.sealThread.stop()
        for queue in self.acknowledgements { queue.fail(Self.stopping) }
        self.endFollowing()
        self.log.close()
    }

    /// Bundles that the sealer copies before it looks whether somebody waits for the memory that this set free.
    private static let bundlesPerStep = 16

    private func startThreads(_ metrics: CommitMetrics, durable: AckQueue, logger: Logger) {
        self.sealThread.start { [log, appends, sealFailure, commitThread] in
            do throws(IndelibleError) {
                let sealed = try log.sealer.seal(bundleCountMax: Self.bundlesPerStep)
                if !sealed { try log.sealer.prepare() }
                sealFailure.text = nil
                // What waits for room may find some now.
                if appends.hasParked { commitThread.wake() }
                return log.sealer.hasWork
            } catch {
                sealFailure.text = "Sealing segments fails: \(error.message)"
                logger.error("sealing failed", metadata: ["error": "\(error)"])
                return false
            }
        } idle: { [log] in
            do throws(IndelibleError) {
                try log.sealer.trim()
            } catch {
                logger.warning("spare journal files stay", metadata: ["error": "\(error)"])
            }
        }
        self.commitThread.start { [log, appends, sealThread, acknowledgements, feed = self.durable] in
            let started = SystemClock.monotonicNanoseconds
            do throws(IndelibleError) {
                guard let result = try log.committer.commit(at: SystemClock.wallNanoseconds) else {
                    appends.retryParked()
                    return log.stage.hasWork
                }
                metrics.record(result, nanoseconds: SystemClock.monotonicNanoseconds - started)
                // In this order: whoever hears that an entry is durable may read it.
                feed.publish(result.size)
                durable.release(upTo: result.size)
                if log.sealer.hasWork { sealThread.wake() }
                return true
            } catch {
                logger.critical("the log is read-only", metadata: ["error": "\(error)"])
                // What is durable may still be signed and witnessed.
                for queue in acknowledgements { queue.fail(error, beyond: log.reader.size) }
                appends.retryParked()
                return false
            }
        }
        if self.log.sealer.hasWork { self.sealThread.wake() }
    }
}

/// What commits cost.
private struct CommitMetrics: Sendable {
    private let seconds: Metrics.Histogram
    private let bytes: Metrics.Counter

    init(_ metrics: Metrics) {
        self.seconds = metrics.histogram(
            "indelible_ledger_commit_seconds",
            "Hashing, writing and syncing one group commit.",
        )
        self.bytes = metrics.counter("indelible_ledger_journal_bytes_total", "Bytes written to the journal.")
    }

    func record(_ result: CommitResult, nanoseconds: UInt64) {
        self.seconds.record(nanoseconds: nanoseconds)
        self.bytes.add(UInt64(result.byteCount))
    }
}

/// What is wrong now, shared by a thread and those who ask.
final class FailureNote: Sendable {
    private let note = Mutex<String?>(nil)

    var text: String? {
        get { self.note.withLock { $0 } }
        set { self.note.withLock { $0 = newValue } }
    }
}
