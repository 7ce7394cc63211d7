import ArgumentParser
import Foundation
import IndelibleClient
import NIOHTTP1
import Platform
import Primitives
import ServiceKit
import ServiceProtocol
import TransparencyLog
import Transport

/// How a command finds the suite: by the directory that `indelible up` was given, or by addresses.
struct ClientOptions: ParsableArguments {
    @Option(help: "The directory that was given to `indelible up`.")
    var data: String?

    @Option(help: "RPC address of the ledger, host:port, instead of --data.")
    var ledger: String?

    @Option(help: "RPC address of the ingest, host:port, instead of --data.")
    var ingest: String?

    @OptionGroup var tls: ClientTLSOptions

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when neither --data nor the address was given.
    func endpoints() throws(IndelibleError) -> Endpoints {
        guard let data else {
            throw IndelibleError(.invalidArgument, "Say which suite is meant: --data DIR, as given to `indelible up`.")
        }
        return try SuiteDirectory(data).endpoints()
    }

    /// Where masking on this side keeps its keys: beside the suite's own files; none without --data.
    var vault: String? { self.data.map { "\($0)/client.vault" } }

    /// The processes that `indelible up` started; none without --data.
    var processes: [(process: String, pid: Int32)] { (try? self.endpoints())?.processIdentifiers ?? [] }

    func ledgerAddress() throws(IndelibleError) -> ServiceAddress {
        let address = if let ledger { ledger } else { try self.endpoints().ledgerRPC }
        return try ServiceAddress(parsing: address, tls: self.tls.settings)
    }

    func ingestAddress() throws(IndelibleError) -> ServiceAddress {
        let address = if let ingest { ingest } else { try self.endpoints().ingestRPC }
        return try ServiceAddress(parsing: address, tls: self.tls.settings)
    }

    func ledgerClient() throws(IndelibleError) -> LedgerClient {
        LedgerClient(
            try self.ledgerAddress(),
            software: Software.name("cli"),
            retry: .none,
        )
    }

    /// - Parameter retry: what to do when it is away.
    func ingestClient(retry: RetryPolicy = RetryPolicy()) throws(IndelibleError) -> IngestClient {
        IngestClient(
            try self.ingestAddress(),
            software: Software.name("cli"),
            retry: retry,
        )
    }

    /// The operator's root key; `nil` without --data.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the suite's file names none.
    func operatorKey() throws(IndelibleError) -> VerifierKey? {
        guard self.data != nil, let text = try self.endpoints().operatorVKey else { return nil }
        return try VerifierKey(parsing: text)
    }

    /// What processes of that name say of themselves: it, or it, a dash and a number.
    ///
    /// - Returns: `nil` for the metrics of one that does not answer.
    func metrics(of name: String) async -> [(process: String, url: String, metrics: MetricsText?)] {
        var found: [(String, String, MetricsText?)] = []
        for (process, url) in (try? self.endpoints())?.metricsHTTP ?? []
        where process == name || process.hasPrefix(name + "-") {
            let response = try? await HTTPClient.request(.GET, url + "/metrics")
            let text = response.flatMap { $0.status == 200 ? String(decoding: $0.body, as: UTF8.self) : nil }
            found.append((process, url, text.map { MetricsText($0) }))
        }
        return found
    }

    /// How much was read again; `nil` without --data.
    func coverage() async -> CoverageReport? {
        guard self.data != nil else { return nil }
        return CoverageReport(
            verifiers: await self.metrics(of: "verifier").map { .init(process: $0.process, metrics: $0.metrics) },
            ledger: await self.metrics(of: "ledger").first?.metrics,
            now: SystemClock.wallNanoseconds / 1_000_000_000,
        )
    }

    /// - Returns: `nil` when no ingest was named or it does not answer.
    func ingestStatus() async -> IngestStatus? {
        guard let ingest = try? self.ingestClient(retry: .none) else { return nil }
        let status = try? await ingest.status()
        await ingest.close()
        return status
    }
}

/// Certificates of a command, for services that ask for them.
struct ClientTLSOptions: ParsableArguments {
    @Option(name: .customLong("tls-cert"), help: "Certificate to show to services, PEM.")
    var certificate: String?

    @Option(name: .customLong("tls-key"), help: "Private key of --tls-cert, PEM.")
    var key: String?

    @Option(name: .customLong("tls-ca"), help: "Authority that services must be signed by, PEM.")
    var authority: String?

    var settings: TLSSettings? {
        guard let certificate, let key else { return nil }
        return TLSSettings(certificateChainPath: certificate, privateKeyPath: key, trustRootsPath: self.authority)
    }

    /// For `https://`; without --tls-ca the system's authorities are trusted.
    var http: ClientTLS {
        get throws(IndelibleError) {
            if let settings = self.settings { return try ClientTLS(settings) }
            return try ClientTLS(authorities: self.authority)
        }
    }
}
