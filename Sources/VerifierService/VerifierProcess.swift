import Logging
import NIOCore
import Platform
import Primitives
import ServiceKit
import ServiceLifecycle
import Storage
import TransparencyLog
import Transport
import VerifierCore

/// Everything that runs in a verifier process, in the order in which it starts.
struct VerifierProcess {
    private static let keyFileName = "witness.key"
    private static let witnessDirectory = "witness"
    private static let followDirectory = "follow"
    private static let lockName = "lock"

    private let command: VerifierCommand
    private let logger: Logger

    init(_ command: VerifierCommand, logger: Logger) {
        self.command = command
        self.logger = logger
    }

    func run() async throws {
        let files = try PosixFileSystem(root: self.command.service.data, create: true)
        let lock = try files.lock(Self.lockName)
        defer { lock.release() }
        let registry = Metrics()
        ProcessMetrics.register("verifier", in: registry)
        let metrics = VerifierMetrics(registry)
        let board = try FindingBoard(files: files, metrics: metrics, logger: self.logger)
        let signer = try self.signer(files)
        let witness = try Witness(
            signer: signer,
            keys: [self.command.log] + self.command.witnessLogs,
            files: files,
            directory: Self.witnessDirectory,
        )
        let watch = try LogWatch(
            key: self.command.log,
            seals: SealChecker(
                collectors: self.command.collectorKeys(),
                operatorKey: self.command.operator?.publicKey,
            ),
            files: files,
            directory: Self.followDirectory,
            metrics: metrics,
            board: board,
        )
        let alerts = AlertService(
            origin: self.command.log.name,
            outputs: try self.command.alertOutputs(),
            board: board,
            files: files,
            metrics: metrics,
            logger: self.logger,
        )
        let endpoint = WitnessEndpoint(
            desk: WitnessDesk(witness),
            watch: self.command.ledger.map { _ in (self.command.log.name, watch) },
            metrics: metrics,
            operations: OperationsEndpoint(metrics: registry) { board.problem },
        )
        let http = try await HTTPServer(
            host: self.command.http.host,
            port: self.command.http.port,
            logger: self.logger,
            handler: endpoint.handler,
        )
        self.logger.info(
            "serving",
            metadata: [
                "http": "\(Endpoint(http.address))", "vkey": "\(signer.verifierKey)", "log": "\(self.command.log.name)",
            ],
        )
        try await ServiceProcess.run(
            [ListenerService(http: http), alerts] + self.lifecycle(files, signer) + self.reader(watch, metrics),
            serving: [("http", Endpoint(http.address).description)],
            readyFile: self.command.service.readyFile,
            drainSeconds: self.command.service.drainSeconds,
            logger: self.logger,
        )
    }

    private func signer(_ files: PosixFileSystem) throws(IndelibleError) -> NoteSigner {
        guard let path = self.command.key else {
            return try KeyFile.loadOrCreate(Self.keyFileName, name: self.command.name, type: .cosignature, in: files)
        }
        let (folder, name) = try HostPath(path).open()
        guard let signer = try KeyFile.load(name, in: folder) else {
            throw IndelibleError(.notFound, "There is no key in \(path). Make one with `indelible keys create`.")
        }
        return signer
    }

    private func lifecycle(_ files: PosixFileSystem, _ signer: NoteSigner) -> [any Service] {
        guard let ingest = self.command.ingest else { return [] }
        let tls = self.command.tls.settings
        return LifecycleService.services(
            "verifier",
            detail: "witness \(signer.name)",
            self.command.service,
            in: files,
            logger: self.logger,
        ) { record in
            try await record.submit(to: ingest, tls: tls, software: Software.name("verifier"))
        }
    }

    private func reader(_ watch: LogWatch, _ metrics: VerifierMetrics) -> [any Service] {
        guard let ledger = self.command.ledger else { return [] }
        return [
            LedgerReader(
                origin: self.command.log.name,
                ledger: ledger,
                tls: self.command.tls.settings,
                rescan: self.command.rescanSeconds == 0 ? nil : .seconds(self.command.rescanSeconds),
                watch: watch,
                metrics: metrics,
                logger: self.logger,
            )
        ]
    }
}
