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
import Wire

/// Everything that runs in a verifier process, in the order in which it starts.
struct VerifierProcess {
    private static let keyFileName = "witness.key"
    private static let witnessDirectory = "witness"
    private static let lockName = "lock"

    /// What is followed, with what is known of it and what reads it.
    private struct Follower {
        let hash: String
        let watch: LogWatch
        let reader: any Service
    }

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
        let policy = try self.command.trustPolicy()
        let logs = try self.command.logs(policy)
        let registry = Metrics()
        ProcessMetrics.register("verifier", in: registry)
        let metrics = VerifierMetrics(registry)
        let board = try FindingBoard(
            files: files,
            muted: Set(self.command.muted),
            metrics: metrics,
            logger: self.logger,
        )
        let signer = try self.signer(files)
        let witness = try Witness(
            signer: signer,
            keys: logs.map(\.key),
            files: files,
            directory: Self.witnessDirectory,
        )
        let recorder = VerificationRecorder(
            signer: signer,
            ingest: self.command.ingest,
            tls: self.command.tls.settings,
            files: files,
            logger: self.logger,
        )
        var followers: [Follower] = []
        let followed = logs.filter { $0.source != nil }
        let hashes = try followed.map { (log) throws(IndelibleError) in try Witness.hash(of: log.key.name) }
        if try FollowDirectory.migrate(files, to: hashes) {
            self.logger.notice("what an older release remembers was moved to its log's directory")
        }
        for log in followed {
            let metrics = followed.count == 1 ? metrics : VerifierMetrics(registry, log: log.key.name)
            if let follower = try self.follower(log, policy, files, recorder, metrics, board) {
                followers.append(follower)
            }
        }
        let watches = Dictionary(followers.map { ($0.hash, $0.watch) }) { first, _ in first }
        let alerts = AlertService(
            outputs: try self.command.alertOutputs(),
            board: board,
            files: files,
            metrics: metrics,
            logger: self.logger,
        )
        let peers = PeerWatch(
            peers: self.command.peers + (policy?.witnesses ?? []).compactMap { $0.url.map { VerifierPeer.url($0) } },
            watches: watches,
            board: board,
            unreachableSeconds: self.command.unreachableSeconds,
            interval: .seconds(self.command.peerSeconds),
            tls: try self.command.tls.settings.map { (settings) throws(IndelibleError) in try ClientTLS(settings) },
            metrics: metrics,
            logger: self.logger,
        )
        let heartbeat = HeartbeatService(
            outputs: try self.command.heartbeatOutputs(),
            interval: .seconds(self.command.heartbeatSeconds),
            verifier: signer.verifierKey.description,
            watches: followers.map(\.watch),
            board: board,
            metrics: metrics,
            logger: self.logger,
        )
        let timestamps = TimestampService(
            authority: try self.command.timestampAuthority(),
            watches: followers.map(\.watch),
            interval: .seconds(self.command.timestampSeconds),
            tls: try self.command.httpAuthorities.map { (path) throws(IndelibleError) in
                try ClientTLS(authorities: path)
            },
            files: files,
            metrics: metrics,
            logger: self.logger,
        )
        let desk = WitnessDesk(witness)
        let endpoint = WitnessEndpoint(
            desk: desk,
            watches: watches,
            metrics: metrics,
            operations: OperationsEndpoint(metrics: registry) { board.problem },
        )
        let http = try await HTTPServer(
            host: self.command.http.host,
            port: self.command.http.port,
            tls: self.command.tls.settings,
            allowInsecureRemote: self.command.tls.allowInsecureRemote,
            // A witness answers whoever the authority knows.
            roles: Set(Role.allCases),
            logger: self.logger,
            handler: endpoint.handler,
        )
        let rpc = try await self.rpc(endpoint.router)
        self.logger.info(
            "serving",
            metadata: [
                "http": "\(Endpoint(http.address))", "vkey": "\(signer.verifierKey)",
                "logs": "\(logs.map(\.key.name).joined(separator: " "))",
            ],
        )
        try await ServiceProcess.run(
            [
                ListenerService(http: http, server: rpc?.server, drain: .seconds(self.command.service.drainSeconds)),
                alerts, peers, timestamps, heartbeat,
                ConditionWatch(watches: followers.map(\.watch), desk: desk, board: board),
            ] + self.lifecycle(files, signer) + followers.map(\.reader),
            serving: [("http", Endpoint(http.address).description)] + (rpc.map { [("rpc", $0.address)] } ?? []),
            readyFile: self.command.service.readyFile,
            drainSeconds: self.command.service.drainSeconds,
            logger: self.logger,
        )
    }

    /// The listener for the witness protocol over RPC, where one is asked for.
    private func rpc(_ router: Router) async throws -> (server: RPCServer, address: String)? {
        guard let listen = self.command.listen else { return nil }
        let server = RPCServer(
            configuration: .init(
                host: listen.host,
                port: listen.port,
                tls: self.command.tls.settings,
                allowInsecureRemote: self.command.tls.allowInsecureRemote,
                software: Software.name("verifier"),
            ),
            router: router,
            logger: self.logger,
        )
        return (server, Endpoint(try await server.bind()).description)
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

    private func follower(
        _ log: FollowedLog,
        _ policy: TrustPolicy?,
        _ files: PosixFileSystem,
        _ recorder: VerificationRecorder,
        _ metrics: VerifierMetrics,
        _ board: FindingBoard,
    ) throws(IndelibleError) -> Follower? {
        let hash = try Witness.hash(of: log.key.name)
        let now = SystemClock.wallNanoseconds
        let watch = try LogWatch(
            key: log.key,
            seals: SealChecker(
                collectors: self.command.collectorKeys(),
                operatorKey: self.command.operator?.publicKey,
            ),
            verdicts: VerdictChecker(operatorKey: self.command.operator?.publicKey),
            sources: SourceChecker(
                expected: Dictionary(self.command.expectedSources.map { ($0.name, $0.seconds) }) { first, _ in first },
                now: now,
            ),
            conditions: FollowConditions(address: log.address, limits: self.command.limits, now: now),
            // The policy says nothing about a log that only the flags name.
            policy: policy.flatMap { $0.quorum != nil && $0.logs.contains { $0.key == log.key } ? $0 : nil },
            files: files,
            directory: FollowDirectory.path(of: hash),
            recorder: recorder,
            metrics: metrics,
            board: board,
        )
        let rescan: Duration? = self.command.rescanSeconds == 0 ? nil : .seconds(self.command.rescanSeconds)
        switch log.source {
        case .rpc(let address):
            let reader = LedgerReader(
                origin: log.key.name,
                ledger: address,
                tls: self.command.tls.settings,
                rescan: rescan,
                rescanRate: self.command.rescanBytesPerSecond,
                watch: watch,
                metrics: metrics,
                logger: self.logger,
            )
            return Follower(hash: hash, watch: watch, reader: reader)
        case .tiles(let url):
            let reader = TilesReader(
                url: url,
                tls: try ClientTLS(authorities: self.command.httpAuthorities),
                poll: .seconds(self.command.pollSeconds),
                rescan: rescan,
                rescanRate: self.command.rescanBytesPerSecond,
                watch: watch,
                metrics: metrics,
                logger: self.logger,
            )
            return Follower(hash: hash, watch: watch, reader: reader)
        case nil: return nil
        }
    }
}
