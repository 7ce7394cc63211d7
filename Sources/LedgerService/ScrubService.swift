import AuditModel
import LedgerCore
import Logging
import Platform
import Primitives
import ServiceKit
import ServiceLifecycle
import Storage
import TransparencyLog

/// Reads the log's own files again on a schedule, beside the ledger: damage on disk must not wait for somebody to read it.
///
/// The file `scrub` in the log's directory says how far it came, so that a restart goes on there.
struct ScrubService: Service {
    private static let path = "scrub"
    private static let byteCountMax = 256
    /// Between two looks at whether it is time.
    private static let check = Duration.seconds(1)
    /// After a pass that could not go on, such as on a full disk.
    private static let retry = Duration.seconds(60)
    /// Findings that are logged one by one; the rest are counted.
    private static let loggedCountMax = 1000

    struct Settings {
        let interval: UInt64
        /// 0 does not wait at all.
        let bytesPerSecond: UInt64
    }

    /// What is kept over a restart.
    private struct Progress {
        /// Seconds since the Unix epoch at which the last pass ended; before that, of the first start.
        var finished: UInt64
        /// The segment to go on with; 0 when none is under way.
        var next: Int
    }

    private let files: any FileSystem
    private let key: VerifierKey
    private let settings: Settings
    private let note: FailureNote
    private let metrics: ScrubMetrics
    private let logger: Logger

    /// - Parameters:
    ///   - files: the log's directory.
    ///   - note: gets what is wrong, for `/healthz`.
    init(
        files: any FileSystem,
        key: VerifierKey,
        settings: Settings,
        note: FailureNote,
        metrics: ScrubMetrics,
        logger: Logger,
    ) {
        self.files = files
        self.key = key
        self.settings = settings
        self.note = note
        self.metrics = metrics
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while self.settings.interval > 0, !Task.isCancelled {
                do { try await self.keepScrubbing() } catch {
                    guard !Task.isCancelled else { return }
                    self.logger.error("the log's files are not read again", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: Self.retry)
                }
            }
        }
        // A service that ends early would take the process with it.
        try? await gracefulShutdown()
    }

    /// One pass after the other; returns never.
    private func keepScrubbing() async throws {
        var progress = try self.load()
        self.metrics.finishedSeconds.set(progress.finished)
        while true {
            if progress.next > 0 || Self.now >= progress.finished + self.settings.interval {
                try await self.pass(&progress)
            }
            try await Task.sleep(for: Self.check)
        }
    }

    private func pass(_ progress: inout Progress) async throws {
        let scrub = try LogScrub(self.files, key: self.key)
        let report = { (finding: LogFinding) in self.report(finding) }
        var summary = LogCheckSummary()
        var pace = ReadPace(bytesPerSecond: Int(clamping: self.settings.bytesPerSecond))
        let count = try scrub.segmentCount()
        self.metrics.targetSegments.set(count)
        while progress.next < count {
            let byteCount = scrub.check(segment: progress.next, &summary, report)
            progress.next += 1
            self.metrics.segments.set(progress.next)
            try self.save(progress)
            // Without a rate nothing else gives others their turn, or sees the end.
            await Task.yield()
            try Task.checkCancellation()
            try await pace.wait(after: Int(clamping: byteCount))
        }
        scrub.checkRest(&summary, report)
        progress = Progress(finished: Self.now, next: 0)
        try self.save(progress)
        self.metrics.finishedSeconds.set(progress.finished)
        self.metrics.finishedSegments.set(count)
        self.logger.info(
            "the log's files were read again",
            metadata: ["segments": "\(count)", "findings": "\(summary.findingCount)"],
        )
    }

    private func report(_ finding: LogFinding) {
        self.metrics.findings.add()
        let index = finding.index.map { ", entry \($0)" } ?? ""
        self.note.text =
            self.note.text ?? "A file is not as it was written: \(finding.path)\(index). Run indelible fsck."
        guard self.metrics.findings.current <= UInt64(Self.loggedCountMax) else { return }
        self.logger.critical(
            "a file is not as it was written",
            metadata: [
                "kind": "\(finding.kind.rawValue)", "path": "\(finding.path)",
                "index": "\(finding.index.map(String.init) ?? "-")",
                "expected": "\(finding.expected)", "found": "\(finding.found)",
            ],
        )
    }

    private func load() throws(IndelibleError) -> Progress {
        let text = try self.files.readAll(Self.path, byteCountMax: Self.byteCountMax) ?? []
        let numbers = text.split(separator: UInt8(ascii: " ")).compactMap {
            UInt64(String(decoding: $0, as: UTF8.self))
        }
        // What cannot be read is no loss: a pass more.
        guard numbers.count == 2, let next = Int(exactly: numbers[1]) else {
            let first = Progress(finished: Self.now, next: 0)
            try self.save(first)
            return first
        }
        return Progress(finished: numbers[0], next: next)
    }

    private func save(_ progress: Progress) throws(IndelibleError) {
        try self.files.replaceDurably(Self.path, with: Array("\(progress.finished) \(progress.next)".utf8))
    }

    private static var now: UInt64 { SystemClock.wallNanoseconds / 1_000_000_000 }
}

/// What scrubbing counts.
struct ScrubMetrics: Sendable {
    let segments: Metrics.Gauge
    let targetSegments: Metrics.Gauge
    let finishedSegments: Metrics.Gauge
    let finishedSeconds: Metrics.Gauge
    let findings: Metrics.Counter

    init(_ metrics: Metrics) {
        self.segments = metrics.gauge("indelible_ledger_scrubbed_segments", "Segments read again in this pass.")
        self.targetSegments = metrics.gauge("indelible_ledger_scrub_target_segments", "Segments that it reads in all.")
        self.finishedSegments = metrics.gauge("indelible_ledger_scrub_finished_segments", "Segments of the last pass.")
        self.finishedSeconds = metrics.gauge(
            "indelible_ledger_scrub_finished_timestamp_seconds",
            "When all files were last read again; before that, when the ledger first started.",
        )
        self.findings = metrics.counter("indelible_ledger_scrub_findings_total", "Files that were not as written.")
    }
}
