import Cryptography
import Logging
import MerkleTree
import NIOCore
import NIOHTTP1
import Primitives
import ServiceKit
import Simulation
import Storage
import Synchronization
import Testing
import TransparencyLog
import VerifierCore
import VerifierService

/// Goal: any log that is served as C2SP tiles can be followed, and what changes in it is named.
///
/// Method: files in memory behind a real socket, made by the definitions and not by a ledger.
@Suite(.timeLimit(.minutes(1))) struct TilesReaderTests {
    /// A log of text lines as static files.
    private final class Site: Sendable {
        let signer: NoteSigner
        let files = Mutex<[String: [UInt8]]>([:])

        init() throws {
            let seed = [UInt8](repeating: 6, count: 32)
            self.signer = try NoteSigner(name: "log.example/tiles", type: .ed25519, seed: seed)
        }

        func publish(_ size: Int) throws {
            let entries = (0..<size).map { Array("line \($0)".utf8) }
            var levels = [try entries.map { try SHA256.hash([0], $0) }]
            while let last = levels.last, last.count >= 256 {
                levels.append(
                    stride(from: 0, to: last.count - 255, by: 256).map { Frontier.root(of: Array(last[$0..<$0 + 256])) }
                )
            }
            let root = Frontier.root(of: levels[0])
            let checkpoint = try Checkpoint(origin: self.signer.name, size: UInt64(size), root: root)
            let note = try SignedCheckpoint(checkpoint, signer: self.signer).bytes
            try self.files.withLock { files in
                files["/checkpoint"] = note
                for tile in TileGrowth(from: 0, to: UInt64(size)) {
                    let first = Int(tile.index) * 256
                    switch tile.content {
                    case .entries:
                        files["/\(tile)"] = try EntryBundle.encode(Array(entries[first..<first + tile.width]))
                    case .hashes(let level):
                        files["/\(tile)"] = levels[level][first..<first + tile.width].flatMap(\.bytes)
                    }
                }
            }
        }

        func serve() async throws -> HTTPServer {
            try await HTTPServer(host: "127.0.0.1", port: 0, logger: TilesReaderTests.logger) { request, loop in
                let file = self.files.withLock { $0[request.path] }
                let reply = file.map { HTTPReply(.ok, body: ByteBuffer(bytes: $0)) } ?? HTTPReply(.notFound, text: "")
                return loop.makeSucceededFuture(reply)
            }
        }
    }

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private struct Bench {
        let site: Site
        let disk = SimulatedDisk()
        let metrics = VerifierMetrics(Metrics())
        let board: FindingBoard
        let watch: LogWatch

        init() throws {
            self.site = try Site()
            self.board = try FindingBoard(files: self.disk, metrics: self.metrics, logger: TilesReaderTests.logger)
            self.watch = try LogWatch(
                key: self.site.signer.verifierKey,
                seals: SealChecker(),
                files: self.disk,
                directory: "follow",
                metrics: self.metrics,
                board: self.board,
            )
        }

        func reader(_ server: HTTPServer, rescan: Duration? = nil) -> TilesReader {
            TilesReader(
                url: "http://\(Endpoint(server.address))",
                tls: nil,
                poll: .milliseconds(1),
                rescan: rescan,
                watch: self.watch,
                metrics: self.metrics,
                logger: TilesReaderTests.logger,
            )
        }
    }

    @Test func followsGrowth() async throws {
        let bench = try Bench()
        let server = try await bench.site.serve()
        for size in [1, 255, 256, 300, 700] {
            try bench.site.publish(size)
            try await bench.reader(server).follow()
            #expect(await bench.watch.verifiedSize == UInt64(size))
        }
        #expect(bench.board.problem == nil)
        await server.shutdown()
    }

    @Test(
        arguments: [
            ("/tile/entries/001", 300, Finding.Kind.payloadAltered, 257), ("/tile/0/000", 40, .tileWrong, 1),
            ("/tile/1/000.p/2", 40, .tileWrong, 256), ("/tile/0/002.p/88", 0, .tileWrong, 512),
        ]
    )
    func namesWhatChanged(path: String, byte: Int, kind: Finding.Kind, index: Int) async throws {
        let bench = try Bench()
        let server = try await bench.site.serve()
        try bench.site.publish(600)
        let running = Task { try await bench.reader(server, rescan: .milliseconds(1)).run() }
        while bench.metrics.rescans.current == 0 { await Task.yield() }
        #expect(bench.board.problem == nil)
        let isEntry = kind == .payloadAltered
        bench.site.files.withLock { files in
            // An entry's byte: behind the first entry of the bundle and the length of the second.
            let position = isEntry ? 2 + "line 256".utf8.count + 2 : byte
            files[path]?[position] ^= 1
        }
        while bench.board.problem == nil { await Task.yield() }
        #expect(bench.board.problem?.contains("\"index\":\(index),\"kind\":\"\(kind.rawValue)\"") == true)
        running.cancel()
        try await running.value
        await server.shutdown()
    }

    @Test func namesAFileThatIsGone() async throws {
        let bench = try Bench()
        let server = try await bench.site.serve()
        try bench.site.publish(600)
        try await bench.reader(server).follow()
        bench.site.files.withLock { $0["/tile/entries/001"] = nil }
        let running = Task { try await bench.reader(server, rescan: .zero).run() }
        while bench.board.problem == nil { await Task.yield() }
        #expect(bench.board.problem?.contains(#""index":256,"kind":"entry-missing""#) == true)
        running.cancel()
        try await running.value
        await server.shutdown()
    }
}
