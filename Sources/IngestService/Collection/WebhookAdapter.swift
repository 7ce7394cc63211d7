import Cryptography
package import EventFormats
import NIOHTTP1
import Primitives
package import ServiceKit

/// Webhooks of GitHub and GitLab, each with the check that its sender offers.
package struct WebhookAdapter: CollectionAdapter {
    package enum Sender: String, Sendable {
        /// HMAC-SHA256 of the body in `X-Hub-Signature-256`.
        case github
        /// A shared token in `X-Gitlab-Token`, or in `X-Gitlab-Event-Streaming-Token` for streamed audit events.
        case gitlab
    }

    private let sender: Sender
    private let intake: Intake
    private let secret: [UInt8]
    private let limits: CollectionLimits

    /// - Parameter secret: what the sender was given too; not empty.
    package init(_ sender: Sender, _ intake: Intake, secret: [UInt8], limits: CollectionLimits = CollectionLimits()) {
        precondition(!secret.isEmpty, "a webhook without a secret would take anything")
        self.sender = sender
        self.intake = intake
        self.secret = secret
        self.limits = limits
    }

    package func take(_ request: CollectionRequest) async throws -> HTTPReply {
        guard try self.isAuthentic(request) else {
            throw IndelibleError(
                .unauthenticated,
                "The signature or token does not match the secret of this collector. Give \(self.sender.rawValue) the same one.",
            )
        }
        let delivery: Delivery
        let name: String?
        switch self.sender {
        case .github:
            delivery = .github(event: request.header("X-GitHub-Event") ?? "event")
            name = request.header("X-GitHub-Delivery")
        case .gitlab:
            delivery = .gitlab(event: request.header("X-Gitlab-Event") ?? "event")
            name = request.header("Idempotency-Key") ?? request.header("X-Gitlab-Event-UUID")
        }
        let content = try SHA256.hash(request.body)
        let text = "indelible/webhook/v1\n\(self.sender.rawValue)\n\(name ?? Hex.encode(content.bytes))"
        let key = try SHA256.hash(Array(text.utf8))
        let normalizer = self.intake.normalizer(self.limits)
        guard !request.body.isEmpty else { throw IndelibleError(.invalidArgument, "The body is empty.") }
        let whole = RecordBody.Part.record(0..<request.body.count)
        let item = try normalizer.item(whole, 0, request, seed: key.bytes, in: delivery)
        let results = try await self.intake.take(
            [item],
            adapter: self.sender.rawValue,
            key: .request(key: key, content: content),
        )
        return EventsAdapter.reply(results, isMinimal: false)
    }

    private func isAuthentic(_ request: CollectionRequest) throws(IndelibleError) -> Bool {
        switch self.sender {
        case .github:
            let prefix = "sha256="
            guard let given = request.header("X-Hub-Signature-256"), given.hasPrefix(prefix),
                let signature = Hex.decode(given.dropFirst(prefix.count))
            else { return false }
            let expected = try HMACSHA256.authenticate(request.body, key: self.secret)
            return ConstantTime.equal(signature, expected.bytes)
        case .gitlab:
            let given = request.header("X-Gitlab-Token") ?? request.header("X-Gitlab-Event-Streaming-Token") ?? ""
            return ConstantTime.equal(Array(given.utf8), self.secret)
        }
    }
}
