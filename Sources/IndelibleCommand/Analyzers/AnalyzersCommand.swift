import ArgumentParser
import IndelibleClient
import NIOHTTP1
import Primitives
import ServiceKit
import ServiceProtocol

/// Says who judges what: `indelible analyzers`.
struct AnalyzersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyzers",
        abstract: "Show what each analyzer follows, and how far it is.",
        discussion: """
            With --json one object: origin, durable_size, uncovered_slots (of 256,
            those whose events nobody judges now) and analyzers, each with
            process, metrics_http, reachable, connected (to the ledger), slots
            (A-B, both included), model and schema (SHA-256), model_name,
            next_index (entries below it have been looked at), lag_entries,
            scored_events, unreadable_events, appended_entries and restarts since
            its start. What an analyzer did not say is null.

            Exits 0 when all are connected and every slot has one, 1 when not, 3
            when the ledger cannot be reached.
            """,
    )

    /// Analyzers are called this, or this, a dash and a number.
    private static let process = "analyzer"

    @OptionGroup var client: ClientOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let endpoints = try self.client.endpoints()
            var analyzers: [AnalyzerReport.Analyzer] = []
            for (process, url) in endpoints.metricsHTTP
            where process == Self.process || process.hasPrefix(Self.process + "-") {
                analyzers.append(.init(process: process, url: url, metrics: await Self.metrics(url)))
            }
            let ledger = try self.client.ledgerClient()
            let status = try await ledger.status()
            await ledger.close()
            let report = AnalyzerReport(
                origin: status.origin,
                durableSize: status.durableSize,
                analyzers: analyzers,
            )
            Terminal.write(self.json ? report.json : report.text)
            if !report.isComplete { throw Outcome.no }
        }
    }

    /// - Returns: `nil` when there is no answer.
    private static func metrics(_ url: String) async -> MetricsText? {
        guard let response = try? await HTTPClient.request(.GET, url + "/metrics"), response.status == 200 else {
            return nil
        }
        return MetricsText(String(decoding: response.body, as: UTF8.self))
    }
}
