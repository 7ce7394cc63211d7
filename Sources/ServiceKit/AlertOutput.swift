internal import Cryptography
internal import Foundation
internal import JSONText
internal import NIOHTTP1
internal import Primitives
package import Transport

/// Somewhere that alerts are sent to.
package enum AlertOutput: Sendable {
    /// Run with `/bin/sh -c`, the alert on standard input.
    case command(String)
    /// Gets a POST for each alert, signed with HMAC-SHA256 over the body.
    case webhook(url: String, secret: [UInt8], tls: ClientTLS? = nil)
    /// Gets a POST of `{"text":..}` for each alert, as Slack's incoming webhooks take them.
    case slack(url: String, tls: ClientTLS? = nil)
    /// Gets each alert at `/api/v2/alerts` (Prometheus Alertmanager, API v2).
    case alertmanager(url: String, tls: ClientTLS? = nil)

    /// The webhook's header: `sha256=` and the signature in hexadecimal.
    package static let signatureHeader = "Indelible-Signature"
    /// Seconds that a command or a request may take.
    static let seconds: Int64 = 30

    /// What the output is known by over a restart.
    package var name: String {
        switch self {
        case .command(let command): "command \(command)"
        case .webhook(let url, _, _): "webhook \(url)"
        case .slack(let url, _): "slack \(url)"
        case .alertmanager(let url, _): "alertmanager \(url)"
        }
    }

    /// Delivers one alert.
    ///
    /// - Throws: ``IndelibleError/Code/unavailable`` when the command failed or the webhook did not answer with 2xx.
    package func deliver(_ alert: AlertMessage) async throws {
        switch self {
        case .command(let command): try await Self.run(command, alert.json)
        case .webhook(let url, let secret, let tls):
            let signature = try HMACSHA256.authenticate(alert.json, key: secret).hex
            try await Self.post(alert.json, to: url, [(Self.signatureHeader, "sha256=\(signature)")], tls)
        case .slack(let url, let tls):
            var writer = JSONWriter()
            writer.object { $0.member("text", Self.slackText(alert.summary)) }
            try await Self.post(Array(writer.text.utf8), to: url, [], tls)
        case .alertmanager(let url, let tls):
            let path = (url.hasSuffix("/") ? String(url.dropLast()) : url) + "/api/v2/alerts"
            try await Self.post(Self.alertmanagerBody(alert), to: path, [], tls)
        }
    }

    /// Names and actions come from events: a `<!channel>` in one must not call everybody.
    private static func slackText(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private static func alertmanagerBody(_ alert: AlertMessage) -> [UInt8] {
        var writer = JSONWriter()
        writer.array { writer in
            writer.object { writer in
                writer.member("labels") { writer in
                    for (name, value) in alert.labels { writer.member(name, value) }
                }
                writer.member("annotations") { writer in
                    writer.member("summary", alert.summary)
                    writer.member("description", String(decoding: alert.json, as: UTF8.self))
                }
                writer.member("startsAt", alert.startsAt)
            }
        }
        return Array(writer.text.utf8)
    }

    private static func post(
        _ body: [UInt8],
        to url: String,
        _ headers: [(String, String)],
        _ tls: ClientTLS?,
    ) async throws {
        let response = try await HTTPClient.request(
            .POST,
            url,
            body: body,
            headers: HTTPHeaders([("Content-Type", "application/json")] + headers),
            seconds: Self.seconds,
            tls: tls,
        )
        guard (200...299).contains(response.status) else {
            throw IndelibleError(.unavailable, "\(url) answered \(response.status).")
        }
    }

    private static func run(_ command: String, _ alert: [UInt8]) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command]
        let input = Pipe()
        process.standardInput = input
        let status = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch {
                process.terminationHandler = nil
                return continuation.resume(throwing: error)
            }
            // A command that does not read its input is no failure; an alert fits into the pipe.
            try? input.fileHandleForWriting.write(contentsOf: alert)
            try? input.fileHandleForWriting.close()
            let pid = process.processIdentifier
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Int(Self.seconds))) { [weak process] in
                if process?.isRunning == true, process?.processIdentifier == pid { process?.terminate() }
            }
        }
        guard status == 0 else { throw IndelibleError(.unavailable, "The alert command ended with \(status).") }
    }
}
