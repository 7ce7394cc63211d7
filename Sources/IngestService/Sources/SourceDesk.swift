import AuditModel
package import IngestCore
import JSONText
import Platform
package import Primitives
package import Storage
import Synchronization

/// Where a collector keeps what it knows of its sources.
package final class SourceDesk: Sendable {
    /// The numbering of a run that stopped in order; there only between two runs, as after a crash it would be too old.
    private static let path = "sources.json"
    private static let byteCountMax = 4 << 20

    private let watch: Mutex<SourceWatch>
    private let files: any FileSystem

    /// - Parameter files: the collector's directory.
    /// - Throws: ``IndelibleError`` when the file of the last run cannot be read.
    package init(
        _ expectations: [SourceWatch.Expectation],
        in files: any FileSystem,
        limits: SourceWatch.Limits = SourceWatch.Limits(),
    ) throws(IndelibleError) {
        var watch = SourceWatch(expectations, limits: limits, now: SystemClock.wallNanoseconds)
        if let bytes = try files.readAll(Self.path, byteCountMax: Self.byteCountMax) {
            let value = try JSONValue(parsing: bytes, what: Self.path)
            for member in value.object?.members ?? [] {
                if let last = member.value.number?.uint64 { watch.resume(member.key, lastSequence: last) }
            }
            try files.remove(Self.path)
        }
        self.watch = Mutex(watch)
        self.files = files
    }

    /// The events of a submission are safe.
    ///
    /// - Returns: what there is to say of their sources.
    func note(_ submission: Submission) -> [SourceRecord] {
        guard submission.kind == .event else { return [] }
        let now = SystemClock.wallNanoseconds
        var records: [SourceRecord] = []
        for item in submission.items {
            guard let event = try? EventScan(submission.bytes.span, in: item.body) else { continue }
            let source = String(decoding: submission.bytes[event.source], as: UTF8.self)
            records += self.watch.withLock { $0.note(source, sequence: event.sourceSequence, now: now) }
        }
        return records
    }

    func look() -> [SourceRecord] { self.watch.withLock { $0.look(now: SystemClock.wallNanoseconds) } }

    /// Keeps the numbering for the next run.
    func close() throws(IndelibleError) {
        var writer = JSONWriter()
        writer.object { writer in
            for standing in self.watch.withLock({ $0.standings }) where standing.isExpected && standing.lastSequence > 0
            {
                writer.member(standing.source, standing.lastSequence)
            }
        }
        try self.files.replaceDurably(Self.path, with: writer.bytes)
    }

    /// What `indelible sources` shows.
    var json: String {
        let (standings, uncounted) = self.watch.withLock { ($0.standings, $0.uncountedCount) }
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("sources")
            writer.array { writer in
                for standing in standings { Self.write(standing, to: &writer) }
            }
            writer.member("events_of_other_sources", uncounted)
        }
        return writer.text + "\n"
    }

    private static func write(_ standing: SourceWatch.Standing, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("source", standing.source)
            writer.member("expected", standing.isExpected)
            writer.key("state")
            writer.string(
                standing.eventCount == 0 && !standing.isSilent ? "never" : standing.isSilent ? "silent" : "active"
            )
            writer.member("events", standing.eventCount)
            writer.member("last_received_ns", standing.lastReceivedNanoseconds)
            writer.member("last_sequence", standing.lastSequence)
            writer.member("missing", standing.missingCount)
        }
    }
}
