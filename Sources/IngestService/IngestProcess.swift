import AuditModel
import Cryptography
import IndelibleClient
import IngestCore
import Logging
import NIOCore
import NIOPosix
import Platform
import Primitives
import ServiceKit
import ServiceLifecycle
import ServiceProtocol
import Storage
import TransparencyLog
import Transport

/// Everything that runs in a collector process, in the order in which it starts.
struct IngestProcess {
    private static let lockName = "lock"
    private static let keyFileName = "collector.key"
    private static let spoolDirectory = "spool"
    private static let refusedDirectory = "refused"

    private let command: IngestCommand
    private let logger: Logger

    init(_ command: IngestCommand, logger: Logger) {
        self.command = command
        self.logger = logger
    }

    func run() async throws {
        let files = try PosixFileSystem(root: self.command.service.data, create: true)
        let lock = try files.lock(Self.lockName)
        defer { lock.release() }
        let metrics = Metrics()
        ProcessMetrics.register("ingest", in: metrics)
        // A thread of the collector's own: the spool blocks it.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let collector = try self.collector(files, loop: group.next(), metrics: metrics)
        let server = RPCServer(
            configuration: .init(
                host: self.command.listen.host,
                port: self.command.listen.port,
                tls: self.command.tls.settings,
                allowInsecureRemote: self.command.tls.allowInsecureRemote,
                software: Software.name("ingest"),
            ),
            router: IngestRouter(collector).router,
            logger: self.logger,
        )
        let address = try await server.bind()
        metrics.computed("indelible_ingest_connections", "RPC connections open now.") { Int64(server.connectionCount) }
        let operations = OperationsEndpoint(metrics: metrics) { nil }
        let http = try await HTTPServer(
            host: self.command.http.host,
            port: self.command.http.port,
            tls: self.command.tls.settings,
            allowInsecureRemote: self.command.tls.allowInsecureRemote,
            logger: self.logger,
            handler: operations.handler,
        )
        let (rpc, web) = (Endpoint(address).description, Endpoint(http.address).description)
        self.logger.info(
            "serving",
            metadata: ["rpc": "\(rpc)", "http": "\(web)", "collector": "\(self.command.collector)"],
        )
        let drain = Duration.seconds(self.command.service.drainSeconds)
        // In this order: the stop is recorded after the last call and before the collector brings everything to safety.
        try await ServiceProcess.run(
            [CollectorService(collector: collector)] + self.lifecycle(files, collector)
                + [ListenerService(http: http, server: server, drain: drain)],
            serving: [("rpc", rpc), ("http", web)],
            readyFile: self.command.service.readyFile,
            drainSeconds: self.command.service.drainSeconds,
            logger: self.logger,
        )
        try await group.shutdownGracefully()
    }

    private func lifecycle(_ files: PosixFileSystem, _ collector: Collector) -> [any Service] {
        LifecycleService.services(
            "ingest",
            detail: "collector \(self.command.collector)",
            self.command.service,
            in: files,
            logger: self.logger,
        ) { record in
            _ = try await collector.submit(Submission(record.request.serialized))
        }
    }

    private func collector(
        _ files: PosixFileSystem,
        loop: any EventLoop,
        metrics: Metrics,
    ) throws -> Collector {
        let signer = try KeyFile.loadOrCreate(
            at: self.command.key ?? "\(self.command.service.data)/\(Self.keyFileName)",
            name: self.command.collector,
            type: .ed25519,
        )
        let key = try CollectorKey(name: signer.name, publicKey: signer.key.publicKey)
        let (peer, tls) = (self.command.ledger, self.command.tls.settings)
        let ledger = LedgerClient(
            at: {
                let endpoint = try peer.resolve()
                return ServiceAddress(host: endpoint.host, port: endpoint.port, tls: tls)
            },
            log: self.command.origin,
            software: Software.name("ingest"),
        )
        let configuration = CollectorConfiguration(
            collector: key,
            key: signer.key,
            answer: self.command.answer,
            spoolFiles: try PosixFileSystem(
                root: "\(self.command.service.data)/\(Self.spoolDirectory)",
                create: true,
            ),
            epochFiles: files,
            refusedFiles: try PosixFileSystem(
                root: "\(self.command.service.data)/\(Self.refusedDirectory)",
                create: true,
            ),
            spool: SpoolLimits(byteCountMax: self.command.spoolMegabytes << 20),
        )
        return try Collector(
            configuration,
            ledger: ledger,
            loop: loop,
            metrics: CollectorMetrics(metrics),
            logger: self.logger,
        )
    }
}

/// Delivers until it is time to stop; then what was taken is brought to safety.
private struct CollectorService: Service {
    let collector: Collector

    func run() async throws {
        await withGracefulShutdownHandler {
            await self.collector.run()
        } onGracefulShutdown: {
            Task { await self.collector.stop() }
        }
    }
}
