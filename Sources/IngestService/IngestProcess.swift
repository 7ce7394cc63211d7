import AuditModel
import Cryptography
import EventFormats
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
    private static let keysDirectory = "keys"
    private static let rejectsDirectory = "rejected"
    private static let vaultName = "vault"

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
        // Another for what the collection endpoints write down.
        let clerks = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let ledger = self.ledger()
        let sources = try self.sources(files)
        let collector = try self.collector(files, ledger, sources, loop: group.next(), metrics: metrics)
        let masker = try self.command.masking.masker(vault: "\(self.command.service.data)/\(Self.vaultName)")
        let intake = Intake(
            collector: collector,
            masker: masker,
            keys: try KeyDesk(
                collector: self.command.collector,
                epoch: collector.plainProducer.epoch,
                files: try self.directory(Self.keysDirectory),
                loop: clerks.next(),
            ),
            rejects: RejectFile(
                in: try self.directory(Self.rejectsDirectory),
                loop: clerks.next(),
                logger: self.logger,
            ),
            ledger: ledger,
        )
        let server = RPCServer(
            configuration: .init(
                host: self.command.listen.host,
                port: self.command.listen.port,
                tls: self.command.tls.settings,
                allowInsecureRemote: self.command.tls.allowInsecureRemote,
                software: Software.name("ingest"),
            ),
            router: IngestRouter(collector, masker: masker).router,
            logger: self.logger,
        )
        let address = try await server.bind()
        metrics.computed("indelible_ingest_connections", "RPC connections open now.") { Int64(server.connectionCount) }
        let endpoint = CollectionEndpoint(
            routes: try self.routes(intake) + (sources.map { [("/v1/sources", SourcesAdapter($0))] } ?? []),
            operations: OperationsEndpoint(metrics: metrics) { nil },
        )
        let http = try await self.listen(self.command.http, endpoint)
        let otlp = try await self.listenForTelemetry(intake)
        let syslog = try await self.listenForSyslog(intake, collector, metrics)
        let (rpc, web) = (Endpoint(address).description, Endpoint(http.address).description)
        var addresses = [("rpc", rpc), ("http", web)]
        if let otlp { addresses.append(("otlp", Endpoint(otlp.address).description)) }
        addresses += syslog.addresses
        self.logger.info(
            "serving",
            metadata: ["rpc": "\(rpc)", "http": "\(web)", "collector": "\(self.command.collector)"],
        )
        let drain = Duration.seconds(self.command.service.drainSeconds)
        // In this order: the stop is recorded after the last call and before the collector brings everything to safety.
        try await ServiceProcess.run(
            [CollectorService(collector: collector)] + self.lifecycle(files, collector)
                + [sources.map { SourceWatchService($0, collector, logger: self.logger) }].compactMap { $0 }
                + [syslog.service]
                + [ListenerService(http: http, server: server, drain: drain)]
                + [otlp].compactMap { $0.map { ListenerService(http: $0) } },
            serving: addresses,
            readyFile: self.command.service.readyFile,
            drainSeconds: self.command.service.drainSeconds,
            logger: self.logger,
        )
        try await group.shutdownGracefully()
        try await clerks.shutdownGracefully()
    }

    private func listen(_ address: Endpoint, _ endpoint: CollectionEndpoint) async throws -> HTTPServer {
        try await HTTPServer(
            host: address.host,
            port: address.port,
            tls: self.command.tls.settings,
            allowInsecureRemote: self.command.tls.allowInsecureRemote,
            logger: self.logger,
            rule: { endpoint.rule($0) },
            handler: endpoint.handler,
        )
    }

    private func routes(_ intake: Intake) throws(IndelibleError) -> CollectionEndpoint.Routes {
        let splunk = SplunkAdapter(intake, token: try self.command.hecToken.map(Self.secret))
        var routes: CollectionEndpoint.Routes = [
            ("/v1/events", EventsAdapter(intake)),
            ("/v1/cloudevents", CloudEventsAdapter(intake)),
            ("/v1/k8s/audit/", KubernetesAdapter(intake)),
            ("/services/collector", splunk),
            ("/services/collector/", splunk),
        ]
        if let path = self.command.githubSecret {
            routes.append(("/v1/github", WebhookAdapter(.github, intake, secret: try Self.secret(path))))
        }
        if let path = self.command.gitlabToken {
            routes.append(("/v1/gitlab", WebhookAdapter(.gitlab, intake, secret: try Self.secret(path))))
        }
        return routes
    }

    private func listenForTelemetry(_ intake: Intake) async throws -> HTTPServer? {
        guard let address = self.command.otlp else { return nil }
        let routes: CollectionEndpoint.Routes = [
            ("/v1/logs", OTLPAdapter(.log, intake)), ("/v1/traces", OTLPAdapter(.span, intake)),
        ]
        return try await self.listen(address, CollectionEndpoint(routes: routes, operations: nil))
    }

    private func listenForSyslog(
        _ intake: Intake,
        _ collector: Collector,
        _ metrics: Metrics,
    ) async throws -> (service: SyslogService, addresses: [(String, String)]) {
        let (tls, logger) = (self.command.tls, self.logger)
        let sink = SyslogSink(intake, limits: SyslogLimits(), metrics: metrics, logger: logger)
        var listeners: [SyslogListener] = []
        var addresses: [(String, String)] = []
        for (name, address, settings) in [
            ("syslog_tcp", self.command.syslogTCP, nil), ("syslog_tls", self.command.syslogTLS, tls.settings),
        ] {
            guard let address else { continue }
            let listener = try await SyslogListener(
                at: address,
                sink,
                tls: settings,
                allowInsecureRemote: tls.allowInsecureRemote,
                logger: logger,
            )
            listeners.append(listener)
            addresses.append((name, Endpoint(listener.address).description))
        }
        var datagrams: SyslogDatagrams?
        if let address = self.command.syslogUDP {
            let bound = try await SyslogDatagrams(
                at: address,
                sink,
                allowInsecureRemote: tls.allowInsecureRemote,
                metrics: metrics,
                logger: logger,
            ) { try await collector.record($0) }
            addresses.append(("syslog_udp", Endpoint(bound.address).description))
            datagrams = bound
        }
        return (SyslogService(sink, listeners: listeners, datagrams: datagrams), addresses)
    }

    /// The first line of a file.
    private static func secret(_ path: String) throws(IndelibleError) -> [UInt8] {
        let (files, name) = try HostPath(path).open()
        let line = try files.readAll(name, byteCountMax: 4096)?.prefix { $0 != UInt8(ascii: "\n") } ?? []
        guard !line.isEmpty else {
            throw IndelibleError(
                .failedPrecondition,
                "\(path) is missing or empty. Write the secret into its first line.",
            )
        }
        return Array(line)
    }

    private func directory(_ name: String) throws(IndelibleError) -> PosixFileSystem {
        try PosixFileSystem(root: "\(self.command.service.data)/\(name)", create: true)
    }

    /// `nil` when the operator expects nothing.
    private func sources(_ files: PosixFileSystem) throws(IndelibleError) -> SourceDesk? {
        guard let path = self.command.sources else { return nil }
        let (folder, name) = try HostPath(path).open()
        guard let bytes = try folder.readAll(name, byteCountMax: SourceExpectations.byteCountMax) else {
            throw IndelibleError(.invalidArgument, "There is no file \(path). Pass the list of sources to --sources.")
        }
        return try SourceDesk(try SourceExpectations.parse(bytes, what: path), in: files)
    }

    private func ledger() -> LedgerClient {
        let (peer, tls) = (self.command.ledger, self.command.tls.settings)
        return LedgerClient(
            at: {
                let endpoint = try peer.resolve()
                return ServiceAddress(host: endpoint.host, port: endpoint.port, tls: tls)
            },
            log: self.command.origin,
            software: Software.name("ingest"),
        )
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
        _ ledger: LedgerClient,
        _ sources: SourceDesk?,
        loop: any EventLoop,
        metrics: Metrics,
    ) throws -> Collector {
        let signer = try KeyFile.loadOrCreate(
            at: self.command.key ?? "\(self.command.service.data)/\(Self.keyFileName)",
            name: self.command.collector,
            type: .ed25519,
        )
        let key = try CollectorKey(name: signer.name, publicKey: signer.key.publicKey)
        let configuration = CollectorConfiguration(
            collector: key,
            key: signer.key,
            answer: self.command.answer,
            spoolFiles: try self.directory(Self.spoolDirectory),
            epochFiles: files,
            refusedFiles: try self.directory(Self.refusedDirectory),
            spool: SpoolLimits(byteCountMax: self.command.spoolMegabytes << 20),
        )
        return try Collector(
            configuration,
            ledger: ledger,
            sources: sources,
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
