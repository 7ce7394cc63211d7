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
/// Runs on the connections' event loops and never blocks them: what finds no room is set aside, read already and with its
/// connection's reading paused, and offered again by the commit thread when there may be room.
final class AppendHandler: Sendable {
    /// Kept between batches, so that a batch allocates nothing; more than this many at once are made and given back.
    private static let scratchCountMax = 64

    private let stage: LogStage
    private let durable: AckQueue
    private let checkpointed: AckQueue
    private let witnessed: AckQueue
    private let committer: @Sendable () -> Void
    private let scratch = Mutex<[AppendScratch]>([])
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

    func handle(_ call: ServerCall, _ request: ByteBuffer) {
        let scratch = self.scratch.withLock { $0.popLast() } ?? AppendScratch()
        do throws(IndelibleError) {
            try Self.read(request, into: scratch)
        } catch {
            self.refuse(call, error)
            return self.reuse(scratch)
        }
        // Behind those who wait already; in front of nobody.
        guard self.parked.count == 0, self.offer(call, request, scratch) else {
            return self.park(ParkedCall(call: call, request: request, scratch: scratch))
        }
        self.reuse(scratch)
    }

    /// Whether anything waits for room.
    var hasParked: Bool { self.parked.count > 0 }

    /// Offers what was set aside again, oldest first; only the commit thread calls it.
    func retryParked() {
        while let parked = self.parked.first {
            guard self.offer(parked.call, parked.request, parked.scratch) else { return }
            self.parked.removeFirst()
            parked.call.resumeReading()
            self.reuse(parked.scratch)
        }
    }

    private func park(_ parked: ParkedCall) {
        // In this order: once it is in the list the commit thread may answer it and resume reading.
        parked.call.pauseReading()
        self.parked.append(parked)
        // The commit that made room may have ended before the call was in the list.
        self.committer()
    }

    private func reuse(_ scratch: AppendScratch) {
        self.scratch.withLock { free in
            if free.count < Self.scratchCountMax { free.append(scratch) }
        }
    }

    /// - Returns: `false` when there is no room now.
    private func offer(_ call: ServerCall, _ request: ByteBuffer, _ scratch: AppendScratch) -> Bool {
        do throws(IndelibleError) {
            let outcome = try self.stage(request, scratch.batch)
            guard outcome != .full else { return false }
            self.settle(call, outcome, scratch)
        } catch {
            self.refuse(call, error)
        }
        return true
    }

    private func refuse(_ call: ServerCall, _ error: IndelibleError) {
        self.refused.add()
        call.fail(error)
    }

    private static func read(_ payload: ByteBuffer, into scratch: AppendScratch) throws(IndelibleError) {
        let result: Result<Void, IndelibleError> = unsafe payload.withUnsafeReadableBytes { buffer in
            do throws(IndelibleError) {
                let bytes = unsafe buffer.bindMemory(to: UInt8.self)
                try unsafe scratch.view.read(bytes.span)
                unsafe Self.fill(&scratch.batch, from: scratch.view, bytes)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private func stage(_ payload: ByteBuffer, _ batch: AppendBatch) throws(IndelibleError) -> StageOutcome {
        let result: Result<StageOutcome, IndelibleError> = unsafe payload.withUnsafeReadableBytes { buffer in
            do throws(IndelibleError) {
                return .success(try unsafe self.stage.stage(batch, from: buffer))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    @unsafe private static func fill(
        _ batch: inout AppendBatch,
        from view: AppendRequestView,
        _ bytes: UnsafeBufferPointer<UInt8>,
    ) {
        batch.producers.removeAll(keepingCapacity: true)
        batch.items.removeAll(keepingCapacity: true)
        for producer in view.producers {
            let name = unsafe UnsafeBufferPointer(rebasing: bytes[producer.id])
            guard let id = unsafe ProducerID(copying: UnsafeRawBufferPointer(name)) else { continue }
            batch.producers.append(
                .init(id: id, epoch: producer.epoch, firstSequence: producer.firstSequence, after: producer.after)
            )
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

    private func settle(_ call: ServerCall, _ outcome: StageOutcome, _ scratch: AppendScratch) {
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

/// A request as it was read: what it asks for, and what the log is to append.
///
/// `@unchecked Sendable`: belongs to one call at a time.
private final class AppendScratch: @unchecked Sendable {
    var view = AppendRequestView()
    var batch = AppendBatch()
}

private struct ParkedCall: Sendable {
    let call: ServerCall
    let request: ByteBuffer
    let scratch: AppendScratch
}

/// Calls that wait for room, in the order in which they came; bounded by what connections may have unanswered.
private final class ParkedCalls: Sendable {
    private let calls = Mutex<[ParkedCall]>([])

    var count: Int { self.calls.withLock { $0.count } }
    var first: ParkedCall? { self.calls.withLock { $0.first } }

    func append(_ call: ParkedCall) { self.calls.withLock { $0.append(call) } }
    func removeFirst() { self.calls.withLock { _ = $0.removeFirst() } }
}
