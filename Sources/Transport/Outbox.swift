internal import NIOCore
internal import Synchronization

/// How other threads reach a connection: many push, its event loop drains, with one hop for each burst.
///
/// What a connection accepts is bounded by its streams and their credit, and so is what waits here.
final class Outbox<Entry: Sendable>: Sendable {
    private struct State: Sendable {
        var entries: [Entry] = []
        var isDrainScheduled = false
    }

    let eventLoop: any EventLoop
    private let state = Mutex(State())
    /// What a drain calls; `nil` before the connection opens and after it has closed.
    private let receiver: NIOLoopBoundBox<(([Entry]) -> Void)?>

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.receiver = NIOLoopBoundBox.makeEmptyBox(valueType: (([Entry]) -> Void).self, eventLoop: eventLoop)
    }

    /// On the event loop: from now on `receiver` gets what is pushed, in order; `nil` drops it.
    func connect(_ receiver: (([Entry]) -> Void)?) {
        self.receiver.value = receiver
    }

    /// From any thread.
    func push(_ entry: Entry) {
        let mustSchedule = self.state.withLock { state in
            state.entries.append(entry)
            defer { state.isDrainScheduled = true }
            return !state.isDrainScheduled
        }
        guard mustSchedule else { return }
        self.eventLoop.execute { self.drain() }
    }

    /// On the event loop, which will ``drain()`` soon anyway: spares pushes until then the hop.
    func expectDrain() {
        self.state.withLock { $0.isDrainScheduled = true }
    }

    /// On the event loop: delivers what has been pushed so far.
    func drain() {
        let entries = self.state.withLock { state in
            state.isDrainScheduled = false
            var entries: [Entry] = []
            entries.reserveCapacity(min(state.entries.count, Self.reservedCountMax))
            swap(&entries, &state.entries)
            return entries
        }
        guard !entries.isEmpty else { return }
        self.receiver.value?(entries)
    }

    private static var reservedCountMax: Int { 1_024 }
}
