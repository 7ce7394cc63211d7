import Logging
import Platform
import Primitives
import ServiceKit
import ServiceLifecycle
import Synchronization
import Transport

/// Keeps a connection to the ledger, and on it the slots and their work.
struct LogFollower: Service {
    private static let retry = Duration.milliseconds(500)

    let origin: String
    /// Resolved again at each connection.
    let ledger: PeerAddress
    /// `nil` for plain TCP.
    let tls: TLSSettings?
    let worker: SlotWorker
    let desk: AlertDesk
    let metrics: AnalyzerMetrics
    let health: AnalyzerHealth
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self.connect()
                } catch {
                    self.logger.info("not connected to the ledger", metadata: ["reason": "\(error)"])
                    self.health.problem = "not connected to the ledger: \(error)"
                }
                self.metrics.connected.set(0)
                // The ledger restarts, or is not up yet; ask again until it is.
                try? await Task.sleep(for: Self.retry)
            }
        }
    }

    /// One connection, until something on it ends.
    private func connect() async throws {
        let endpoint = try self.ledger.resolve()
        let client = try await RPCClient.connect(
            RPCClient.Configuration(
                host: endpoint.host,
                port: endpoint.port,
                tls: self.tls,
                software: Software.name("analyzer"),
            )
        )
        let calls = AnalyzerCalls(client: client, origin: self.origin)
        self.metrics.connected.set(1)
        self.health.problem = nil
        do {
            try await self.work(calls)
        } catch {
            // Whoever cannot judge leaves the slots to those who can.
            if !Task.isCancelled, (error as? IndelibleError)?.code == .notFound {
                await self.worker.giveUp(calls)
            }
            await self.end(calls)
            throw error
        }
        await self.end(calls)
    }

    /// The work, and beside it the question for slots, again and again.
    private func work(_ calls: AnalyzerCalls) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.worker.follow(calls) }
            group.addTask {
                while true { try await Task.sleep(for: try await self.worker.renew(calls)) }
            }
            group.addTask { try await self.desk.run(calls) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func end(_ calls: AnalyzerCalls) async {
        if Task.isCancelled {
            // Not in this task, which is cancelled.
            await Task { await self.worker.leave(calls) }.value
        }
        await calls.client.close()
    }
}

/// Why the process is of no use now, shared with those who ask.
final class AnalyzerHealth: Sendable {
    private let text = Mutex<String?>("not connected to the ledger")

    var problem: String? {
        get { self.text.withLock { $0 } }
        set { self.text.withLock { $0 = newValue } }
    }
}
