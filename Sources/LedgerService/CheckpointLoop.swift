import MerkleTree
import LedgerCore
import Logging
import Platform
import Primitives
import ServiceKit
import ServiceProtocol
import Synchronization
import TransparencyLog

/// Signs the log's state at intervals, has it witnessed, and lets the world see it.
///
/// No new entries, no new checkpoint: an idle log does not change. A checkpoint is on disk before anybody outside has seen
/// its signature, so that a restart can never sign another history.
final class CheckpointLoop: Sendable {
    /// Between questions to witnesses that have not answered yet.
    private static let askAgain = Duration.seconds(1)

    private let publisher: CheckpointPublisher
    private let key: VerifierKey
    private let reader: LogReader
    private let witnesses: [WitnessClient]
    private let quorum: Int
    private let interval: Duration
    private let checkpointed: AckQueue
    private let witnessed: AckQueue
    private let logger: Logger
    /// Why nothing is signed any more, or not yet.
    private let refusal = Mutex<String?>(nil)
    /// Whether the witnesses have said that this is the newest copy of the log.
    private let agreed = Atomic<Bool>(false)
    /// What the world may see; `nil` before the first signature of a new log.
    let feed: Broadcast<PublishedCheckpoint?>
    private let latency: Metrics.Histogram
    private let published: Metrics.Counter

    init(
        publisher: CheckpointPublisher,
        key: VerifierKey,
        reader: LogReader,
        witnesses: [WitnessClient],
        quorum: Int,
        interval: Duration,
        checkpointed: AckQueue,
        witnessed: AckQueue,
        metrics: Metrics,
        logger: Logger,
    ) {
        self.publisher = publisher
        self.key = key
        self.reader = reader
        self.witnesses = witnesses
        self.quorum = quorum
        self.interval = interval
        self.checkpointed = checkpointed
        self.witnessed = witnessed
        self.logger = logger
        self.feed = Broadcast(publisher.current.map(Self.message))
        self.latency = metrics.histogram(
            "indelible_ledger_checkpoint_seconds",
            "From the decision to sign to the published checkpoint, cosignatures included.",
        )
        self.published = metrics.counter("indelible_ledger_checkpoints_total", "Checkpoints published.")
    }

    /// Whether this is known to be the log's newest copy and goes on being signed.
    var isSigning: Bool {
        self.agreed.load(ordering: .acquiring) && self.feed.current != nil && self.reasonForRefusal == nil
    }

    /// `nil` while checkpoints are being signed.
    var reasonForRefusal: String? { self.refusal.withLock { $0 } }

    var witnessStatuses: [WitnessStatus] {
        self.witnesses.map { witness in
            let state = witness.current
            return WitnessStatus(
                name: witness.key.name,
                verifierKey: witness.key.description,
                url: witness.url,
                size: state.size,
                cosignedNanoseconds: state.cosignedSeconds * 1_000_000_000,
                error: state.error ?? "",
            )
        }
    }

    /// Runs until the task is cancelled, then publishes what is left once more.
    func run() async {
        if let current = self.publisher.current { self.release(current, Self.message(current)) }
        guard await self.isInAgreementWithWitnesses() else { return }
        self.agreed.store(true, ordering: .releasing)
        while !Task.isCancelled {
            let started = ContinuousClock.now
            guard await self.publishIfNeeded() else { return }
            try? await Task.sleep(until: started + self.interval)
        }
        _ = await self.publishIfNeeded()
    }

    // MARK: - Before the first signature

    /// Asks the witnesses what they last saw of this log; a log that is behind was restored from an old copy.
    private func isInAgreementWithWitnesses() async -> Bool {
        let needed = min(self.witnesses.count, max(1, self.quorum))
        var answered: Set<Int> = []
        while answered.count < needed {
            self.refusal.withLock {
                $0 = "Waiting for \(needed - answered.count) witnesses to say what they last saw of this log."
            }
            for (position, witness) in self.witnesses.enumerated() where !answered.contains(position) {
                do {
                    let seen = try await witness.lastSeen(self.key.name, log: self.key)
                    try self.check(seen?.checkpoint, witness)
                    answered.insert(position)
                } catch let error as IndelibleError where error.code == .failedPrecondition {
                    self.refuse(error.message)
                    return false
                } catch {
                    self.logger.debug("a witness does not answer yet", metadata: ["witness": "\(witness.key.name)"])
                }
            }
            guard answered.count < needed else { break }
            guard (try? await Task.sleep(for: Self.askAgain)) != nil else { return false }
        }
        self.refusal.withLock { $0 = nil }
        return true
    }

    private func check(_ seen: Checkpoint?, _ witness: WitnessClient) throws(IndelibleError) {
        guard let seen else { return }
        let size = self.reader.size
        guard seen.size <= size else {
            throw IndelibleError(
                .failedPrecondition,
                "The witness \(witness.key.name) has cosigned \(seen.size) entries of this log, but there are only \(size) "
                    + "here: this directory is an old copy. Restore the newest one; nothing will be signed with this one.",
            )
        }
        guard try self.reader.root(size: seen.size) == seen.root else {
            throw IndelibleError(
                .failedPrecondition,
                "The witness \(witness.key.name) has cosigned another history of this log at size \(seen.size). Find out "
                    + "where the other one is; nothing will be signed with this one.",
            )
        }
    }

    private func refuse(_ reason: String) {
        self.refusal.withLock { $0 = reason }
        self.logger.critical("refusing to sign", metadata: ["reason": "\(reason)"])
        let error = IndelibleError(.failedPrecondition, reason)
        self.checkpointed.fail(error)
        self.witnessed.fail(error)
    }

    // MARK: - One checkpoint

    /// - Returns: `false` when the log must not sign any more.
    private func publishIfNeeded() async -> Bool {
        let started = ContinuousClock.now
        do {
            if let signed = try self.publisher.publish() {
                guard try await self.finish(signed) else { return false }
                self.published.add()
                self.latency.record(nanoseconds: UInt64(clamping: (ContinuousClock.now - started).nanoseconds))
            } else if let current = self.publisher.current, self.cosignatureCount(current) < self.quorum {
                return try await self.finish(current)
            }
            return true
        } catch {
            self.refuse(error.message)
            return false
        }
    }

    /// Has a signed checkpoint witnessed, and shows it with every cosignature that came.
    private func finish(_ signed: SignedCheckpoint) async throws(IndelibleError) -> Bool {
        guard let cosignatures = await self.cosignatures(for: signed) else { return false }
        let complete =
            cosignatures.isEmpty ? signed : try self.publisher.add(cosignatures, to: signed.checkpoint) ?? signed
        guard complete != signed || self.feed.current?.size != signed.checkpoint.size else { return true }
        let message = Self.message(complete)
        self.feed.publish(message)
        self.release(complete, message)
        return true
    }

    /// Answers those who waited for this checkpoint.
    private func release(_ checkpoint: SignedCheckpoint, _ message: PublishedCheckpoint) {
        self.checkpointed.release(upTo: message.size, checkpoint: message)
        guard self.cosignatureCount(checkpoint) >= self.quorum else { return }
        self.witnessed.release(upTo: message.size, checkpoint: message)
    }

    /// Asks all witnesses that have not cosigned yet, at once.
    ///
    /// - Returns: the cosignatures that came; `nil` when a witness has seen another history.
    private func cosignatures(for signed: SignedCheckpoint) async -> [NoteSignature]? {
        let toAsk = self.witnesses.filter { witness in
            !signed.note.signatures.contains { witness.key.isNamed(in: $0) }
        }
        guard !toAsk.isEmpty, let request = try? signed.reduced(to: [self.key]) else { return [] }
        let size = signed.checkpoint.size
        let answers = await withTaskGroup(of: WitnessClient.Answer.self) { [reader] group in
            for witness in toAsk {
                group.addTask {
                    await witness.cosign(request) { old in try reader.consistencyProof(from: old, to: size).hashes }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var cosignatures: [NoteSignature] = []
        for answer in answers {
            switch answer {
            case .cosigned(let signature): cosignatures.append(signature)
            case .absent(let reason): self.logger.debug("no cosignature", metadata: ["reason": "\(reason)"])
            case .contradiction(let reason):
                self.refuse(reason)
                return nil
            }
        }
        return cosignatures
    }

    private func cosignatureCount(_ checkpoint: SignedCheckpoint) -> Int {
        self.witnesses.count { witness in checkpoint.note.signatures.contains { witness.key.isNamed(in: $0) } }
    }

    private static func message(_ checkpoint: SignedCheckpoint) -> PublishedCheckpoint {
        PublishedCheckpoint(
            note: checkpoint.bytes,
            size: checkpoint.checkpoint.size,
            publishedNanoseconds: SystemClock.wallNanoseconds,
        )
    }
}

extension Duration {
    /// Whole nanoseconds; durations of centuries are not asked for.
    fileprivate var nanoseconds: Int64 {
        self.components.seconds * 1_000_000_000 + self.components.attoseconds / 1_000_000_000
    }
}
