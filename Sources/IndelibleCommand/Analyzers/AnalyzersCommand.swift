import ArgumentParser
import IndelibleClient
import Primitives
import ServiceProtocol

/// Says who judges what: `indelible analyzers`.
struct AnalyzersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyzers",
        abstract: "Show what each analyzer follows, and how far it is.",
        discussion: """
            The ledger shares 256 slots, into which actors are hashed, among the
            analyzers that run. With --json one object: origin, durable_size,
            uncovered_slots (those whose events nobody judges now) and analyzers,
            each with process, metrics_http, member (its name at the ledger),
            slots (such as 0-3,7), model and schema (SHA-256; before the log's
            first promotion), model_name, reachable, connected (to the ledger),
            slot_count, silent_milliseconds (since it last asked for slots),
            next_index (entries below it have been looked at), lag_entries,
            scored_events, unreadable_events, appended_entries and restarts since
            its start. What an analyzer did not say is null. --slots adds by_slot:
            slot, epoch (of the lease), lag_entries, events and
            events_per_second, measured over a second.

            Exits 0 when all are connected and every slot has one, 1 when not, 3
            when the ledger cannot be reached.
            """,
    )

    /// Analyzers are called this, or this, a dash and a number.
    private static let process = "analyzer"

    @OptionGroup var client: ClientOptions

    @Flag(help: "Slot by slot, with rates.")
    var slots = false

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            _ = try self.client.endpoints()
            let first = await self.client.metrics(of: Self.process)
            var later: [String: MetricsText] = [:]
            if self.slots {
                try await Task.sleep(for: .seconds(1))
                for analyzer in await self.client.metrics(of: Self.process) {
                    later[analyzer.process] = analyzer.metrics
                }
            }
            let ledger = try self.client.ledgerClient()
            let status = try await ledger.status()
            let holders = try await ledger.slotHolders().holders
            await ledger.close()
            let report = AnalyzerReport(
                origin: status.origin,
                durableSize: status.durableSize,
                analyzers: first.map {
                    .init(process: $0.process, url: $0.url, metrics: $0.metrics, later: later[$0.process])
                },
                holders: holders,
                showsSlots: self.slots,
            )
            Terminal.write(self.json ? report.json : report.text)
            if !report.isComplete { throw Outcome.no }
        }
    }
}
