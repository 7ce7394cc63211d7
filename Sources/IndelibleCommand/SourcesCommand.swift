import ArgumentParser
import IndelibleClient
import JSONText
import NIOHTTP1
import Primitives
import ServiceKit
import Transport

/// Shows which sources send what they should: `indelible sources`.
struct SourcesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sources",
        abstract: "Show which expected sources send events, and what is missing.",
        discussion: """
            For a collector that was started with --sources FILE. Counts are since it started. Exits 1 when an expected source \
            never came, is silent, or left out numbers.
            """,
    )

    @OptionGroup var client: ClientOptions

    @Option(help: "HTTP address of the ingest, host:port or a URL, instead of --data.")
    var http: String?

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let base =
                try self.http.map { $0.contains("://") ? $0 : "http://\($0)" } ?? self.client.endpoints().ingestHTTP
            let tls = try self.client.tls.settings.map { (settings) throws(IndelibleError) in try ClientTLS(settings) }
            let response = try await HTTPClient.request(.GET, "\(base)/v1/sources", tls: tls)
            guard response.status == 200 else {
                throw IndelibleError(
                    .failedPrecondition,
                    "The ingest does not watch its sources. Start it with --sources FILE (docs/collection.md).",
                )
            }
            let value = try JSONValue(parsing: response.body, what: "the ingest's answer")
            let sources = value["sources"]?.array ?? []
            Terminal.write(self.json ? value.text() + "\n" : Self.table(sources))
            let isWell = sources.allSatisfy { source in
                source["expected"]?.bool != true
                    || (source["state"]?.string == "active" && source["missing"]?.number?.uint64 == 0)
            }
            guard isWell else { throw Outcome.no }
        }
    }

    private static func table(_ sources: [JSONValue]) -> String {
        let expected = sources.filter { $0["expected"]?.bool == true }
        let active = expected.count { $0["state"]?.string == "active" }
        var text = "\(active) of \(expected.count) expected sources are active\n"
        for source in sources {
            let state = source["expected"]?.bool == true ? source["state"]?.string ?? "" : "not expected"
            let missing = source["missing"]?.number?.uint64 ?? 0
            text += "\(state)\t\(source["events"]?.scalarText ?? "0") events\t\(source["source"]?.string ?? "")"
            text += missing > 0 ? "\t\(missing) missing\n" : "\n"
        }
        return text
    }
}
