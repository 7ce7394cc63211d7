internal import Synchronization

/// Serialised events between whoever logs and the one who sends.
final class AuditQueue: Sendable {
    private struct State {
        var events: [[UInt8]] = []
        var byteCount = 0
        var droppedCount = 0
    }

    private let state = Mutex(State())
    private let limits: AuditLog.Limits
    /// An element when there is something to take; ends with the task that reads it.
    let arrivals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init(_ limits: AuditLog.Limits) {
        self.limits = limits
        (self.arrivals, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    func drop() { self.state.withLock { $0.droppedCount += 1 } }

    func add(_ event: [UInt8]) {
        self.state.withLock { state in
            guard state.events.count < self.limits.eventCountMax,
                state.byteCount + event.count <= self.limits.byteCountMax
            else { return state.droppedCount += 1 }
            state.events.append(event)
            state.byteCount += event.count
        }
        self.continuation.yield()
    }

    /// The oldest events; `nil` when there are none.
    func take() -> [[UInt8]]? {
        self.state.withLock { state in
            guard !state.events.isEmpty else { return nil }
            let events = Array(state.events.prefix(self.limits.batchCountMax))
            state.events.removeFirst(events.count)
            state.byteCount -= events.reduce(0) { $0 + $1.count }
            return events
        }
    }

    /// What was taken was not sent.
    func giveBack(_ events: [[UInt8]]) {
        self.state.withLock { state in
            state.events.insert(contentsOf: events, at: 0)
            state.byteCount += events.reduce(0) { $0 + $1.count }
        }
    }
}
