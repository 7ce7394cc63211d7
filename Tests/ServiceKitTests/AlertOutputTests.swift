import JSONText
import Logging
import NIOCore
import NIOHTTP1
import ServiceKit
import Synchronization
import Testing

/// Goal: Slack and Alertmanager get alerts in the form that they take, and a refusal is an error.
@Suite(.timeLimit(.minutes(1))) struct AlertOutputTests {
    private static let message = AlertMessage(
        json: Array(#"{"kind":"test"}"#.utf8),
        summary: "high: \"impact\" by <!channel> & co",
        labels: [("alertname", "A"), ("severity", "high")],
        startsAt: "2026-01-01T00:00:00Z",
    )

    /// Delivers to a server of the test's own, and tells what it got.
    private func deliver(
        status: HTTPResponseStatus,
        _ output: (String) -> AlertOutput,
    ) async throws -> (String, String) {
        let taken = Mutex(("", ""))
        let server = try await HTTPServer(
            host: "127.0.0.1",
            port: 0,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        ) { request, loop in
            taken.withLock { $0 = (request.path, String(buffer: request.body)) }
            return loop.makeSucceededFuture(HTTPReply(status, text: ""))
        }
        do { try await output("http://\(Endpoint(server.address))").deliver(Self.message) } catch {
            await server.shutdown()
            throw error
        }
        await server.shutdown()
        return taken.withLock { $0 }
    }

    @Test func slackGetsText() async throws {
        let (path, body) = try await self.deliver(status: .ok) { .slack(url: $0 + "/services/x") }
        #expect(path == "/services/x" && body == #"{"text":"high: \"impact\" by &lt;!channel&gt; &amp; co"}"#)
    }

    @Test func alertmanagerGetsLabelsAndAnnotations() async throws {
        for suffix in ["", "/"] {
            let (path, body) = try await self.deliver(status: .ok) { .alertmanager(url: $0 + suffix) }
            #expect(path == "/api/v2/alerts")
            let alerts = try JSONValue(parsing: Array(body.utf8))
            #expect(alerts.array?.count == 1)
            let alert = try #require(alerts.array?.first)
            #expect(alert["labels"]?["alertname"]?.string == "A" && alert["labels"]?["severity"]?.string == "high")
            #expect(alert["annotations"]?["summary"]?.string == Self.message.summary)
            #expect(alert["annotations"]?["description"]?.string == #"{"kind":"test"}"#)
            #expect(alert["startsAt"]?.string == "2026-01-01T00:00:00Z")
        }
    }

    @Test func commandsGetTheAlert() async throws {
        try await AlertOutput.command(#"test "$(cat)" = '{"kind":"test"}'"#).deliver(Self.message)
    }

    @Test func aRefusalIsAnError() async throws {
        await #expect(throws: (any Error).self) {
            _ = try await self.deliver(status: .internalServerError) { .slack(url: $0) }
        }
        await #expect(throws: (any Error).self) { try await AlertOutput.command("exit 3").deliver(Self.message) }
    }
}
