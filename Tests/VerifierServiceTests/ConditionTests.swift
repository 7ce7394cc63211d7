import JSONText
import Logging
import Primitives
import ProtobufC
import ServiceKit
import ServiceProtocol
import Simulation
import Storage
import Testing
import TransparencyLog
import Transport
import VerifierCore
import VerifierService

/// Goal: what is out of order now shows in `/healthz` until it passes, is put on record once each time, and never stands in
/// the way of a finding about the record; a heartbeat tells of it.
@Suite(.timeLimit(.minutes(1))) struct ConditionTests {
    private static let log = "log.example/conditions"
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let away = Finding(
        .unreachable,
        index: 7,
        path: "log:1",
        expected: "an answer",
        found: "none since 1",
    )
    private static let stale = Finding(.checkpointStale, index: 5, path: "checkpoint", expected: "more", found: "none")
    private static let altered = Finding(.payloadAltered, index: 3, expected: "aa", found: "bb")

    private static func board(
        _ disk: SimulatedDisk,
        muted: Set<Finding.Kind> = [],
        metrics: VerifierMetrics = VerifierMetrics(Metrics()),
    ) throws -> FindingBoard {
        try FindingBoard(files: disk, muted: muted, metrics: metrics, logger: Self.logger)
    }

    @Test func aConditionIsReportedOnceAndPasses() throws {
        let (disk, metrics) = (SimulatedDisk(), VerifierMetrics(Metrics()))
        let board = try Self.board(disk, metrics: metrics)
        for _ in 0..<3 { board.set([Self.away], of: Self.log, by: "follow") }
        board.set([Self.stale], of: Self.log, by: "peers")
        #expect(board.problem?.hasPrefix("unreachable: log:1") == true)
        #expect(metrics.conditions.current == 2 && metrics.findings.current == 2)
        board.set([], of: Self.log, by: "follow")
        #expect(board.problem?.hasPrefix("checkpoint-stale") == true)
        board.set([], of: Self.log, by: "peers")
        #expect(board.problem == nil && metrics.conditions.current == 0)
        #expect(board.entry(0)?.line.contains(#""kind":"unreachable""#) == true)
        #expect(board.entry(1)?.line.contains(#""remedy":"See `indelible status`"#) == true)
        // What has passed is on record and is no problem after a restart either.
        disk.restart()
        let again = try Self.board(disk)
        #expect(again.problem == nil && again.entry(1) != nil && again.entry(2) == nil)
    }

    @Test func aFindingAboutTheRecordGoesFirstAndStays() throws {
        let disk = SimulatedDisk()
        let board = try Self.board(disk)
        board.set([Self.away], of: Self.log, by: "follow")
        board.report(Self.altered, of: Self.log)
        #expect(board.problem?.hasPrefix("1 findings") == true)
        board.set([], of: Self.log, by: "follow")
        disk.restart()
        #expect(try Self.board(disk).problem?.contains("payload-altered") == true)
    }

    /// However many lesser findings there were, one about the record is kept and told.
    @Test func lesserFindingsLeaveRoom() throws {
        let board = try Self.board(SimulatedDisk())
        for number in 0..<1_200 { board.report(Finding(.gap, index: UInt64(number), path: "s"), of: Self.log) }
        #expect(board.problem == nil)
        board.report(Self.altered, of: Self.log)
        #expect(board.problem?.contains("payload-altered") == true)
        #expect(board.entry(999) != nil && board.entry(1_000)?.line.contains("payload-altered") == true)
    }

    @Test(arguments: Finding.Kind.allCases) func onlyLesserFindingsCanBeMuted(kind: Finding.Kind) throws {
        let metrics = VerifierMetrics(Metrics())
        let board = try Self.board(SimulatedDisk(), muted: Set(Finding.Kind.allCases), metrics: metrics)
        board.report(Finding(kind, index: 1), of: Self.log)
        #expect((board.entry(0) != nil) == kind.isIntegrity)
        #expect(metrics.findings.current == 1)
    }

    @Test func anOutputThatRefusesShows() throws {
        let metrics = VerifierMetrics(Metrics())
        let board = try Self.board(SimulatedDisk(), metrics: metrics)
        board.set("webhook http://x", isRefusing: true)
        #expect(board.problem == "webhook http://x does not take findings" && metrics.outputsRefusing.current == 1)
        board.set("webhook http://x", isRefusing: false)
        #expect(board.problem == nil && metrics.outputsRefusing.current == 0)
    }

    /// A log, the verifier's watch of it, and what becomes of both as time goes on.
    @Test func timeTellsWhatDoesNotCome() async throws {
        let (disk, metrics, ledger) = (SimulatedDisk(), VerifierMetrics(Metrics()), try FakeLedger())
        let board = try Self.board(disk, metrics: metrics)
        let second: UInt64 = 1_000_000_000
        let watch = try LogWatch(
            key: ledger.signer.verifierKey,
            seals: SealChecker(),
            sources: SourceChecker(expected: ["s": 10], now: 0),
            conditions: FollowConditions(address: "log:1", now: 0),
            files: disk,
            directory: "follow",
            metrics: metrics,
            board: board,
        )
        await watch.tick(at: 59 * second)
        #expect(board.problem == nil)
        await watch.tick(at: 60 * second)
        #expect(board.problem?.hasPrefix("unreachable: log:1") == true)
        // Nothing is heard of a log that is away; once it answers, silence is another matter.
        await watch.reached()
        await watch.tick(at: 61 * second)
        #expect(board.problem?.hasPrefix("silence: s") == true)
        ledger.append([Array("entry-0".utf8)])
        try await watch.read(ledger.batch(from: 0))
        // Entries are read by the machine's clock: far in its future no checkpoint has come.
        await watch.tick(at: .max / 2)
        #expect(board.entry(2)?.line.contains(#""index":0,"kind":"checkpoint-stale""#) == true)
        #expect(try await watch.check(ledger.checkpoint().bytes) == true)
        await watch.tick(at: .max / 2)
        #expect(metrics.conditions.current == 1, "silence only")
    }

    /// The same request by both ways gives the same answer.
    @Test func aWitnessAnswersOverRPC() async throws {
        let ledger = try FakeLedger()
        ledger.append([Array("entry-0".utf8)])
        let metrics = VerifierMetrics(Metrics())
        let signer = try NoteSigner(
            name: "witness.example/w",
            type: .cosignature,
            seed: [UInt8](repeating: 4, count: 32),
        )
        let witness = try Witness(
            signer: signer,
            keys: [ledger.signer.verifierKey],
            files: SimulatedDisk(),
            directory: "witness",
        )
        let endpoint = WitnessEndpoint(
            desk: WitnessDesk(witness),
            watches: [:],
            metrics: metrics,
            operations: OperationsEndpoint(metrics: Metrics()) { nil },
        )
        let server = RPCServer(
            configuration: .init(host: "127.0.0.1", port: 0, software: "witness"),
            router: endpoint.router,
            logger: Self.logger,
        )
        let address = Endpoint(try await server.bind())
        let client = try await RPCClient.connect(
            .init(host: address.host, port: address.port, tls: nil, software: "test")
        )
        let add = { (body: [UInt8]) async throws -> AddCheckpointResponse in
            let request = AddCheckpointRequest(body: body).serialized
            return try AddCheckpointResponse(serialized: await client.call(WitnessMethods.addCheckpoint, request))
        }
        let request = try WitnessRequest(oldSize: 0, proof: [], checkpoint: ledger.checkpoint())
        let cosigned = try await add(request.bytes)
        #expect(cosigned.status == 200)
        let note = try SignedNote(
            text: ledger.checkpoint().note.text,
            signatures: SignedNote.signatureLines(Array(cosigned.body.utf8)),
        )
        #expect(try note.verified(by: [signer.verifierKey]).count == 1)
        let conflict = try await add(request.bytes)
        #expect(conflict == AddCheckpointResponse(status: 409, contentType: "text/x.tlog.size", body: "1\n"))
        #expect(try await add([1, 2, 3]).status == 400)
        #expect(metrics.cosignatures.current == 1 && metrics.refusals.current == 2)
        await client.close()
        await server.shutdownGracefully(drain: .zero)
    }

    @Test func aHeartbeatSaysHowFarTheVerifierIs() async throws {
        let (metrics, ledger) = (VerifierMetrics(Metrics()), try FakeLedger())
        let board = try Self.board(SimulatedDisk(), metrics: metrics)
        let watch = try LogWatch(
            key: ledger.signer.verifierKey,
            seals: SealChecker(),
            files: SimulatedDisk(),
            directory: "follow",
            metrics: metrics,
            board: board,
        )
        ledger.append([Array("entry-0".utf8), Array("entry-1".utf8)])
        try await watch.read(ledger.batch(from: 0))
        let words = [
            #""heartbeat":"v+key""#, #""time_ns":5"#, #""problem":null"#, #""read_size":2,"verified_size":0"#,
            #""log":"log.example/fake""#,
        ]
        let tests = words.map { "grep -qF '\($0)'" }.map { AlertOutput.command($0) }
        let service = HeartbeatService(
            outputs: tests + [.command("exit 1")],
            interval: .seconds(60),
            verifier: "v+key",
            watches: [watch],
            board: board,
            metrics: metrics,
            logger: Self.logger,
        )
        await service.beat(at: 5)
        #expect(metrics.heartbeats.current == UInt64(words.count) && metrics.heartbeatFailures.current == 1)
    }
}
