import Cryptography
import Foundation
import NIOHTTP1
import Primitives
import ServiceKit
package import Transport

/// Somewhere that findings are sent to.
package enum AlertOutput: Sendable {
    /// Run with `/bin/sh -c`, the alert on standard input.
    case command(String)
    /// Gets a POST for each alert, signed with HMAC-SHA256 over the body.
    case webhook(url: String, secret: [UInt8], tls: ClientTLS? = nil)

    /// The webhook's header: `sha256=` and the signature in hexadecimal.
    package static let signatureHeader = "Indelible-Signature"
    /// Seconds that a command or a request may take.
    static let seconds: Int64 = 30

    /// What the output is known by over a restart.
    package var name: String {
        switch self {
        case .command(let command): "command \(command)"
        case .webhook(let url, _, _): "webhook \(url)"
        }
    }

    /// Delivers one alert.
    ///
    /// - Throws: ``IndelibleError/Code/unavailable`` when the command failed or the webhook did not answer with 2xx.
    package func deliver(_ alert: [UInt8]) async throws {
        switch self {
        case .command(let command): try await Self.run(command, alert)
        case .webhook(let url, let secret, let tls):
            let signature = try HMACSHA256.authenticate(alert, key: secret).hex
            let headers: HTTPHeaders = [
                "Content-Type": "application/json", Self.signatureHeader: "sha256=\(signature)",
            ]
            let response = try await HTTPClient.request(
                .POST,
                url,
                body: alert,
                headers: headers,
                seconds: Self.seconds,
                tls: tls,
            )
            guard (200...299).contains(response.status) else {
                throw IndelibleError(.unavailable, "\(url) answered \(response.status).")
            }
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
