import Foundation
package import Logging
package import Primitives
import ServiceKit
package import Storage
import Synchronization
package import VerifierCore

/// Where findings go: to the operator, to `/healthz`, and to a file that survives a restart.
package final class FindingBoard: Sendable {
    /// Findings kept; the first ones say it all.
    private static let countMax = 1000
    private static let byteCountMax = 4 << 20
    private static let path = "findings.jsonl"

    private struct State {
        var lines: [String] = []
        var followers: [UUID: AsyncStream<Int>.Continuation] = [:]
    }

    private let files: any FileSystem
    private let logger: Logger
    private let metrics: VerifierMetrics
    private let state: Mutex<State>

    package init(files: any FileSystem, metrics: VerifierMetrics, logger: Logger) throws(IndelibleError) {
        self.files = files
        self.logger = logger
        self.metrics = metrics
        let stored = try files.readAll(Self.path, byteCountMax: Self.byteCountMax) ?? []
        let lines = stored.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        self.state = Mutex(State(lines: lines))
    }

    /// What `/healthz` says; `nil` when nothing was ever found.
    package var problem: String? {
        self.state.withLock { state in
            state.lines.first.map { "\(state.lines.count) findings; the first is \($0)" }
        }
    }

    /// The finding at a position, in the order in which they were made; one JSON object.
    package func line(_ position: Int) -> String? {
        self.state.withLock { $0.lines.indices.contains(position) ? $0.lines[position] : nil }
    }

    /// How many findings there are: now, and whenever there are more.
    package func counts() -> AsyncStream<Int> {
        let (stream, continuation) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let follower = UUID()
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.followers[follower] = nil } }
        self.state.withLock { state in
            state.followers[follower] = continuation
            continuation.yield(state.lines.count)
        }
        return stream
    }

    /// Puts a finding on record, once.
    package func report(_ finding: Finding) {
        let line = Self.line(finding)
        let isNew = self.state.withLock { state in
            guard state.lines.count < Self.countMax, !state.lines.contains(line) else { return false }
            state.lines.append(line)
            return true
        }
        guard isNew else { return }
        self.metrics.findings.add()
        self.logger.critical("the log is not as it must be", metadata: ["finding": "\(line)"])
        let bytes = self.state.withLock { Array($0.lines.map { $0 + "\n" }.joined().utf8) }
        do throws(IndelibleError) { try self.files.replaceDurably(Self.path, with: bytes) } catch {
            self.logger.error("a finding could not be kept", metadata: ["error": "\(error)"])
        }
        // Only now: what was told to others is on record here, too.
        self.state.withLock { state in
            for follower in state.followers.values { follower.yield(state.lines.count) }
        }
    }

    private static func line(_ finding: Finding) -> String {
        let object: [String: Any] = [
            "kind": finding.kind.rawValue,
            "index": finding.index as Any? ?? NSNull(),
            "path": finding.path as Any? ?? NSNull(),
            "expected": finding.expected as Any? ?? NSNull(),
            "found": finding.found as Any? ?? NSNull(),
        ]
        let data = try? JSONSerialization.data(
            withJSONObject: object,
            options: [.sortedKeys, .withoutEscapingSlashes],
        )
        return data.map { String(decoding: $0, as: UTF8.self) } ?? finding.kind.rawValue
    }
}
