internal import Platform

/// Keeps the reading of a whole log from taking all there is of a disk or a network.
package struct ReadPace {
    private let bytesPerSecond: Int
    private let started = SystemClock.monotonicNanoseconds
    private var byteCount = 0

    /// - Parameter bytesPerSecond: 0 does not wait at all.
    package init(bytesPerSecond: Int) { self.bytesPerSecond = bytesPerSecond }

    /// Waits until so many bytes are within the rate.
    package mutating func wait(after byteCount: Int) async throws {
        guard self.bytesPerSecond > 0 else { return }
        self.byteCount += byteCount
        let due = Double(self.byteCount) / Double(self.bytesPerSecond)
        let passed = Double(SystemClock.monotonicNanoseconds - self.started) / 1e9
        if due > passed { try await Task.sleep(for: .seconds(due - passed)) }
    }
}
