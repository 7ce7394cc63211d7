import AnalyzerCore
import ArgumentParser
import AuditModel
import Foundation
import IndelibleClient
import JSONText
import Primitives
import ProtobufC

/// Records what a person says of an event: `indelible label`.
struct LabelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Record that an event was benign, malicious, or of a category.",
        discussion: """
            An entry of the log, from which models learn. Of one reviewer
            500 labels a day count, and whoever changes more than 20 labels of
            others in a day needs a second person who says the same. Prints
            event_index, label, index and outcome as one JSON object; the
            outcome is counts, needs_second, over_cap, or null as long as the
            label waits in the ingest's spool. Exits with 1 when it does not
            count (yet).
            """,
    )

    @Argument(help: "Index of the event.")
    var index: UInt64

    @Argument(help: "benign, malicious, or a category such as exfiltration.")
    var label: String

    @Option(help: "Why, for those who read it later.")
    var reason: String

    @Option(help: "Who says so; without it the user of this machine. With certificates the ingest puts its name here.")
    var author: String?

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await Outcome.report {
            guard LabelPolicy.words.contains(self.label) else {
                throw IndelibleError(
                    .invalidArgument,
                    "\(self.label) is no label. Use one of \(LabelPolicy.words.joined(separator: ", ")).",
                )
            }
            guard !self.reason.allSatisfy(\.isWhitespace) else {
                throw IndelibleError(.invalidArgument, "A label needs a reason: --reason.")
            }
            let author = self.author ?? "user \(NSUserName())"
            let label = Label(eventIndex: self.index, label: self.label, reason: self.reason, author: author)
            let ledger = try self.client.ledgerClient()
            guard case .event = try Entry(serialized: try await ledger.entry(self.index)).body else {
                throw IndelibleError(.notFound, "The entry \(self.index) is no event.")
            }
            let index = try await RecordSubmission(kind: .label, body: label.serialized).submit(through: self.client)
            // As the log has it: with certificates the author is another, and others may have been quicker.
            let outcome =
                if let index { try await LabelLog.read(ledger).outcomes[index] } else { nil as LabelPolicy.Outcome? }
            await ledger.close()
            self.show(index, outcome)
            switch outcome {
            case .counts, nil: break
            case .needsSecond:
                Terminal.note(
                    "indelible: Recorded, but more than \(LabelPolicy.relabelsPerDayMax) labels of others were changed "
                        + "within a day. It counts as soon as another person says the same."
                )
                throw Outcome.no
            case .overCap, .unknown:
                Terminal.note(
                    "indelible: Recorded, but it does not count: \(LabelPolicy.labelsPerDayMax) labels were given within "
                        + "a day. Wait, or let another person do it."
                )
                throw Outcome.no
            }
        }
    }

    private func show(_ index: UInt64?, _ outcome: LabelPolicy.Outcome?) {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("event_index", self.index)
            writer.member("label", self.label)
            writer.key("index")
            if let index { writer.integer(index) } else { writer.null() }
            writer.key("outcome")
            if let outcome { writer.string(outcome.rawValue) } else { writer.null() }
        }
        Terminal.write(writer.text + "\n")
    }
}
