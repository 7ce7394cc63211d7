internal import NIOCore
internal import Primitives
internal import Synchronization

/// The consumer's end of a stream of items: filled by the connection, emptied by one task.
///
/// It holds at most what the stream's credit allows: whoever takes items out reports them, which grants credit.
final class ReceiveQueue: Sendable {
    private struct State {
        var items = CircularBuffer<[UInt8]>()
        var end: Result<Void, IndelibleError>?
        var waiting: CheckedContinuation<[UInt8]?, any Error>?
    }

    private let state = Mutex(State())

    /// An item arrived.
    func push(_ item: [UInt8]) {
        let waiting = self.state.withLock { state -> CheckedContinuation<[UInt8]?, any Error>? in
            guard state.end == nil else { return nil }
            guard let waiting = state.waiting else {
                state.items.append(item)
                return nil
            }
            state.waiting = nil
            return waiting
        }
        waiting?.resume(returning: item)
    }

    /// No more items come; those that are here can still be taken out, unless it failed.
    func finish(_ end: Result<Void, IndelibleError>) {
        let waiting = self.state.withLock { state -> CheckedContinuation<[UInt8]?, any Error>? in
            guard state.end == nil else { return nil }
            state.end = end
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(with: end.map { nil }.mapError { $0 as any Error })
    }

    /// - Returns: the next item, or `nil` after the last.
    /// - Throws: how the stream failed, once the items before that are taken out;
    ///   ``IndelibleError/Code/cancelled`` when the task is cancelled.
    func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<[UInt8]?, any Error>? = self.state.withLock { state in
                    if let item = state.items.popFirst() { return .success(item) }
                    if let end = state.end { return end.map { nil }.mapError { $0 as any Error } }
                    if Task.isCancelled { return .failure(Self.cancelled) }
                    precondition(state.waiting == nil, "one task at a time reads items of a stream")
                    state.waiting = continuation
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiting = self.state.withLock { state in
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume(throwing: Self.cancelled)
        }
    }

    private static let cancelled = IndelibleError(.cancelled, "The task that read items was cancelled.")
}
