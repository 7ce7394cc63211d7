import Platform
import Primitives
import ServiceLifecycle
import VerifierCore

/// Has what only time tells looked at, every second: what does not come, and clocks.
struct ConditionWatch: Service {
    private static let interval = Duration.seconds(1)

    let watches: [LogWatch]
    let desk: WitnessDesk
    let board: FindingBoard

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let now = SystemClock.wallNanoseconds
                for watch in self.watches { await watch.tick(at: now) }
                for (origin, findings) in await self.desk.clock(at: now / 1_000_000_000) {
                    self.board.set(findings, of: origin, by: "witness")
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
        // A service that ends early would take the process with it.
        try? await gracefulShutdown()
    }
}
