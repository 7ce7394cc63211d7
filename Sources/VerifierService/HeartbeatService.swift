import AuditModel
import JSONText
package import Logging
import Platform
package import ServiceKit
import ServiceLifecycle
import TransparencyLog

/// Says at intervals that this verifier lives, and how far it is, so that others notice when it no longer does.
///
/// A heartbeat that is not taken is not repeated: the next one says more.
package struct HeartbeatService: Service {
    private let outputs: [AlertOutput]
    private let interval: Duration
    private let verifier: String
    private let watches: [LogWatch]
    private let board: FindingBoard
    private let metrics: VerifierMetrics
    private let logger: Logger

    /// - Parameters:
    ///   - outputs: Where to; none for no heartbeat.
    ///   - interval: Between two.
    ///   - verifier: This one's key.
    ///   - watches: The logs that it says something about.
    ///   - board: Says whether all is well.
    ///   - metrics: Of this process.
    ///   - logger: Of this process.
    package init(
        outputs: [AlertOutput],
        interval: Duration,
        verifier: String,
        watches: [LogWatch],
        board: FindingBoard,
        metrics: VerifierMetrics,
        logger: Logger,
    ) {
        self.outputs = outputs
        self.interval = interval
        self.verifier = verifier
        self.watches = watches
        self.board = board
        self.metrics = metrics
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !self.outputs.isEmpty, !Task.isCancelled {
                await self.beat(at: SystemClock.wallNanoseconds)
                try? await Task.sleep(for: self.interval)
            }
        }
        // A service that ends early would take the process with it.
        try? await gracefulShutdown()
    }

    /// Sends one to every output.
    ///
    /// - Parameter now: Nanoseconds since the Unix epoch.
    package func beat(at now: UInt64) async {
        var logs: [(origin: String, read: UInt64, verified: UInt64)] = []
        for watch in self.watches {
            logs.append((watch.key.name, await watch.next, await watch.verifiedSize))
        }
        let message = self.message(logs, now)
        await withTaskGroup(of: Void.self) { group in
            for output in self.outputs { group.addTask { await self.send(message, to: output) } }
        }
    }

    private func send(_ message: AlertMessage, to output: AlertOutput) async {
        do {
            try await output.deliver(message)
            self.metrics.heartbeats.add()
        } catch {
            self.metrics.heartbeatFailures.add()
            self.logger.warning(
                "a heartbeat was not delivered",
                metadata: ["output": "\(output.name)", "error": "\(error)"],
            )
        }
    }

    private func message(
        _ logs: [(origin: String, read: UInt64, verified: UInt64)],
        _ now: UInt64,
    ) -> AlertMessage {
        let problem = self.board.problem
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("heartbeat", self.verifier)
            writer.member("time_ns", now)
            writer.key("problem")
            if let problem { writer.string(problem) } else { writer.null() }
            writer.key("logs")
            writer.array { writer in
                for log in logs {
                    writer.object { writer in
                        writer.member("log", log.origin)
                        writer.member("read_size", log.read)
                        writer.member("verified_size", log.verified)
                    }
                }
            }
        }
        return AlertMessage(
            json: Array((writer.text + "\n").utf8),
            summary: "The verifier \(self.verifier) is alive: \(problem ?? "all is well").",
            labels: [("alertname", "IndelibleHeartbeat"), ("severity", "none"), ("verifier", self.verifier)],
            startsAt: TimeText.rfc3339(nanoseconds: now),
        )
    }
}
