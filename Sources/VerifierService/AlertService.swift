import AuditModel
import Cryptography
import JSONText
package import Logging
import Platform
import Primitives
package import ServiceKit
import ServiceLifecycle
package import Storage

/// Sends every finding to every output, in order, until the output has taken it; over restarts, too.
package struct AlertService: Service {
    private static let directory = "alerts"
    private static let countByteCountMax = 32
    /// Longest time between two attempts.
    private static let delayMax = Duration.seconds(60)

    private let outputs: [AlertOutput]
    private let board: FindingBoard
    private let files: any FileSystem
    private let metrics: VerifierMetrics
    private let delay: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - outputs: Where to.
    ///   - board: What.
    ///   - files: Where it is remembered how many each output has taken.
    ///   - metrics: Of this process.
    ///   - delay: After the first failure; it doubles with each.
    ///   - logger: Of this process.
    package init(
        outputs: [AlertOutput],
        board: FindingBoard,
        files: any FileSystem,
        metrics: VerifierMetrics,
        delay: Duration = .seconds(1),
        logger: Logger,
    ) {
        self.outputs = outputs
        self.board = board
        self.files = files
        self.metrics = metrics
        self.delay = delay
        self.logger = logger
    }

    package func run() async throws {
        try self.files.createDirectory(Self.directory)
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for output in self.outputs { group.addTask { await self.serve(output) } }
            }
        }
        // A service that ends early would take the process with it.
        try? await gracefulShutdown()
    }

    private func serve(_ output: AlertOutput) async {
        var delivered = self.delivered(output)
        for await count in self.board.counts() {
            while delivered < count {
                guard let entry = self.board.entry(delivered), await self.deliver(entry, delivered + 1, output) else {
                    return
                }
                delivered += 1
                self.remember(delivered, output)
            }
        }
    }

    /// - Returns: false when the process stops first.
    private func deliver(_ finding: FindingBoard.Entry, _ number: Int, _ output: AlertOutput) async -> Bool {
        let alert = AlertMessage(
            json: Array(
                "{\"log\":\(JSONWriter.quoted(finding.log)),\"number\":\(number),\"finding\":\(finding.line)}\n".utf8
            ),
            summary: "The log \(finding.log) does not hold what it must: finding \(number), \(finding.line)",
            labels: [
                ("alertname", "IndelibleFinding"), ("severity", "critical"), ("log", finding.log),
                ("number", "\(number)"),
            ],
            startsAt: TimeText.rfc3339(nanoseconds: SystemClock.wallNanoseconds),
        )
        var delay = self.delay
        while !Task.isCancelled {
            do {
                try await output.deliver(alert)
                self.metrics.alertsDelivered.add()
                self.board.set(output.name, isRefusing: false)
                return true
            } catch {
                self.metrics.alertsFailed.add()
                self.board.set(output.name, isRefusing: true)
                self.logger.error(
                    "an alert was not delivered",
                    metadata: ["output": "\(output.name)", "number": "\(number)", "error": "\(error)"],
                )
            }
            try? await Task.sleep(for: delay)
            delay = min(delay * 2, Self.delayMax)
        }
        return false
    }

    // MARK: What was delivered

    /// An alert may come twice after a crash, and is never left out.
    private func delivered(_ output: AlertOutput) -> Int {
        guard let path = try? Self.path(output),
            let bytes = try? self.files.readAll(path, byteCountMax: Self.countByteCountMax)
        else { return 0 }
        return Int(String(decoding: bytes, as: UTF8.self)) ?? 0
    }

    private func remember(_ count: Int, _ output: AlertOutput) {
        do {
            try self.files.replaceDurably(try Self.path(output), with: Array("\(count)".utf8))
        } catch {
            self.logger.error("it is not remembered that an alert was delivered", metadata: ["error": "\(error)"])
        }
    }

    private static func path(_ output: AlertOutput) throws(IndelibleError) -> String {
        "\(Self.directory)/\(try SHA256.hash(Array(output.name.utf8)).hex)"
    }
}
