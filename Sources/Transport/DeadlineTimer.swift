internal import NIOCore

/// One timer for the earliest of many deadlines; confined to its event loop.
final class DeadlineTimer {
    private var pending: (at: UInt64, task: Scheduled<Void>)?

    /// Sees to it that `expire` runs at `next` or a little earlier; it is to call this again.
    ///
    /// - Parameters:
    ///   - next: the earliest deadline, in nanoseconds of `NIODeadline`'s clock; `nil` when there is none.
    ///   - eventLoop: the one that this runs on.
    ///   - expire: called once.
    func schedule(_ next: UInt64?, on eventLoop: any EventLoop, _ expire: @escaping () -> Void) {
        guard let next else { return }
        if let pending = self.pending {
            guard next < pending.at else { return }
            pending.task.cancel()
        }
        let deadline = NIODeadline.uptimeNanoseconds(next)
        let task = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.pending = nil
            expire()
        }
        self.pending = (next, task)
    }

    func cancel() {
        self.pending?.task.cancel()
        self.pending = nil
    }
}
