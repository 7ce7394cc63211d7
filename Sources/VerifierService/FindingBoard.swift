import Foundation
import JSONText
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

    /// A finding as it is kept.
    package struct Entry: Equatable, Sendable {
        /// Origin of the log.
        package let log: String
        /// One JSON object.
        package let line: String
    }

    private struct State {
        var entries: [Entry] = []
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
        var entries: [Entry] = []
        for line in stored.split(separator: UInt8(ascii: "\n")).map(Array.init) {
            let log = try JSONValue(parsing: line, what: Self.path)["log"]?.string ?? ""
            entries.append(Entry(log: log, line: String(decoding: line, as: UTF8.self)))
        }
        self.state = Mutex(State(entries: entries))
    }

    /// What `/healthz` says; `nil` when nothing was ever found.
    package var problem: String? {
        self.state.withLock { state in
            state.entries.first.map { "\(state.entries.count) findings; the first is \($0.line)" }
        }
    }

    /// The finding at a position, in the order in which they were made.
    package func entry(_ position: Int) -> Entry? {
        self.state.withLock { $0.entries.indices.contains(position) ? $0.entries[position] : nil }
    }

    /// How many findings there are: now, and whenever there are more.
    package func counts() -> AsyncStream<Int> {
        let (stream, continuation) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let follower = UUID()
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.followers[follower] = nil } }
        self.state.withLock { state in
            state.followers[follower] = continuation
            continuation.yield(state.entries.count)
        }
        return stream
    }

    /// Puts a finding about the log of that origin on record, once.
    package func report(_ finding: Finding, of log: String) {
        let line = Self.line(finding, log)
        let entry = Entry(log: log, line: line)
        let isNew = self.state.withLock { state in
            guard state.entries.count < Self.countMax, !state.entries.contains(entry) else { return false }
            state.entries.append(entry)
            return true
        }
        guard isNew else { return }
        self.metrics.findings.add()
        self.logger.critical("the log is not as it must be", metadata: ["finding": "\(line)"])
        let bytes = self.state.withLock { Array($0.entries.map { $0.line + "\n" }.joined().utf8) }
        do throws(IndelibleError) { try self.files.replaceDurably(Self.path, with: bytes) } catch {
            self.logger.error("a finding could not be kept", metadata: ["error": "\(error)"])
        }
        // Only now: what was told to others is on record here, too.
        self.state.withLock { state in
            for follower in state.followers.values { follower.yield(state.entries.count) }
        }
    }

    private static func line(_ finding: Finding, _ log: String) -> String {
        let object: [String: Any] = [
            "kind": finding.kind.rawValue,
            "log": log,
            "index": finding.index as Any? ?? NSNull(),
            "path": finding.path as Any? ?? NSNull(),
            "expected": finding.expected as Any? ?? NSNull(),
            "found": finding.found as Any? ?? NSNull(),
            "remedy": finding.kind.remedy,
        ]
        let data = try? JSONSerialization.data(
            withJSONObject: object,
            options: [.sortedKeys, .withoutEscapingSlashes],
        )
        return data.map { String(decoding: $0, as: UTF8.self) } ?? finding.kind.rawValue
    }
}
