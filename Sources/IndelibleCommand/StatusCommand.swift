import ArgumentParser
import IndelibleClient
import Primitives
import ServiceProtocol

/// Says how the suite is: `indelible status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show sizes, checkpoint age, witnesses, how much was read again, and health.",
        discussion:
            "Exits 0 when the ledger serves, 1 when it is read-only or refuses to sign, 3 when it cannot be reached.",
    )

    @OptionGroup var client: ClientOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let ledger = try self.client.ledgerClient()
            let status = try await ledger.status()
            await ledger.close()
            let report = StatusReport(
                status: status,
                processes: self.client.processes,
                ingest: await self.client.ingestStatus(),
                coverage: await self.client.coverage(),
            )
            Terminal.write(self.json ? report.json + "\n" : report.text)
            if status.state != "serving" { throw Outcome.no }
        }
    }
}
