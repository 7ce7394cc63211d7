import AnalyzerCore
import ArgumentParser
import AuditModel
import IndelibleClient
import JSONText
import Primitives
import ServiceKit
import ServiceProtocol
import Storage

/// The labels that count, for training: `indelible export labels`.
struct ExportLabelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "labels",
        abstract: "Write the labels that count, one JSON object a line, as tools/train/run feedback reads them.",
        discussion: """
            Each has event_index, label, author, time and reason. What was
            changed later is left out, and so are labels over a reviewer's cap
            and changes that wait for a second person; how many is said on
            standard error.
            """,
    )

    @Argument(help: "File to write.")
    var file: String

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await Outcome.report {
            let ledger = try self.client.ledgerClient()
            let size = try await ledger.status().durableSize
            await AccessSession(what: "export labels", range: 0..<size).record(through: self.client)
            let log = try await LabelLog.read(ledger)
            await ledger.close()
            let labels = log.policy.labels
            let (files, name) = try HostPath(self.file).open()
            try files.replaceDurably(name, with: Array(labels.map(Self.line).joined().utf8))
            let (overCap, waiting) = (log.outcomes.values.count { $0 == .overCap }, log.policy.waitingCount)
            Terminal.note("\(labels.count) labels; over a cap \(overCap), waiting for a second person \(waiting)")
        }
    }

    private static func line(_ given: LabelPolicy.Given) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("event_index", given.label.eventIndex)
            writer.member("label", given.label.label)
            writer.member("author", given.label.author)
            writer.member("time", TimeText.rfc3339(nanoseconds: given.nanoseconds))
            writer.member("reason", given.label.reason)
        }
        return writer.text + "\n"
    }
}
