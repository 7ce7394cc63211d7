/// Tells a quiet peer from one that is gone, with PINGs.
///
/// Time is in nanoseconds of a monotonic clock.
package struct KeepAlive: Sendable {
    package enum Action: Equatable, Sendable {
        case wait
        /// Send a PING.
        case ping
        /// The peer is gone.
        case close
    }

    private let pingNanoseconds: UInt64
    private let silenceNanosecondsMax: UInt64
    private var lastReceived: UInt64

    package init(_ limits: ConnectionLimits, now: UInt64) {
        self.pingNanoseconds = UInt64(limits.keepAliveSeconds) * 1_000_000_000
        self.silenceNanosecondsMax = UInt64(limits.silenceSecondsMax) * 1_000_000_000
        self.lastReceived = now
    }

    /// Bytes arrived.
    package mutating func received(now: UInt64) {
        self.lastReceived = now
    }

    /// To be asked about once per keep-alive interval.
    package func tick(now: UInt64) -> Action {
        let silence = now - min(now, self.lastReceived)
        if silence >= self.silenceNanosecondsMax { return .close }
        return silence >= self.pingNanoseconds ? .ping : .wait
    }
}
