import AnalyzerCore
import ArgumentParser
import AuditModel
import IndelibleClient
import JSONText
import Primitives

/// Says which models the log knows: `indelible model list`.
struct ModelListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show which models the log knows, and which of them judge.",
        discussion: """
            With --json one object a line: model (SHA-256), name, schema, and
            state: in_force, shadowed, registered, replaced or retired. As long
            as none is in force, the model judges that the analyzers were started
            with, which `indelible analyzers` names.
            """,
    )

    @OptionGroup var client: ClientOptions

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let ledger = try self.client.ledgerClient()
            let log = try await ModelLog.read(ledger, root: try self.client.operatorKey())
            await ledger.close()
            for (record, state) in log.models {
                let line = self.json ? Self.line(record, state) : "\(record.modelHash.hex)  \(state)  \(record.name)"
                Terminal.write(line + "\n")
            }
            if log.judges.inForce == nil {
                Terminal.note("None was promoted: the analyzers' own model is in force.")
            }
        }
    }

    private static func line(_ record: ModelRecord, _ state: String) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("model", record.modelHash.hex)
            writer.member("name", record.name)
            writer.member("schema", record.schemaHash.hex)
            writer.member("state", state)
        }
        return writer.text
    }
}
