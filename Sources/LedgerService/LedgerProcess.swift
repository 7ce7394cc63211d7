import Cryptography
import LedgerCore
import Logging
import NIOCore
import NIOPosix
import Platform
import Primitives
import ServiceKit
import ServiceLifecycle
import TransparencyLog
import Transport

/// Everything that runs in a ledger process, in the order in which it starts.
struct LedgerProcess: Sendable {
    private static let keyFileName = "log.key"

    private let command: LedgerCommand
    private let logger: Logger

    init(_ command: LedgerCommand, logger: Logger) {
        self.command = command
        self.logger = logger
    }

    func run() async throws {
        let metrics = Metrics()
        ProcessMetrics.register("ledger", in: metrics)
        let hosts = try self.command.logs().map { try self.open($0, metrics) }
        let logs = LogDirectory(hosts)
        defer { for host in hosts { host.close() } }

        let server = RPCServer(
            configuration: .init(
                host: self.command.listen.host,
                port: self.command.listen.port,
                tls: self.command.tls.settings,
                allowInsecureRemote: self.command.tls.allowInsecureRemote,
                software: Software.name("ledger"),
            ),
            router: LedgerRouter(logs: logs).router,
            logger: self.logger,
        )
        let address = try await server.bind()
        metrics.computed("indelible_ledger_connections", "RPC connections open now.") { Int64(server.connectionCount) }
        let http = try await HTTPServer(
            host: self.command.http.host,
            port: self.command.http.port,
            tls: self.command.tls.settings,
            allowInsecureRemote: self.command.tls.allowInsecureRemote,
            logger: self.logger,
            handler: HTTPRouter(logs: logs, metrics: metrics).handler,
        )
        self.logger.info("serving", metadata: ["rpc": "\(address)", "logs": "\(hosts.map(\.key.name))"])

        // In this order: the stop is recorded after the last call and before the last checkpoint.
        let services: [any Service] =
            hosts.map { CheckpointService(loop: $0.checkpoints) }
            + (try self.scrubs(hosts, metrics))
            + (try zip(hosts, self.command.logs()).flatMap(self.lifecycle)) + [
                ListenerService(
                    http: http,
                    server: server,
                    drain: .seconds(self.command.service.drainSeconds),
                    // Calls in progress are waited for, but those who follow a log would never end.
                    beforeDrain: { for host in hosts { host.endFollowing() } },
                )
            ]
        try await ServiceProcess.run(
            services,
            serving: [
                ("rpc", Endpoint(address).description), ("http", Endpoint(http.address).description),
            ],
            readyFile: self.command.service.readyFile,
            drainSeconds: self.command.service.drainSeconds,
            logger: self.logger,
        )
    }

    private func scrubs(_ hosts: [LogHost], _ metrics: Metrics) throws -> [any Service] {
        let settings = ScrubService.Settings(
            interval: self.command.scrubSeconds,
            bytesPerSecond: self.command.scrubBytesPerSecond,
        )
        // Of several logs, the first is what the figures are about.
        var (figures, services): (ScrubMetrics?, [any Service]) = (ScrubMetrics(metrics), [])
        for (host, log) in zip(hosts, try self.command.logs()) {
            services.append(
                ScrubService(
                    files: try PosixFileSystem(root: log.directory, create: false),
                    key: host.key,
                    settings: settings,
                    note: host.scrubFailure,
                    metrics: figures ?? ScrubMetrics(Metrics()),
                    logger: self.logger,
                )
            )
            figures = nil
        }
        return services
    }

    private func lifecycle(
        _ host: LogHost,
        _ log: (origin: String, directory: String, key: String?),
    ) throws -> [any Service] {
        LifecycleService.services(
            "ledger",
            self.command.service,
            in: try PosixFileSystem(root: log.directory, create: false),
            logger: self.logger,
        ) { record in
            try await host.append(record)
        }
    }

    private func open(_ log: (origin: String, directory: String, key: String?), _ metrics: Metrics) throws -> LogHost {
        let files = try PosixFileSystem(root: log.directory, create: true)
        let signer = try KeyFile.loadOrCreate(
            at: log.key ?? "\(log.directory)/\(Self.keyFileName)",
            name: log.origin,
            type: .ed25519,
        )
        var configuration = LogConfiguration(origin: log.origin)
        let segmentEntries = try self.command.segmentEntries ?? LogIdentity.read(from: files)?.segmentEntryCount
        if let segmentEntries { configuration.setSegmentEntryCount(segmentEntries) }
        let opened = try Log(
            on: files,
            configuration: configuration,
            salt: SecureRandom.bytes(16),
            now: SystemClock.wallNanoseconds,
        )
        self.logger.info(
            "log opened",
            metadata: ["origin": "\(log.origin)", "entries": "\(opened.reader.size)", "vkey": "\(signer.verifierKey)"],
        )
        let tls = try self.command.tls.settings.map { (settings) throws(IndelibleError) in try ClientTLS(settings) }
        let witnesses = self.command.witnesses.map { WitnessClient(key: $0.key, url: $0.url, tls: tls) }
        return try LogHost(
            opened,
            signer: signer,
            witnesses: witnesses,
            quorum: self.command.witnessQuorum ?? witnesses.count,
            interval: .milliseconds(self.command.checkpointMilliseconds),
            slotLeaseMilliseconds: self.command.slotLeaseMilliseconds,
            metrics: metrics,
            logger: self.logger,
        )
    }
}

/// Signs at intervals; stops after one last checkpoint, or when the log must not sign any more.
private struct CheckpointService: Service {
    let loop: CheckpointLoop

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.loop.run() }
        // A log that refuses to sign is still read; a service that ends would take the process with it.
        try? await gracefulShutdown()
    }
}
