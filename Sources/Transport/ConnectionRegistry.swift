internal import Synchronization

/// The open connections of a server, so that it can drain them.
final class ConnectionRegistry: Sendable {
    private struct State {
        var open: [ObjectIdentifier: Outbox<ServerEvent>] = [:]
        var isDraining = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var count: Int { self.state.withLock { $0.open.count } }

    func add(_ outbox: Outbox<ServerEvent>) {
        let isDraining = self.state.withLock { state in
            state.open[ObjectIdentifier(outbox)] = outbox
            return state.isDraining
        }
        if isDraining { outbox.push(.drain) }
    }

    func remove(_ outbox: Outbox<ServerEvent>) {
        let waiting = self.state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.open[ObjectIdentifier(outbox)] = nil
            guard state.open.isEmpty else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Tells every connection, and each that may still come, to take no more calls.
    func drain() {
        let open = self.state.withLock { state in
            state.isDraining = true
            return Array(state.open.values)
        }
        for outbox in open { outbox.push(.drain) }
    }

    func close() {
        let open = self.state.withLock { Array($0.open.values) }
        for outbox in open { outbox.push(.close) }
    }

    /// Returns once no connection is open.
    func waitUntilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = self.state.withLock { state in
                if !state.open.isEmpty { state.waiting.append(continuation) }
                return state.open.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }
}
