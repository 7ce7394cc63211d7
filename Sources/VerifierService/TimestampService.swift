import Cryptography
package import Logging
import NIOHTTP1
import Platform
import Primitives
import ServiceKit
import ServiceLifecycle
package import Storage
import TransparencyLog
package import Transport
import VerifierCore

/// Has the newest verified checkpoint of each log stamped by an authority, on a cadence, and keeps what it answers.
///
/// `SIZE.checkpoint` and `SIZE.tsr` are kept for each, in the log's own directory.
package struct TimestampService: Service {
    private static let answerSeconds: Int64 = 30
    private static let nonceByteCount = 8
    private static let directory = "timestamps"

    /// Who stamps.
    package struct Authority: Sendable {
        /// `http[s]://` address that takes a POST.
        package let url: String
        /// PEM certificates that the signer's must lead to.
        package let certificates: String

        package init(url: String, certificates: String) {
            self.url = url
            self.certificates = certificates
        }
    }

    private let authority: Authority?
    private let watches: [LogWatch]
    private let interval: Duration
    private let tls: ClientTLS?
    private let files: any FileSystem
    private let metrics: VerifierMetrics
    private let logger: Logger

    /// - Parameters:
    ///   - authority: `nil` has nothing stamped.
    ///   - watches: The logs.
    ///   - interval: Between two stamps of a log that grows; one that is idle is not stamped again.
    ///   - tls: For an `https` address; `nil` trusts the system's authorities.
    ///   - files: The verifier's directory.
    ///   - metrics: Of this process.
    ///   - logger: Of this process.
    package init(
        authority: Authority?,
        watches: [LogWatch],
        interval: Duration,
        tls: ClientTLS?,
        files: any FileSystem,
        metrics: VerifierMetrics,
        logger: Logger,
    ) {
        self.authority = authority
        self.watches = watches
        self.interval = interval
        self.tls = tls
        self.files = files
        self.metrics = metrics
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while let authority, !Task.isCancelled {
                for watch in self.watches {
                    do { try await self.stamp(watch, authority) } catch {
                        guard !Task.isCancelled else { break }
                        self.metrics.timestampFailures.add()
                        self.logger.warning(
                            "a checkpoint was not stamped",
                            metadata: ["authority": "\(authority.url)", "reason": "\(error)"],
                        )
                    }
                }
                try? await Task.sleep(for: self.interval)
            }
        }
        // A service that ends early would take the process with it.
        try? await gracefulShutdown()
    }

    /// Has the newest checkpoint stamped, unless it is already.
    package func stamp(_ watch: LogWatch, _ authority: Authority) async throws {
        guard let seen = await watch.seen else { return }
        let checkpoint = try SignedCheckpoint(parsing: seen)
        let subject = try Timestamp.subject(checkpoint, log: watch.key)
        let directory = "\(watch.directory)/\(Self.directory)"
        let name = "\(directory)/\(checkpoint.checkpoint.size)"
        guard try !self.files.exists(name + ".tsr") else { return }
        let nonce = try SecureRandom.bytes(Self.nonceByteCount).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let response = try await HTTPClient.request(
            .POST,
            authority.url,
            body: Timestamp.request(subject, nonce: nonce),
            headers: ["Content-Type": Timestamp.queryType],
            seconds: Self.answerSeconds,
            byteCountMax: Timestamp.responseByteCountMax,
            tls: self.tls,
        )
        guard response.status == 200 else {
            throw IndelibleError(.unavailable, "\(authority.url) answered \(response.status).")
        }
        let seconds = try Timestamp.verify(
            response.body,
            over: subject,
            nonce: nonce,
            authorities: authority.certificates,
        )
        try self.files.createDirectory(directory)
        try self.files.replaceDurably(name + ".checkpoint", with: subject)
        try self.files.replaceDurably(name + ".tsr", with: response.body)
        self.metrics.timestamps.add()
        self.metrics.timestampSeconds.set(seconds)
    }
}
