import ProtobufC
import AuditModel
import LedgerCore
import NIOCore
import Primitives
import ServiceKit
import ServiceProtocol
import Synchronization
import Transport

/// Takes Appends from connections to the log, and sees that each is answered.
///
/// Runs on the connections' event loops and never blocks them: what finds no room is set aside with its connection's reading
/// paused, and offered again
/// by the commit thread when there may be room.
final class AppendHandler: Sendable {
    /// Reused between batches, so that a batch allocates nothing.
    private struct Scratch: Sendable {
        var view = AppendRequestView()
        var batch = AppendBatch()
    }

    private let stage: LogStage
    private let durable: AckQueue
    private let checkpointed: AckQueue
    private let witnessed: AckQueue
    private let committer: @Sendable () -> Void
    private let scratch = Mutex<[Scratch]>([])
    private let parked = ParkedCalls()
    private let appended: Metrics.Counter
    private let refused: Metrics.Counter

    /// - Parameter wakeCommitter: called after something was staged.
    init(
        stage: LogStage,
        durable: AckQueue,
        checkpointed: AckQueue,
        witnessed: AckQueue,
        metrics: Metrics,
        wakeCommitter: @escaping @Sendable () -> Void,
    ) {
        self.stage = stage
        self.durable = durable
        self.checkpointed = checkpointed
        self.witnessed = witnessed
        self.committer = wakeCommitter
        self.appended = metrics.counter("indelible_ledger_appended_entries_total", "Entries given an index.")
        self.refused = metrics.counter("indelible_ledger_refused_appends_total", "Appends answered with an error.")
        metrics.computed("indelible_ledger_parked_appends", "Appends that wait for room.") { [parked] in
            Int64(parked.count)
        }
    }

    func handle(_ call: ServerCall) {
        // Behind those who wait already; in front of nobody.
        guard self.parked.count == 0, self.offer(call) else { return self.park(call) }
    }

    /// Offers what was set aside again, oldest first; only the commit thread calls it.
    func retryParked() {
        while let call = self.parked.first {
            guard self.offer(call) else { return }
            self.parked.removeFirst()
            call.resumeReading()
        }
    }

    private func park(_ call: ServerCall) {
        // In this order: once it is in the list the commit thread may answer it and resume reading.
        call.pauseReading()
        self.parked.append(call)
        // The commit that made room may have ended before the call was in the list.
        self.committer()
    }

    /// - Returns: `false` when there is no room now.
    private func offer(_ call: ServerCall) -> Bool {
        var scratch = self.scratch.withLock { $0.popLast() } ?? Scratch()
        defer { self.scratch.withLock { $0.append(scratch) } }
        do throws(IndelibleError) {
            let outcome = try self.stage(call.payload, &scratch)
            guard outcome != .full else { return false }
            self.settle(call, outcome, scratch)
        } catch {
            self.refused.add()
            call.fail(error)
        }
        return true
    }

    private func stage(_ payload: ByteBuffer, _ scratch: inout Scratch) throws(IndelibleError) -> StageOutcome {
        var failure: IndelibleError?
        let outcome: StageOutcome? = unsafe payload.withUnsafeReadableBytes { buffer in
            do throws(IndelibleError) {
                let bytes = unsafe buffer.bindMemory(to: UInt8.self)
                try unsafe scratch.view.read(bytes.span)
                unsafe Self.fill(&scratch.batch, from: scratch.view, bytes)
                return try unsafe self.stage.stage(scratch.batch, from: buffer)
            } catch {
                failure = error
                return nil
            }
        }
        if let failure { throw failure }
        guard let outcome else { throw IndelibleError(.internal, "The batch was neither staged nor refused.") }
        return outcome
    }

    @unsafe private static func fill(
        _ batch: inout AppendBatch,
        from view: AppendRequestView,
        _ bytes: UnsafeBufferPointer<UInt8>,
    ) {
        batch.producers.removeAll(keepingCapacity: true)
        batch.items.removeAll(keepingCapacity: true)
        for producer in view.producers {
            guard let id = unsafe ProducerID(Array(bytes[producer.id])) else { continue }
            batch.producers.append(.init(id: id, epoch: producer.epoch, firstSequence: producer.firstSequence))
        }
        for item in view.items {
            batch.items.append(
                .init(
                    offset: item.entryOffset,
                    byteCount: item.entryByteCount,
                    kind: UInt32(item.kind),
                    eventIDOffset: item.eventIDOffset == 0 ? AppendBatch.Item.noEventID : item.eventIDOffset,
                    producer: UInt32(item.producer),
                    slot: item.slot,
                    sequence: item.sequence,
                )
            )
        }
    }

    private func settle(_ call: ServerCall, _ outcome: StageOutcome, _ scratch: Scratch) {
        switch outcome {
        case .staged(let first, let count):
            self.appended.add(UInt64(count))
            self.queue(for: scratch.view.acknowledgement)
                .add(.init(call: call, size: first + UInt64(count), firstIndex: first, count: UInt32(count)))
            self.committer()
        case .known(let first, let size):
            let count = UInt32(scratch.batch.items.count)
            self.queue(for: scratch.view.acknowledgement)
                .add(.init(call: call, size: size, firstIndex: first, count: count, duplicate: true))
            self.committer()
        case .partlyKnown(let known):
            self.refused.add()
            let items = known.map {
                KnownItems(firstItem: UInt32($0.firstItem), count: UInt32($0.count), firstIndex: $0.firstIndex)
            }
            call.fail(
                IndelibleError(
                    .aborted,
                    "Some of these items are in the log already, so nothing was appended. Send the others again, sealed anew.",
                ),
                payload: AppendResponse(known: items).serialized,
            )
        case .full: preconditionFailure("a full stage is handled by the caller")
        }
    }

    private func queue(for level: AckLevel) -> AckQueue {
        switch level {
        case .durable: self.durable
        case .checkpointed: self.checkpointed
        case .witnessed: self.witnessed
        }
    }
}

/// Calls that wait for room, in the order in which they came; bounded by what connections may have unanswered.
private final class ParkedCalls: Sendable {
    private let calls = Mutex<[ServerCall]>([])

    var count: Int { self.calls.withLock { $0.count } }
    var first: ServerCall? { self.calls.withLock { $0.first } }

    func append(_ call: ServerCall) { self.calls.withLock { $0.append(call) } }
    func removeFirst() { self.calls.withLock { _ = $0.removeFirst() } }
}
