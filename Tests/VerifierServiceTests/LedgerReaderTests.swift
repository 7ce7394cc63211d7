import Logging
import NIOCore
import NIOHTTP1
import Primitives
import ServiceKit
import Simulation
import Storage
import Testing
import TransparencyLog
import VerifierCore
import VerifierService

/// Goal: a verifier follows a ledger over a real socket, survives its restarts, and names what it changed.
///
/// Method: a ledger in memory that lies when told to; every wait is for a state, none for a time.
@Suite(.timeLimit(.minutes(1))) struct LedgerReaderTests {
    /// A verifier without its process.
    private struct Bench {
        let ledger: FakeLedger
        let disk = SimulatedDisk()
        let metrics = VerifierMetrics(Metrics())
        let board: FindingBoard
        let watch: LogWatch
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

        init(_ ledger: FakeLedger) throws {
            self.ledger = ledger
            self.board = try FindingBoard(files: self.disk, metrics: self.metrics, logger: self.logger)
            self.watch = try LogWatch(
                key: ledger.signer.verifierKey,
                seals: SealChecker(),
                files: self.disk,
                directory: "follow",
                metrics: self.metrics,
                board: self.board,
            )
        }

        func reader(_ endpoint: Endpoint, rescan: Duration? = nil) -> LedgerReader {
            LedgerReader(
                origin: FakeLedger.origin,
                ledger: .endpoint(endpoint),
                tls: nil,
                rescan: rescan,
                watch: self.watch,
                metrics: self.metrics,
                logger: self.logger,
            )
        }

        func verified(_ size: UInt64) async {
            while await self.watch.verifiedSize < size { await Task.yield() }
        }

        func found() async {
            while self.board.problem == nil { await Task.yield() }
        }
    }

    private static func entries(_ range: Range<Int>) -> [[UInt8]] { range.map { Array("entry-\($0)".utf8) } }

    @Test func followsWhatIsAppended() async throws {
        let bench = try Bench(FakeLedger())
        let endpoint = try await bench.ledger.start()
        bench.ledger.append(Self.entries(0..<300))
        let reading = Task { try await bench.reader(endpoint).run() }
        await bench.verified(300)
        bench.ledger.append(Self.entries(300..<1000))
        await bench.verified(1000)
        #expect(bench.board.problem == nil)
        #expect(bench.metrics.entries.current == 1000)
        reading.cancel()
        try await reading.value
        await bench.ledger.stop()
    }

    @Test func namesARewrittenEntryAtTheRescan() async throws {
        let bench = try Bench(FakeLedger())
        let endpoint = try await bench.ledger.start()
        bench.ledger.append(Self.entries(0..<300))
        let reading = Task { try await bench.reader(endpoint, rescan: .milliseconds(1)).run() }
        await bench.verified(300)
        while bench.metrics.rescans.current < 2 { await Task.yield() }
        #expect(bench.board.problem == nil)
        bench.ledger.replace(77, with: Array("changed".utf8))
        await bench.found()
        #expect(bench.board.problem?.contains(#""index":77,"kind":"payload-altered""#) == true)
        #expect(bench.disk.files["findings.jsonl"] != nil)
        reading.cancel()
        try await reading.value
        await bench.ledger.stop()
    }

    @Test func namesTheFirstEntryThatIsGoneAtTheRescan() async throws {
        let bench = try Bench(FakeLedger())
        let endpoint = try await bench.ledger.start()
        bench.ledger.append(Self.entries(0..<300))
        let reading = Task { try await bench.reader(endpoint, rescan: .milliseconds(1)).run() }
        await bench.verified(300)
        bench.ledger.cut(to: 200)
        await bench.found()
        #expect(bench.board.problem?.contains(#""index":200,"kind":"entry-missing""#) == true)
        reading.cancel()
        try await reading.value
        await bench.ledger.stop()
    }

    @Test(arguments: [false, true]) func namesAnEntryThatTheLedgerCannotRead(readBefore: Bool) async throws {
        let bench = try Bench(FakeLedger())
        let endpoint = try await bench.ledger.start()
        bench.ledger.append(Self.entries(0..<300))
        if !readBefore { bench.ledger.damage(77) }
        let reading = Task { try await bench.reader(endpoint, rescan: .milliseconds(1)).run() }
        if readBefore {
            await bench.verified(300)
            bench.ledger.damage(77)
        }
        await bench.found()
        #expect(bench.board.problem?.contains(#""index":77,"kind":"payload-altered""#) == true)
        reading.cancel()
        try await reading.value
        await bench.ledger.stop()
    }

    @Test func namesALogThatBecameShorter() async throws {
        let bench = try Bench(FakeLedger())
        let endpoint = try await bench.ledger.start()
        bench.ledger.append(Self.entries(0..<300))
        let reading = Task { try await bench.reader(endpoint).run() }
        await bench.verified(300)
        reading.cancel()
        try await reading.value
        await bench.ledger.stop()
        bench.ledger.cut(to: 200)
        let restarted = try await bench.ledger.start()
        let again = Task { try await bench.reader(restarted).run() }
        await bench.found()
        #expect(bench.board.problem?.contains(#""index":200,"kind":"truncated""#) == true)
        again.cancel()
        try await again.value
        await bench.ledger.stop()
    }

    @Test func namesACheckpointThatDoesNotFollowFromTheEntries() async throws {
        let ledger = try FakeLedger()
        let bench = try Bench(ledger)
        ledger.append(Self.entries(0..<10))
        try await bench.watch.read(ledger.batch(from: 0))
        #expect(try await bench.watch.check(ledger.checkpoint().bytes) == true)
        ledger.append(Self.entries(10..<20))
        #expect(try await bench.watch.check(ledger.checkpoint().bytes) == nil)
        try await bench.watch.read(ledger.batch(from: 10))
        ledger.replace(3, with: Array("changed".utf8))
        #expect(try await bench.watch.check(ledger.checkpoint().bytes) == false)
        #expect(bench.board.problem?.contains("root-wrong") == true)
        #expect(await bench.watch.verifiedSize == 10)
        try await bench.watch.rewind()
        #expect(await bench.watch.next == 10)
    }

    @Test func waitsForEntriesOnlySoLong() async throws {
        let ledger = try FakeLedger()
        let bench = try Bench(ledger)
        ledger.append(Self.entries(0..<10))
        #expect(await bench.watch.view(at: 10, waiting: .zero) == .behind)
        async let view = bench.watch.view(at: 10, waiting: .seconds(60))
        try await bench.watch.read(ledger.batch(from: 0))
        let root = try ledger.checkpoint().checkpoint.root
        #expect(await view == .root(root))
        #expect(await bench.watch.view(at: 0, waiting: .zero) != .root(root))
    }

    @Test func refusesBatchesWithHoles() async throws {
        let ledger = try FakeLedger()
        let bench = try Bench(ledger)
        ledger.append(Self.entries(0..<10))
        await #expect { try await bench.watch.read(ledger.batch(from: 1)) } throws: {
            ($0 as? IndelibleError)?.code == .outOfRange
        }
    }

    /// The whole exchange over HTTP: what was read is cosigned, what was not is not.
    @Test func cosignsOnlyWhatItHasRead() async throws {
        let ledger = try FakeLedger()
        let bench = try Bench(ledger)
        let signer = try NoteSigner(
            name: "witness.example/w",
            type: .cosignature,
            seed: [UInt8](repeating: 4, count: 32),
        )
        let witness = try Witness(
            signer: signer,
            keys: [ledger.signer.verifierKey],
            files: bench.disk,
            directory: "witness",
        )
        let endpoint = WitnessEndpoint(
            desk: WitnessDesk(witness),
            watches: [try Witness.hash(of: FakeLedger.origin): bench.watch],
            metrics: bench.metrics,
            operations: OperationsEndpoint(metrics: Metrics()) { bench.board.problem },
        )
        let server = try await HTTPServer(host: "127.0.0.1", port: 0, logger: bench.logger, handler: endpoint.handler)
        let url = "http://\(Endpoint(server.address))"
        ledger.append(Self.entries(0..<7))
        let signed = try ledger.checkpoint()
        let request = try WitnessRequest(oldSize: 0, proof: [], checkpoint: signed)
        let path = url + WitnessPath.addCheckpoint
        #expect(try await HTTPClient.request(.POST, path, body: request.bytes, seconds: 30).status == 503)
        try await bench.watch.read(ledger.batch(from: 0))
        let reply = try await HTTPClient.request(.POST, path, body: request.bytes, seconds: 30)
        #expect(reply.status == 200)
        let line = try #require(try SignedNote.signatureLines(reply.body).first)
        #expect(signer.verifierKey.verify(line, over: signed.note.text) != nil)
        let stored = try await HTTPClient.request(
            .GET,
            url + WitnessPath.checkpoint(of: FakeLedger.origin),
            seconds: 30,
        )
        #expect(try SignedCheckpoint(parsing: stored.body).checkpoint == signed.checkpoint)
        #expect(try await HTTPClient.request(.GET, url + "/healthz", seconds: 30).status == 200)
        #expect(try await HTTPClient.request(.GET, path, seconds: 30).status == 405)
        #expect(try await HTTPClient.request(.POST, path, body: [1], seconds: 30).status == 400)
        ledger.replace(3, with: Array("changed".utf8))
        let lie = try WitnessRequest(oldSize: 7, proof: [], checkpoint: ledger.checkpoint())
        #expect(try await HTTPClient.request(.POST, path, body: lie.bytes, seconds: 30).status == 422)
        await server.shutdown()
    }
}
