import AnalyzerCore
import Logging
import NIOCore
import Platform
import Primitives
import ServiceKit
import ServiceLifecycle
import Storage

/// Everything that runs in an analyzer process, in the order in which it starts.
struct AnalyzerProcess {
    private static let lockName = "lock"

    private let command: AnalyzerCommand
    private let logger: Logger

    init(_ command: AnalyzerCommand, logger: Logger) {
        self.command = command
        self.logger = logger
    }

    func run() async throws {
        let files = try PosixFileSystem(root: self.command.service.data, create: true)
        let lock = try files.lock(Self.lockName)
        defer { lock.release() }
        let model = try ModelFile.load(self.command.model)
        let registry = Metrics()
        ProcessMetrics.register("analyzer", in: registry)
        let metrics = AnalyzerMetrics(registry)
        registry.info(
            "indelible_analyzer_info",
            "What this analyzer judges, and with what: slots as A-B, model and schema as SHA-256.",
            [
                ("slots", self.command.slots.description), ("model", model.hash.hex), ("model_name", model.name),
                ("schema", model.schema.hash.hex),
            ],
        )
        let operations = OperationsEndpoint(metrics: registry) {
            metrics.connected.current == 1 ? nil : "not connected to the ledger"
        }
        let http = try await HTTPServer(
            host: self.command.http.host,
            port: self.command.http.port,
            logger: self.logger,
            handler: operations.handler,
        )
        self.logger.info(
            "serving",
            metadata: [
                "http": "\(Endpoint(http.address))", "model": "\(model.name)", "model_hash": "\(model.hash)",
                "slots": "\(self.command.slots)",
            ],
        )
        let follower = EventFollower(
            origin: self.command.origin,
            ledger: self.command.ledger,
            tls: self.command.tls.settings,
            slots: self.command.slots,
            model: model,
            epoch: SystemClock.wallNanoseconds,
            metrics: metrics,
            logger: self.logger,
        )
        try await ServiceProcess.run(
            [ListenerService(http: http)] + self.lifecycle(files) + [follower],
            serving: [("http", Endpoint(http.address).description)],
            readyFile: self.command.service.readyFile,
            drainSeconds: self.command.service.drainSeconds,
            logger: self.logger,
        )
    }

    private func lifecycle(_ files: PosixFileSystem) -> [any Service] {
        guard let ingest = self.command.ingest else { return [] }
        let tls = self.command.tls.settings
        return LifecycleService.services(
            "analyzer",
            detail: "slots \(self.command.slots)",
            self.command.service,
            in: files,
            logger: self.logger,
        ) { record in
            try await record.submit(to: ingest, tls: tls, software: Software.name("analyzer"))
        }
    }
}
