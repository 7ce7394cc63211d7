import AnalyzerCore
import ArgumentParser
import AuditModel
import EventFormats
import JSONText
import Primitives
import ServiceKit
import SigmaRules
import Storage

/// Tries rules on records: `indelible rules test`.
struct RulesTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Say which records of a file make which rules of a folder true.",
        discussion: """
            Records are read as `indelible import` reads them, and judged in their
            order as an analyzer judges them, correlations included. A rule that
            is refused is left out; `indelible rules check` says why.

            With --json one object a line for each record with a hit: record
            (its number, from 1), severity, rules (id, title, level, tags, and
            events: of a correlation the numbers of the records that made it).

            Exit codes: 0 there is a hit; 1 there is none.
            """,
    )

    private static let fileByteCountMax = 256 << 20

    @Argument(help: "Folder of .yml files; folders in it count too.")
    var directory: String

    @Option(name: .customLong("event"), help: "File of JSON records, one a line.")
    var file: String

    @Option(help: "What the records are; without it each is judged by its fields.")
    var format: String?

    @Flag(help: "One JSON object a line.")
    var json = false

    func validate() throws {
        guard self.format == nil || self.sourceFormat != nil else {
            throw ValidationError("--format is \(SourceFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
    }

    private var sourceFormat: SourceFormat? { self.format.flatMap(SourceFormat.init(rawValue:)) }

    func run() async throws {
        try await Outcome.report {
            let set = try RuleSet.folder(self.directory).set
            let (files, name) = try HostPath(self.file).open()
            guard let bytes = try files.readAll(name, byteCountMax: Self.fileByteCountMax) else {
                throw IndelibleError(.invalidArgument, "There is no file \(self.file).")
            }
            let normalizer = EventNormalizer(format: self.sourceFormat)
            var states: [UInt8: RuleState] = [:]
            var hitCount = 0
            for (position, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
                let number = UInt64(position) + 1
                let record = RawRecord(
                    bytes: Array(line),
                    number: number,
                    line: position + 1,
                    byteRange: 0..<UInt64(line.count),
                )
                var event = AuditEvent()
                do throws(IndelibleError) { event = try normalizer.normalize(record).event } catch {
                    Terminal.note("line \(number): \(error.message)")
                    continue
                }
                // A record that would lie beside the log is judged all the same.
                event.raw = record.bytes
                let slot = ActorSlot.slot(of: event.actor.id)
                let verdict = try RuleJudge.verdict(
                    set,
                    index: number,
                    leafHash: .zero,
                    event,
                    &states[slot, default: RuleState()],
                )
                guard let verdict else { continue }
                hitCount += 1
                Terminal.write(self.json ? Self.json(verdict) : Self.text(verdict))
            }
            if hitCount == 0 { throw Outcome.no }
        }
    }

    private static func text(_ verdict: Verdict) -> String {
        verdict.rules.map { "\(verdict.eventIndex)  \($0.level)  \($0.title)\n" }.joined()
    }

    private static func json(_ verdict: Verdict) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("record", verdict.eventIndex)
            writer.member("severity", verdict.severity)
            VerdictJSON.write(verdict.rules, to: &writer)
        }
        return writer.text + "\n"
    }
}
