import ProtobufC
import Primitives
import ServiceProtocol
import Synchronization
import Transport

/// Appends that are waiting to be as safe as their callers asked, bounded by what connections may have unanswered.
final class AckQueue: Sendable {
    struct Waiting: Sendable {
        let call: ServerCall
        /// The answer is due when this many entries are safe.
        let size: UInt64
        /// Of the batch.
        let firstIndex: UInt64
        let count: UInt32
        var duplicate = false
    }

    private struct State {
        var waiting: [Waiting] = []
        var safeSize: UInt64
        /// What covers ``safeSize``, for queues that wait for checkpoints.
        var checkpoint: PublishedCheckpoint?
        /// Why what is larger than ``failedBeyond`` will never be safe.
        var failure: IndelibleError?
        var failedBeyond: UInt64 = 0
    }

    private let state: Mutex<State>

    init(safeSize: UInt64) { self.state = Mutex(State(safeSize: safeSize)) }

    var count: Int { self.state.withLock { $0.waiting.count } }

    /// Answers now when that is safe already, else later.
    func add(_ waiting: Waiting) {
        let now: (size: UInt64, checkpoint: PublishedCheckpoint?, failure: IndelibleError?)?
        now = self.state.withLock { state in
            let failure = waiting.size > state.failedBeyond ? state.failure : nil
            guard state.safeSize >= waiting.size || failure != nil else {
                state.waiting.append(waiting)
                return nil
            }
            return (state.safeSize, state.checkpoint, failure)
        }
        guard let now else { return }
        if now.size >= waiting.size {
            Self.answer(waiting, size: now.size, checkpoint: now.checkpoint)
        } else if let failure = now.failure {
            waiting.call.fail(failure)
        }
    }

    /// Answers everything that `size` covers.
    ///
    /// - Parameter checkpoint: goes with the answers of those who wait for one.
    func release(upTo size: UInt64, checkpoint: PublishedCheckpoint? = nil) {
        let due: [Waiting] = self.state.withLock { state in
            state.safeSize = max(state.safeSize, size)
            state.checkpoint = checkpoint
            var due: [Waiting] = []
            swap(&due, &state.waiting)
            // Mostly a commit covers all that wait.
            if due.allSatisfy({ $0.size <= size }) { return due }
            state.waiting = due.filter { $0.size > size }
            due.removeAll { $0.size > size }
            return due
        }
        for waiting in due { Self.answer(waiting, size: size, checkpoint: checkpoint) }
    }

    /// Tells those who wait for more than `size` that it will not come true; what was staged may or may not be in the log
    /// after a restart.
    func fail(_ error: IndelibleError, beyond size: UInt64 = 0) {
        let failed = self.state.withLock { state in
            state.failedBeyond = state.failure == nil ? size : min(state.failedBeyond, size)
            state.failure = error
            let failed = state.waiting.filter { $0.size > size }
            state.waiting.removeAll { $0.size > size }
            return failed
        }
        for waiting in failed { waiting.call.fail(error) }
    }

    private static func answer(_ waiting: Waiting, size: UInt64, checkpoint: PublishedCheckpoint?) {
        let response = AppendResponse(
            firstIndex: waiting.firstIndex,
            count: waiting.count,
            size: size,
            duplicate: waiting.duplicate,
            checkpoint: checkpoint,
        )
        waiting.call.respond(response.serialized)
    }
}
