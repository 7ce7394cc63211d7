import AuditModel
import Logging
import Primitives
import ProtobufC
import ServiceKit
import Simulation
import Storage
import Testing
import TransparencyLog
import VerifierCore
import VerifierService

/// Goal: what a ledger keeps beside its log is read and compared with what the entries commit to, in every pass.
///
/// Method: a ledger in memory that lies when told to; every wait is for a state, none for a time.
@Suite(.timeLimit(.minutes(1))) struct PayloadReaderTests {
    private static let salt = [UInt8](repeating: 6, count: DetachedPayload.saltByteCount)

    /// A ledger with three events, each with a payload beside it, and a verifier without its process.
    private struct Bench {
        let ledger: FakeLedger
        let payloads: [DetachedPayload]
        let metrics = VerifierMetrics(Metrics())
        let board: FindingBoard
        let watch: LogWatch
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

        init() throws {
            let disk = SimulatedDisk()
            self.ledger = try FakeLedger()
            self.board = try FindingBoard(files: disk, metrics: self.metrics, logger: self.logger)
            self.watch = try LogWatch(
                key: self.ledger.signer.verifierKey,
                seals: SealChecker(),
                files: disk,
                directory: "follow",
                metrics: self.metrics,
                board: self.board,
            )
            let contents = (0..<3).map { [UInt8](repeating: UInt8($0), count: 40) }
            self.payloads = try contents.map { try DetachedPayload(payload: $0, salt: PayloadReaderTests.salt) }
            for (payload, bytes) in zip(self.payloads, contents) {
                self.ledger.keep(payload.commitment, salt: PayloadReaderTests.salt, bytes)
            }
        }

        func append() throws {
            self.ledger.append(
                self.payloads.map { payload in
                    var event = AuditEvent()
                    event.source = "app"
                    event.detachedRaw = payload
                    let blind = [UInt8](repeating: 1, count: Entry.blindByteCount)
                    return Entry(blind: blind, stamp: nil, body: .event(event.serialized)).serialized
                }
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

        /// Runs a verifier until `isDone`.
        func run(rescan: Duration? = nil, until isDone: (Bench) -> Bool) async throws {
            let endpoint = try await self.ledger.start()
            let reading = Task { try await self.reader(endpoint, rescan: rescan).run() }
            while !isDone(self) { await Task.yield() }
            reading.cancel()
            try await reading.value
            await self.ledger.stop()
        }
    }

    @Test func findsSoundPayloadsSound() async throws {
        let bench = try Bench()
        try bench.append()
        try await bench.run { $0.metrics.payloadsChecked.current == 3 }
        #expect(bench.board.problem == nil && bench.metrics.payloads.current == 3)
        #expect(bench.metrics.payloadsWrong.current == 0)
    }

    @Test(arguments: [true, false]) func namesTheEntryWhosePayloadIsNotAsItWas(isKept: Bool) async throws {
        let bench = try Bench()
        try bench.append()
        var other = [UInt8](repeating: 1, count: 40)
        other[33] ^= 4
        bench.ledger.keep(bench.payloads[1].commitment, salt: Self.salt, isKept ? other : nil)
        try await bench.run { $0.metrics.payloadsWrong.current == 1 && $0.metrics.payloadsChecked.current == 2 }
        let kind = isKept ? "payload-altered" : "entry-missing"
        #expect(bench.board.problem?.contains("\"index\":1,\"kind\":\"\(kind)\"") == true)
        #expect(bench.board.problem?.contains("payloads/\(bench.payloads[1].commitment.hex)") == true)
    }

    /// A payload that was sound is looked at again with the log.
    @Test func looksAgainWithEachRescan() async throws {
        let bench = try Bench()
        try bench.append()
        let endpoint = try await bench.ledger.start()
        let reading = Task { try await bench.reader(endpoint, rescan: .milliseconds(1)).run() }
        while bench.metrics.payloadsChecked.current < 3 { await Task.yield() }
        #expect(bench.board.problem == nil)
        bench.ledger.keep(bench.payloads[2].commitment, salt: Self.salt, [1])
        while bench.board.problem == nil { await Task.yield() }
        #expect(bench.board.problem?.contains(#""index":2,"kind":"payload-altered""#) == true)
        reading.cancel()
        try await reading.value
        await bench.ledger.stop()
    }
}
