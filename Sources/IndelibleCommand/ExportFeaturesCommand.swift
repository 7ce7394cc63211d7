import AnalyzerCore
import ArgumentParser
import AuditModel
import IndelibleClient
import Primitives
import ProtobufC
import ServiceProtocol

/// Features of the events of a log, as analyzers see them: `indelible export features`.
struct ExportFeaturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features",
        abstract: "Write the feature vector of each event of a log, as CSV.",
        discussion: """
            The first column is the event's index; the others are the feature schema's (`indelible features --schema`). The log is
            read from its beginning, as an analyzer does, so that what is known of each actor is the same; --from only says
            which rows are written. Events that cannot be read are named on standard error and left out.
            """,
    )

    @Argument(help: "CSV file to write.")
    var file: String

    @OptionGroup var client: ClientOptions

    @Option(help: "First index to write.")
    var from: UInt64 = 0

    @Option(help: "Stop before this index.")
    var to: UInt64?

    func run() async throws {
        try await Outcome.report {
            var output = try FeatureFile(self.file, schema: .v1())
            let ledger = try self.client.ledgerClient()
            let size = try await ledger.status().durableSize
            var count = 0
            defer { Terminal.endProgress() }
            let end = min(self.to ?? size, size)
            let rows = min(self.from, end)..<end
            await AccessSession(what: "export features", range: rows).record(through: self.client)
            if end > 0 {
                let request = ReadEntriesRequest(
                    from: 0,
                    to: end,
                    follow: false,
                    kinds: EntryKindSet([.event]),
                    slots: .all,
                )
                for try await batch in ledger.readEntries(request) {
                    var lines = ""
                    for item in batch.view.items {
                        guard let line = Self.line(item.index, item.slot, batch.entry(item), &output.table) else {
                            continue
                        }
                        guard item.index >= self.from else { continue }
                        lines += line
                        count += 1
                    }
                    try output.write(lines)
                    Terminal.progress("\(count) events")
                }
            }
            await ledger.close()
            try output.close()
            Terminal.note("\(self.file): \(count) events")
        }
    }

    private static func line(_ index: UInt64, _ slot: UInt8, _ bytes: [UInt8], _ table: inout FeatureTable) -> String? {
        do throws(IndelibleError) {
            guard case .event(let event) = try Entry(serialized: bytes).body else { return nil }
            return table.line(index: index, slot: slot, try AuditEvent(serialized: event))
        } catch {
            Terminal.note("entry \(index): \(error.message)")
            return nil
        }
    }
}
