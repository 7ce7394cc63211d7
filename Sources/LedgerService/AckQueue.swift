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
        var failure: IndelibleError?
    }

    private let state: Mutex<State>

    init(safeSize: UInt64) { self.state = Mutex(State(safeSize: safeSize)) }

    var count: Int { self.state.withLock { $0.waiting.count } }

    /// Answers now when that is safe already, else later.
    func add(_ waiting: Waiting) {
        let now: (size: UInt64, checkpoint: PublishedCheckpoint?, failure: IndelibleError?)?
        now = self.state.withLock { state in
            guard state.safeSize >= waiting.size || state.failure != nil else {
                state.waiting.append(waiting)
                return nil
            }
            return (state.safeSize, state.checkpoint, state.failure)
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

    /// Tells everybody who waits that it will not come true; what was staged may or may not be in the log after a restart.
    func fail(_ error: IndelibleError) {
        let waiting = self.state.withLock { state in
            state.failure = error
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiting in waiting { waiting.call.fail(error) }
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
