import Testing
import Wire

@Suite struct KeepAliveTests {
    static let second: UInt64 = 1_000_000_000

    @Test func pingsAQuietPeerAndGivesUpOnASilentOne() {
        var limits = ConnectionLimits()
        limits.keepAliveSeconds = 30
        limits.silenceSecondsMax = 90
        var keepAlive = KeepAlive(limits, now: 100 * Self.second)
        #expect(keepAlive.tick(now: 129 * Self.second) == .wait)
        #expect(keepAlive.tick(now: 130 * Self.second) == .ping)
        keepAlive.received(now: 131 * Self.second)
        #expect(keepAlive.tick(now: 160 * Self.second) == .wait)
        #expect(keepAlive.tick(now: 190 * Self.second) == .ping)
        #expect(keepAlive.tick(now: 221 * Self.second - 1) == .ping)
        #expect(keepAlive.tick(now: 221 * Self.second) == .close)
        #expect(keepAlive.tick(now: 0) == .wait)
    }
}
