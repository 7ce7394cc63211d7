import Cryptography
import Logging
import NIOCore
import NIOHTTP1
import Primitives
import ServiceKit
import Simulation
import Storage
import Synchronization
import Testing
import VerifierCore
import VerifierService

/// Goal: every finding reaches every output, signed, in order, also after failures and restarts; failures can be seen.
///
/// Method: a webhook in the test's own process that refuses as often as it is told to.
@Suite(.timeLimit(.minutes(1))) struct AlertTests {
    private static let secret = Array("a secret of the operator".utf8)
    private static let log = "log.example/alerts"
    private static let findings = [3, 1, 4].map { Finding(.payloadAltered, index: $0, expected: "aa", found: "bb") }

    /// Remembers what it took.
    private final class Hook: Sendable {
        struct State {
            var refusals: Int
            var taken: [(body: [UInt8], signature: String?)] = []
        }

        let state: Mutex<State>

        init(refusals: Int) { self.state = Mutex(State(refusals: refusals)) }

        func start() async throws -> HTTPServer {
            try await HTTPServer(host: "127.0.0.1", port: 0, logger: AlertTests.logger) { request, loop in
                let isTaken = self.state.withLock { state in
                    guard state.refusals == 0 else {
                        state.refusals -= 1
                        return false
                    }
                    let signature = request.headers.first(name: AlertOutput.signatureHeader)
                    state.taken.append((Array(request.body.readableBytesView), signature))
                    return true
                }
                let reply = HTTPReply(isTaken ? .ok : .serviceUnavailable, text: "")
                return loop.makeSucceededFuture(reply)
            }
        }

        func waitFor(_ count: Int) async {
            while self.state.withLock({ $0.taken.count }) < count { await Task.yield() }
        }
    }

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func service(
        _ outputs: [AlertOutput],
        _ disk: SimulatedDisk,
        _ metrics: VerifierMetrics,
    ) throws -> (board: FindingBoard, service: AlertService) {
        let board = try FindingBoard(files: disk, metrics: metrics, logger: Self.logger)
        let service = AlertService(
            outputs: outputs,
            board: board,
            files: disk,
            metrics: metrics,
            delay: .milliseconds(1),
            logger: Self.logger,
        )
        return (board, service)
    }

    @Test func webhookGetsEachFindingOnceSigned() async throws {
        let hook = Hook(refusals: 3)
        let server = try await hook.start()
        let output = AlertOutput.webhook(url: "http://\(Endpoint(server.address))/hook", secret: Self.secret)
        let (disk, metrics) = (SimulatedDisk(), VerifierMetrics(Metrics()))
        let (board, service) = try Self.service([output], disk, metrics)
        board.report(Self.findings[0], of: Self.log)
        let running = Task { try await service.run() }
        await hook.waitFor(1)
        board.report(Self.findings[1], of: Self.log)
        board.report(Self.findings[0], of: Self.log)
        await hook.waitFor(2)
        while metrics.alertsDelivered.current < 2 { await Task.yield() }
        #expect(metrics.alertsFailed.current == 3)
        running.cancel()
        try await running.value

        // After a restart only what is new.
        disk.restart()
        let (boardAgain, serviceAgain) = try Self.service([output], disk, metrics)
        let runningAgain = Task { try await serviceAgain.run() }
        boardAgain.report(Self.findings[2], of: Self.log)
        await hook.waitFor(3)
        runningAgain.cancel()
        try await runningAgain.value
        await server.shutdown()

        let taken = hook.state.withLock { $0.taken }
        let indices = taken.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(taken.count == 3)
        for (position, text) in indices.enumerated() {
            let index = Self.findings[position].index ?? 0
            #expect(text.contains("\"number\":\(position + 1),"), "\(text)")
            #expect(text.contains("\"index\":\(index),\"kind\":\"payload-altered\""), "\(text)")
            #expect(text.contains("\"log\":\"log.example/alerts\""), "\(text)")
        }
        for alert in taken {
            let signature = try HMACSHA256.authenticate(alert.body, key: Self.secret).hex
            #expect(alert.signature == "sha256=\(signature)")
        }
    }

    @Test func theFailureOfACommandIsSeen() async throws {
        let metrics = VerifierMetrics(Metrics())
        let (board, service) = try Self.service([.command("exit 1")], SimulatedDisk(), metrics)
        board.report(Self.findings[0], of: Self.log)
        let running = Task { try await service.run() }
        while metrics.alertsFailed.current < 2 { await Task.yield() }
        #expect(metrics.alertsDelivered.current == 0)
        running.cancel()
        try await running.value
    }
}
