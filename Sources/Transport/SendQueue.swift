internal import Primitives
internal import Synchronization
internal import Wire

/// The producer's end of a stream of items: lets it run a little ahead, then makes it wait.
///
/// The connection says when an item has left; items wait for credit and for a socket that takes bytes.
final class SendQueue: Sendable {
    /// A producer waits while more than this is on its way to the socket, counted as ``Credit`` counts.
    static let byteCountMax: Int64 = 256 << 10

    private struct State {
        var byteCount: Int64 = 0
        var failure: IndelibleError?
        var waiting: CheckedContinuation<Void, any Error>?
    }

    private let state = Mutex(State())

    /// Counts an item that the producer hands over, and waits until there is room for another.
    ///
    /// - Parameters:
    ///   - payloadByteCount: of the item.
    ///   - push: hands the item to the connection.
    /// - Throws: why nobody wants more items; ``IndelibleError/Code/cancelled`` when the task is cancelled.
    func send(payloadByteCount: Int, push: () -> Void) async throws {
        try self.state.withLock { state in
            if let failure = state.failure { throw failure }
            precondition(state.waiting == nil, "one task at a time sends items on a stream")
            state.byteCount += Credit.cost(payloadByteCount: payloadByteCount)
        }
        push()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = self.state.withLock { state in
                    if let failure = state.failure { return .failure(failure) }
                    if state.byteCount <= Self.byteCountMax { return .success(()) }
                    if Task.isCancelled { return .failure(Self.cancelled) }
                    state.waiting = continuation
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            self.take { _ in true }?.resume(throwing: Self.cancelled)
        }
    }

    /// An item left for the socket.
    func sent(payloadByteCount: Int) {
        self.take { state in
            state.byteCount -= Credit.cost(payloadByteCount: payloadByteCount)
            return state.byteCount <= Self.byteCountMax
        }?.resume()
    }

    /// Nobody wants more items.
    func fail(_ error: IndelibleError) {
        self.take { state in
            if state.failure == nil { state.failure = error }
            return true
        }?.resume(throwing: error)
    }

    private func take(_ wakes: (inout State) -> Bool) -> CheckedContinuation<Void, any Error>? {
        self.state.withLock { state in
            guard wakes(&state) else { return nil }
            defer { state.waiting = nil }
            return state.waiting
        }
    }

    private static let cancelled = IndelibleError(.cancelled, "The task that sent items was cancelled.")
}
