package import Primitives

/// What one connection, or all of them, got done.
package struct LoadTally: Sendable {
    package var acknowledgedEventCount: UInt64 = 0
    package var errorCount: UInt64 = 0
    package var firstError: IndelibleError?
    /// Of each request that was acknowledged, from when it was handed over to when its answer was read.
    package var latencies = LatencyHistogram()

    package init() {}

    package mutating func fail(_ error: IndelibleError) {
        self.errorCount += 1
        self.firstError = self.firstError ?? error
    }

    package mutating func merge(_ other: LoadTally) {
        self.acknowledgedEventCount += other.acknowledgedEventCount
        self.errorCount += other.errorCount
        self.firstError = self.firstError ?? other.firstError
        self.latencies.merge(other.latencies)
    }
}
