import Foundation
import Synchronization

/// A thread that does one kind of blocking work whenever it is woken.
///
/// Wakes coalesce: however often ``wake()`` is called while the work runs, it runs once more.
final class WorkerThread: Sendable {
    private enum State {
        case asleep
        case woken
        case stopping
        case stopped
    }

    private let state = Mutex(State.asleep)
    private let signal = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    private let name: String

    init(name: String) { self.name = name }

    /// Nobody woke the thread for so long: time to tidy up.
    private static let idleSeconds = 10.0

    /// Starts the thread; called once.
    ///
    /// - Parameters:
    ///   - work: returns whether there may be more to do at once.
    ///   - idle: runs once after each stretch of work that nothing followed for some seconds.
    func start(_ work: @escaping @Sendable () -> Bool, idle: (@Sendable () -> Void)? = nil) {
        let thread = Thread { [self] in
            while self.waitForWork(idle) {
                while work() {}
            }
            // What was asked for before the stop is done before the thread ends.
            while work() {}
            self.state.withLock { $0 = .stopped }
            self.ended.signal()
        }
        thread.name = self.name
        thread.start()
    }

    func wake() {
        let asleep = self.state.withLock { state in
            guard state == .asleep else { return false }
            state = .woken
            return true
        }
        if asleep { self.signal.signal() }
    }

    /// Finishes what there is to do and ends the thread; blocks until then.
    func stop() {
        let first = self.state.withLock { state in
            guard state != .stopping, state != .stopped else { return false }
            state = .stopping
            return true
        }
        guard first else { return }
        self.signal.signal()
        self.ended.wait()
    }

    /// - Returns: `false` when the thread is to end.
    private func waitForWork(_ idle: (@Sendable () -> Void)?) -> Bool {
        if let idle, self.signal.wait(timeout: .now() + Self.idleSeconds) == .timedOut {
            idle()
            self.signal.wait()
        } else if idle == nil {
            self.signal.wait()
        }
        return self.state.withLock { state in
            guard state != .stopping else { return false }
            state = .asleep
            return true
        }
    }
}
