import IndelibleClient
import Cryptography
import Foundation
import Platform
import Primitives
import ServiceKit
import Storage
import TransparencyLog

/// All services on one machine, on loopback, every port chosen by the system.
struct Suite {
    /// Longest wait for one service to come up: a ledger that replays a full journal tail on a slow disk needs seconds.
    static let readySeconds = 60

    let directory: SuiteDirectory
    let origin: String
    let analyzerCount: Int
    let verifierCount: Int
    let modelFile: String?
    /// Of a new log; `nil` for the usual number.
    let segmentEntries: Int?
    /// Starts, stops, keys and accesses are written into the log.
    let recordsItself: Bool
    /// What ingest masks, and under which keys.
    let maskingArguments: [String]
    /// Where verifiers and analyzers send alerts.
    let alertArguments: [String]
    /// Which verdicts analyzers send alerts of.
    let verdictArguments: [String]

    /// Starts everything and writes `endpoints.json`; on a failure, stops what it had started.
    func start() async throws -> Endpoints {
        var started: [ChildProcess] = []
        do {
            return try await self.start(into: &started)
        } catch {
            for child in started.reversed() { _ = await child.stop(seconds: 5) }
            throw error
        }
    }

    private func start(into started: inout [ChildProcess]) async throws -> Endpoints {
        let files = try PosixFileSystem(root: self.directory.root.path(), create: true)
        for name in ["keys", "logs", "models", "run"] { try files.createDirectory(name) }
        try files.syncDirectory("")
        let logKey = try KeyFile.loadOrCreate("keys/log.key", name: self.origin, type: .ed25519, in: files)
        let logVKey = logKey.verifierKey.description

        let operatorName = "\(self.origin)/operator"
        let root = try KeyFile.loadOrCreate("keys/operator.key", name: operatorName, type: .ed25519, in: files)

        let collectorName = "\(self.origin)/ingest"
        let collector = try KeyFile.loadOrCreate("keys/ingest.key", name: collectorName, type: .ed25519, in: files)

        var witnesses: [(vkey: String, url: String, rpc: String)] = []
        var enrolments = [
            KeyEnrolment(purpose: "log", key: logKey.verifierKey),
            KeyEnrolment(purpose: "collector", key: collector.verifierKey),
        ]
        for number in 1...max(1, self.verifierCount) where number <= self.verifierCount {
            let name = Self.numbered("verifier", number, of: self.verifierCount)
            let keyName = "\(self.origin)/witness\(number)"
            let key = try KeyFile.loadOrCreate("keys/\(name).key", name: keyName, type: .cosignature, in: files)
            let vkey = key.verifierKey.description
            enrolments.append(KeyEnrolment(purpose: "witness", key: key.verifierKey))
            let child = try ChildProcess.start(
                "indelible-verifier",
                named: name,
                arguments: [
                    "--data", self.directory.directory(of: name).path(),
                    "--key", self.directory.keysDirectory.appending(path: "\(name).key").path(),
                    "--log", logVKey,
                    "--ledger", "@" + self.directory.readyFile(of: "ledger").path(),
                    "--collector", collector.verifierKey.description,
                    "--operator", root.verifierKey.description,
                    "--ingest", "@" + self.directory.readyFile(of: "ingest").path(),
                    "--listen", "127.0.0.1:0",
                    "--http", "127.0.0.1:0",
                ] + self.common + self.peers(of: name) + self.alertArguments,
                in: self.directory,
            )
            started.append(child)
            let addresses = try await child.waitUntilReady(in: self.directory, seconds: Self.readySeconds)
            let url = "http://" + (try Self.require(addresses.http, of: child))
            witnesses.append((vkey, url, try Self.require(addresses.rpc, of: child)))
        }

        let ledger = try ChildProcess.start(
            "indelible-ledger",
            named: "ledger",
            arguments: [
                "--data", self.directory.directory(of: "ledger").path(),
                "--origin", self.origin,
                "--key", self.directory.keysDirectory.appending(path: "log.key").path(),
                "--listen", "127.0.0.1:0",
                "--http", "127.0.0.1:0",
            ] + witnesses.flatMap { ["--witness", "\($0.vkey)=\($0.url)"] }
                + (self.segmentEntries.map { ["--segment-entries", "\($0)"] } ?? []) + self.common,
            in: self.directory,
        )
        started.append(ledger)
        let ledgerAddresses = try await ledger.waitUntilReady(in: self.directory, seconds: Self.readySeconds)
        let ledgerRPC = try Self.require(ledgerAddresses.rpc, of: ledger)

        let ingest = try ChildProcess.start(
            "indelible-ingest",
            named: "ingest",
            arguments: [
                "--data", self.directory.directory(of: "ingest").path(),
                "--collector", collectorName,
                "--key", self.directory.keysDirectory.appending(path: "ingest.key").path(),
                "--ledger", "@" + self.directory.readyFile(of: "ledger").path(),
                "--listen", "127.0.0.1:0",
                "--http", "127.0.0.1:0",
                "--otlp", "127.0.0.1:0",
            ] + self.common + self.maskingArguments,
            in: self.directory,
        )
        started.append(ingest)
        let ingestAddresses = try await ingest.waitUntilReady(in: self.directory, seconds: Self.readySeconds)

        var analyzers: [(child: ChildProcess, addresses: ChildProcess.Addresses)] = []
        for number in 1...max(1, self.analyzerCount) where number <= self.analyzerCount {
            let name = Self.numbered("analyzer", number, of: self.analyzerCount)
            let child = try ChildProcess.start(
                "indelible-analyzer",
                named: name,
                arguments: [
                    "--data", self.directory.directory(of: name).path(),
                    "--ledger", "@" + self.directory.readyFile(of: "ledger").path(),
                    "--models", self.directory.modelsDirectory.path(),
                    "--operator", root.verifierKey.description,
                    "--ingest", "@" + self.directory.readyFile(of: "ingest").path(),
                    "--http", "127.0.0.1:0",
                ] + self.common + (self.modelFile.map { ["--model", $0] } ?? []) + self.alertArguments
                    + self.verdictArguments,
                in: self.directory,
            )
            started.append(child)
            let addresses = try await child.waitUntilReady(in: self.directory, seconds: Self.readySeconds)
            analyzers.append((child, addresses))
        }

        let endpoints = Endpoints(
            origin: self.origin,
            logVKey: logVKey,
            witnessVKeys: witnesses.map(\.vkey),
            ledgerRPC: ledgerRPC,
            tilesHTTP: "http://" + (try Self.require(ledgerAddresses.http, of: ledger)),
            ingestRPC: try Self.require(ingestAddresses.rpc, of: ingest),
            ingestHTTP: "http://" + (try Self.require(ingestAddresses.http, of: ingest)),
            otlpHTTP: "http://" + (try Self.require(ingestAddresses.otlp, of: ingest)),
            witnessHTTP: witnesses.map(\.url),
            metricsHTTP: [],
            processIdentifiers: started.map { ($0.name, $0.pid) },
        )
        var complete = endpoints
        complete.operatorVKey = root.verifierKey.description
        complete.witnessRPC = witnesses.map(\.rpc)
        complete.collectorVKeys = [collector.verifierKey.description]
        complete.recordsItself = self.recordsItself
        complete.metricsHTTP = started.map(\.name).compactMap { name in
            switch name {
            case "ledger": (name, endpoints.tilesHTTP)
            case "ingest": (name, endpoints.ingestHTTP)
            default:
                analyzers.first { $0.child.name == name }?.addresses.http.map { (name, "http://\($0)") }
                    ?? zip(Self.verifierNames(self.verifierCount), witnesses).first { $0.0 == name }.map {
                        ($0.0, $0.1.url)
                    }
            }
        }
        try files.replaceDurably("endpoints.json", with: Array(complete.text.utf8))
        if self.recordsItself { try await Self.enrol(enrolments, root, files, ingest: endpoints.ingestRPC) }
        return complete
    }

    /// Has the keys that are not enrolled yet recorded: once in the life of each.
    private static func enrol(
        _ enrolments: [KeyEnrolment],
        _ root: NoteSigner,
        _ files: PosixFileSystem,
        ingest address: String,
    ) async throws {
        let path = "keys/enrolled"
        let known = String(
            decoding: try files.readAll(path, byteCountMax: Self.enrolledByteCountMax) ?? [],
            as: UTF8.self,
        )
        var lines = known.split(separator: "\n").map(String.init)
        let new = enrolments.filter { !lines.contains($0.key.description) }
        guard !new.isEmpty else { return }
        let ingest = IngestClient(try ServiceAddress(parsing: address), software: Software.name("cli"))
        do {
            for enrolment in new {
                try await enrolment.submit(signedBy: root, to: ingest)
                lines.append(enrolment.key.description)
            }
        } catch {
            await ingest.close()
            throw error
        }
        await ingest.close()
        try files.replaceDurably(path, with: Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    private static let enrolledByteCountMax = 1 << 20

    /// Flags of every service.
    private var common: [String] { self.recordsItself ? [] : ["--no-lifecycle-records"] }

    /// The other verifiers, which that one compares its view with.
    private func peers(of verifier: String) -> [String] {
        Self.verifierNames(self.verifierCount).filter { $0 != verifier }.flatMap {
            ["--peer", "@" + self.directory.readyFile(of: $0).path()]
        }
    }

    private static func verifierNames(_ count: Int) -> [String] {
        (0..<count).map { Self.numbered("verifier", $0 + 1, of: count) }
    }

    private static func numbered(_ service: String, _ number: Int, of count: Int) -> String {
        count == 1 ? service : "\(service)-\(number)"
    }

    private static func require(_ address: String?, of child: ChildProcess) throws(IndelibleError) -> String {
        guard let address else {
            throw IndelibleError(.internal, "\(child.name) did not say where it listens.")
        }
        return address
    }
}
