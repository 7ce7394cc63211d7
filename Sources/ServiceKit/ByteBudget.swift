import Synchronization

/// Bytes that may be held at once, shared by whoever holds them.
package final class ByteBudget: Sendable {
    private let held = Mutex(0)
    private let max: Int

    package init(max: Int) { self.max = max }

    /// - Returns: false, and nothing is taken, when that many are not free.
    package func take(_ byteCount: Int) -> Bool {
        self.held.withLock { held in
            guard held + byteCount <= self.max else { return false }
            held += byteCount
            return true
        }
    }

    package func release(_ byteCount: Int) { self.held.withLock { $0 -= byteCount } }
}
