import AuditModel
package import Logging
import NIOHTTP1
import Platform
import Primitives
import ServiceKit
import ServiceLifecycle
import TransparencyLog
package import Transport
import VerifierCore

/// Compares what other verifiers were shown with what was shown here, so that a split view is found by those who see it.
///
/// A peer needs no trust: what counts is the log's own signature, under what the peer was shown and under its evidence.
package struct PeerWatch: Service {
    private static let answerSeconds: Int64 = 5

    private let peers: [VerifierPeer]
    private let watches: [String: LogWatch]
    private let board: FindingBoard?
    private let unreachableNanoseconds: UInt64
    private let interval: Duration
    private let tls: ClientTLS?
    private let metrics: VerifierMetrics
    private let logger: Logger

    /// - Parameters:
    ///   - peers: Asked in turn.
    ///   - watches: By the hash of the log's origin.
    ///   - board: Told of peers that do not answer; `nil` tells nobody.
    ///   - unreachableSeconds: How long a peer may not answer.
    ///   - interval: Between two rounds.
    ///   - tls: For peers with `https` addresses.
    ///   - metrics: Of this process.
    ///   - logger: Of this process.
    package init(
        peers: [VerifierPeer],
        watches: [String: LogWatch],
        board: FindingBoard? = nil,
        unreachableSeconds: UInt64 = 60,
        interval: Duration,
        tls: ClientTLS? = nil,
        metrics: VerifierMetrics,
        logger: Logger,
    ) {
        self.peers = peers
        self.watches = watches
        self.board = board
        self.unreachableNanoseconds = unreachableSeconds * 1_000_000_000
        self.interval = interval
        self.tls = tls
        self.metrics = metrics
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var away: [VerifierPeer: UInt64] = [:]
            while !self.peers.isEmpty, !Task.isCancelled {
                for peer in self.peers {
                    do {
                        try await self.compare(peer)
                        self.metrics.peerComparisons.add()
                        away[peer] = nil
                    } catch {
                        self.metrics.peerFailures.add()
                        guard away[peer] == nil else { continue }
                        away[peer] = SystemClock.wallNanoseconds
                        self.logger.warning(
                            "a peer was not asked",
                            metadata: ["peer": "\(peer)", "reason": "\(error)"],
                        )
                    }
                }
                let silent = self.unreachable(away, at: SystemClock.wallNanoseconds)
                for watch in self.watches.values { self.board?.set(silent, of: watch.key.name, by: "peers") }
                try? await Task.sleep(for: self.interval)
            }
        }
        // A service that ends early would take the process with it.
        try? await gracefulShutdown()
    }

    /// The peers that have not answered for too long.
    private func unreachable(_ away: [VerifierPeer: UInt64], at now: UInt64) -> [Finding] {
        away.filter { now >= $0.value + self.unreachableNanoseconds }.sorted { "\($0.key)" < "\($1.key)" }.map {
            Finding(
                .unreachable,
                path: "peer \($0.key)",
                expected: "an answer",
                found: "none since \(TimeText.rfc3339(nanoseconds: $0.value))",
            )
        }
    }

    /// One round with one peer.
    package func compare(_ peer: VerifierPeer) async throws {
        let prefix = try peer.prefix()
        for (hash, watch) in self.watches {
            if let evidence = try await self.get(prefix, hash, PeerPath.evidence) {
                try await watch.report(ForkEvidence(parsing: evidence), index: nil)
            }
            for name in [PeerPath.seen, "checkpoint"] {
                guard let note = try await self.get(prefix, hash, name),
                    let evidence = try await watch.evidence(against: note)
                else { continue }
                let index = try await self.firstDifference(
                    prefix,
                    hash,
                    watch,
                    below: evidence.smaller.checkpoint.size,
                )
                try await watch.report(evidence, index: index)
            }
        }
    }

    /// The first entry of which the peer was shown another, by asking for its roots.
    ///
    /// - Returns: `nil` when the peer does not tell.
    private func firstDifference(
        _ prefix: String,
        _ hash: String,
        _ watch: LogWatch,
        below size: UInt64,
    ) async throws -> UInt64? {
        var (same, different) = (UInt64(0), size)
        while different - same > 1 {
            let middle = same + (different - same) / 2
            guard let answer = try await self.get(prefix, hash, PeerPath.root + "\(middle)"), answer.last == 0x0a,
                let root = Base64.decode(String(decoding: answer.dropLast(), as: UTF8.self)).flatMap({ Digest($0) })
            else { return nil }
            if try await watch.verifiedRoot(at: middle) == root { same = middle } else { different = middle }
        }
        return same
    }

    /// - Returns: `nil` for what the peer does not have.
    private func get(_ prefix: String, _ hash: String, _ name: String) async throws -> [UInt8]? {
        let url = prefix + PeerPath.path(hash, name)
        let response = try await HTTPClient.request(.GET, url, seconds: Self.answerSeconds, tls: self.tls)
        switch response.status {
        case 200: return response.body
        case 404: return nil
        default: throw IndelibleError(.unavailable, "\(url) answered \(response.status).")
        }
    }
}
