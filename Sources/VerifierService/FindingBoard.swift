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
    /// Findings kept that say that the record is not what it was, and others: the first ones say it all, and none takes the
    /// place of a worse one.
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

    fileprivate struct State {
        var entries: [Entry] = []
        /// How many of them say that the record is not what it was.
        var integrityCount = 0
        /// The first of those.
        var worst: Entry?
        /// What is out of order now and may pass, by who says so.
        var conditions: [String: [Finding]] = [:]
        /// Outputs that do not take a finding now.
        var refusing: Set<String> = []
        /// Whether something is not in the file.
        var isUnwritten = false
        var followers: [UUID: AsyncStream<Int>.Continuation] = [:]
    }

    private let files: any FileSystem
    private let logger: Logger
    private let metrics: VerifierMetrics
    private let muted: Set<Finding.Kind>
    private let state: Mutex<State>
    private let writing = Mutex(())

    /// - Parameter muted: Kinds that are counted and logged only; integrity findings are never muted.
    package init(
        files: any FileSystem,
        muted: Set<Finding.Kind> = [],
        metrics: VerifierMetrics,
        logger: Logger,
    ) throws(IndelibleError) {
        self.files = files
        self.muted = muted.filter { !$0.isIntegrity }
        self.logger = logger
        self.metrics = metrics
        let stored = try files.readAll(Self.path, byteCountMax: Self.byteCountMax) ?? []
        var state = State()
        for line in stored.split(separator: UInt8(ascii: "\n")).map(Array.init) {
            let value = try JSONValue(parsing: line, what: Self.path)
            let entry = Entry(log: value["log"]?.string ?? "", line: String(decoding: line, as: UTF8.self))
            // A kind of a later release counts as grave.
            let kind = value["kind"]?.string.flatMap { Finding.Kind(rawValue: $0) }
            state.add(entry, isIntegrity: kind?.isIntegrity ?? true)
        }
        self.state = Mutex(state)
    }

    /// What `/healthz` says; `nil` when the record was always what it must be, and nothing is out of order now.
    package var problem: String? {
        self.state.withLock { state in
            if let worst = state.worst { return "\(state.integrityCount) findings; the first is \(worst.line)" }
            if let output = state.refusing.min() { return "\(output) does not take findings" }
            return state.conditions.sorted { $0.key < $1.key }.lazy.flatMap(\.value).first.map {
                "\($0.kind.rawValue): \($0.path ?? "the log"), expected \($0.expected ?? ""), \($0.found ?? "")"
            }
        }
    }

    /// Says what is out of order now and may pass; what is new in that is put on record.
    ///
    /// - Parameters:
    ///   - conditions: All that the same watcher has to say about that log.
    ///   - watcher: Who says so.
    package func set(_ conditions: [Finding], of log: String, by watcher: String) {
        let name = "\(log) \(watcher)"
        let new = self.state.withLock { state in
            let known = state.conditions[name] ?? []
            state.conditions[name] = conditions.isEmpty ? nil : conditions
            self.metrics.conditions.set(state.conditions.values.reduce(0) { $0 + $1.count })
            return conditions.filter { !known.contains($0) }
        }
        for finding in new { self.report(finding, of: log) }
    }

    /// Says whether an output takes what it is sent.
    package func set(_ output: String, isRefusing: Bool) {
        self.state.withLock { state in
            if isRefusing { state.refusing.insert(output) } else { state.refusing.remove(output) }
            self.metrics.outputsRefusing.set(state.refusing.count)
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
        guard !self.muted.contains(finding.kind) else {
            self.metrics.findings.add()
            self.logger.notice("muted", metadata: ["finding": "\(line)"])
            return
        }
        let isIntegrity = finding.kind.isIntegrity
        let isNew = self.state.withLock { state in
            let count = isIntegrity ? state.integrityCount : state.entries.count - state.integrityCount
            guard count < Self.countMax, !state.entries.contains(entry) else { return false }
            state.add(entry, isIntegrity: isIntegrity)
            state.isUnwritten = true
            return true
        }
        guard isNew else { return }
        self.metrics.findings.add()
        self.logger.critical(
            isIntegrity ? "the log is not as it must be" : "something is out of order",
            metadata: ["finding": "\(line)"],
        )
        do throws(IndelibleError) { try self.flush() } catch {
            self.logger.error("a finding could not be kept; this is tried again", metadata: ["error": "\(error)"])
        }
        // Only now: what was told to others is on record here, too.
        self.state.withLock { state in
            for follower in state.followers.values { follower.yield(state.entries.count) }
        }
    }

    /// Writes what could not be written before; whoever goes on from a finding asks for this first.
    ///
    /// - Throws: What the disk throws.
    package func flush() throws(IndelibleError) {
        // One writer at a time: the file is written aside and renamed.
        try self.writing.withLock { (_) throws(IndelibleError) in
            let text = self.state.withLock { state in
                defer { state.isUnwritten = false }
                return state.isUnwritten ? state.entries.map { $0.line + "\n" }.joined() : nil
            }
            guard let text else { return }
            do throws(IndelibleError) { try self.files.replaceDurably(Self.path, with: Array(text.utf8)) } catch {
                self.state.withLock { $0.isUnwritten = true }
                throw error
            }
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

extension FindingBoard.State {
    fileprivate mutating func add(_ entry: FindingBoard.Entry, isIntegrity: Bool) {
        self.entries.append(entry)
        guard isIntegrity else { return }
        self.integrityCount += 1
        self.worst = self.worst ?? entry
    }
}
