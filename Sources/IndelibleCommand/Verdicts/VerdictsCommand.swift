import ArgumentParser
import AuditModel
import IndelibleClient
import JSONText
import Primitives
import ProtobufC
import ServiceProtocol

/// Prints what the analyzers found: `indelible verdicts`.
struct VerdictsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdicts",
        abstract: "Print the verdicts of the analyzers.",
        discussion: """
            Each verdict is part of an entry of the same log. With --json one object a line: event_index, category, risk, severity,
            model (SHA-256 of its file), margin_bits (raw margins as IEEE 754 binary32), contributions.
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
                        Terminal.write(self.json ? Self.object(verdict, of: verdicts) : Self.text(verdict))
                    }
                }
            }
            await ledger.close()
        }
    }

    private static func text(_ verdict: Verdict) -> String {
        "\(verdict.eventIndex)  \(verdict.severity)  risk \(verdict.risk)  \(verdict.category)\n"
    }

    private static func object(_ verdict: Verdict, of batch: VerdictBatch) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("event_index")
            writer.integer(verdict.eventIndex)
            writer.key("category")
            writer.string(verdict.category)
            writer.key("risk")
            writer.integer(verdict.risk)
            writer.key("severity")
            writer.string(verdict.severity)
            writer.key("model")
            writer.string(batch.modelHash.hex)
            writer.key("margin_bits")
            writer.array { for bits in verdict.marginBits { $0.string(Self.hex(bits)) } }
            writer.key("contributions")
            writer.array { writer in
                for contribution in verdict.contributions {
                    writer.object { writer in
                        writer.key("feature")
                        writer.integer(contribution.feature)
                        writer.key("value_bits")
                        writer.string(Self.hex(contribution.valueBits))
                    }
                }
            }
        }
        return writer.text + "\n"
    }

    private static func hex(_ bits: UInt32) -> String {
        Hex.encode([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> UInt32($0)) })
    }
}
