import AnalyzerCore
import Cryptography
import Foundation
import Logging
import NIOCore
import Platform
import Primitives
import ServiceKit
import ServiceLifecycle
import SigmaRules
import Storage
import Transport

/// Everything that runs in an analyzer process, in the order in which it starts.
struct AnalyzerProcess {
    private static let lockName = "lock"
    private static let memberRandomByteCount = 4

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
        let ruleSet = try self.command.rules.map { path throws(IndelibleError) in try RuleFile.load(path) }
        let member = try self.member()
        let registry = Metrics()
        ProcessMetrics.register("analyzer", in: registry)
        let metrics = AnalyzerMetrics(registry)
        registry.info(
            "indelible_analyzer_info",
            "Who this analyzer is among others, and its own model: model and schema as SHA-256.",
            [
                ("member", member), ("model", model.hash.hex), ("model_name", model.name),
                ("schema", model.schema.hash.hex), ("rule_set", ruleSet?.hash.hex ?? ""),
            ],
        )
        let health = AnalyzerHealth()
        let operations = OperationsEndpoint(metrics: registry) { health.problem }
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
                "member": "\(member)",
            ],
        )
        let worker = SlotWorker(
            member: member,
            shelf: ModelShelf(own: model, directory: self.command.models),
            ruleSet: ruleSet,
            operatorKey: self.command.operatorKey,
            metrics: metrics,
            logger: self.logger,
        )
        let follower = LogFollower(
            origin: self.command.origin,
            ledger: self.command.ledger,
            tls: self.command.tls.settings,
            worker: worker,
            desk: AlertDesk(
                outputs: try self.command.alerts.outputs(tls: try ClientTLS(authorities: self.command.httpAuthorities)),
                threshold: self.command.alertSeverity,
                worker: worker,
                metrics: metrics,
                logger: self.logger,
            ),
            metrics: metrics,
            health: health,
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

    /// Two processes of one name would take each other's slots, so each start has its own.
    private func member() throws(IndelibleError) -> String {
        if let member = self.command.member { return member }
        let random = Hex.encode(try SecureRandom.bytes(Self.memberRandomByteCount))
        return "\(ProcessInfo.processInfo.hostName)/\(ProcessInfo.processInfo.processIdentifier)/\(random)"
    }

    private func lifecycle(_ files: PosixFileSystem) -> [any Service] {
        guard let ingest = self.command.ingest else { return [] }
        let tls = self.command.tls.settings
        return LifecycleService.services(
            "analyzer",
            self.command.service,
            in: files,
            logger: self.logger,
        ) { record in
            try await record.submit(to: ingest, tls: tls, software: Software.name("analyzer"))
        }
    }
}
