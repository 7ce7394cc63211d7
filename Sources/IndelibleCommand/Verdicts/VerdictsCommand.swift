import ArgumentParser
import AuditModel
import IndelibleClient
import Primitives
import ProtobufC
import ServiceProtocol

/// Prints what the analyzers found: `indelible verdicts`.
struct VerdictsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdicts",
        abstract: "Print the verdicts of the analyzers.",
        discussion: """
            Each verdict is part of an entry of the same log. With --json one
            object a line: event_index, leaf_hash (of the event's entry),
            category, risk, severity, margins, margin_bits (raw margins as IEEE
            754 binary32), actor_previous (index of the actor's event before, or
            null), contributions (the features that moved the margin most, where
            the model's analyzer names them: feature, value, value_bits), model
            and schema (SHA-256), slot, entry_index (where the verdict stands).
            Of a rule set: rule_set instead of model, no margins, and rules
            (id, title, level, hash, tags, events: of a correlation the indices
            of the events that made it).

            `indelible verdict replay` computes one again.
            """,
    )

    @OptionGroup var client: ClientOptions

    @Option(help: "First index of the log to look at.")
    var from: UInt64 = 0

    @Flag(help: "Stay at the end and print what comes.")
    var follow = false

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let ledger = try self.client.ledgerClient()
            let request = ReadEntriesRequest(
                from: self.from,
                to: 0,
                follow: self.follow,
                kinds: EntryKindSet([.verdicts]),
                slots: .all,
            )
            for try await batch in ledger.readEntries(request) {
                for item in batch.view.items {
                    guard case .verdicts(let verdicts) = try Entry(serialized: batch.entry(item)).body else { continue }
                    for verdict in verdicts.verdicts {
                        Terminal.write(
                            self.json
                                ? VerdictJSON.line(verdict, of: verdicts, in: item.index) : Self.text(verdict)
                        )
                    }
                }
            }
            await ledger.close()
        }
    }

    private static func text(_ verdict: Verdict) -> String {
        let rules = verdict.rules.map { "  rule: \($0.title)" }.joined()
        return "\(verdict.eventIndex)  \(verdict.severity)  risk \(verdict.risk)  \(verdict.category)\(rules)\n"
    }
}
