import Synchronization

/// The newest of a value that changes, and everybody who wants to know.
///
/// A subscriber that is slow sees fewer values, always the newest last; nothing queues up.
final class Broadcast<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var subscribers: [UInt64: AsyncStream<Value>.Continuation] = [:]
        var nextSubscriber: UInt64 = 0
        var isFinished = false
    }

    private let state: Mutex<State>

    init(_ value: Value) { self.state = Mutex(State(value: value)) }

    var current: Value { self.state.withLock { $0.value } }

    func publish(_ value: Value) {
        let subscribers = self.state.withLock { state in
            state.value = value
            return Array(state.subscribers.values)
        }
        for subscriber in subscribers { subscriber.yield(value) }
    }

    /// The current value, then each newer one that the subscriber is quick enough to see.
    func subscribe() -> AsyncStream<Value> {
        let (stream, continuation) = AsyncStream<Value>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let (number, value, isFinished) = self.state.withLock { state in
            state.nextSubscriber += 1
            if !state.isFinished { state.subscribers[state.nextSubscriber] = continuation }
            return (state.nextSubscriber, state.value, state.isFinished)
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.subscribers.removeValue(forKey: number) }
        }
        continuation.yield(value)
        if isFinished { continuation.finish() }
        return stream
    }

    /// Ends every subscription after the current value, also those to come.
    func finish() {
        let subscribers = self.state.withLock { state in
            state.isFinished = true
            return Array(state.subscribers.values)
        }
        for subscriber in subscribers { subscriber.finish() }
    }
}
