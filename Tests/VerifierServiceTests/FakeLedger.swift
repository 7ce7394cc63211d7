import AuditModel
import Cryptography
import Logging
import MerkleTree
import NIOCore
import Primitives
import ProtobufC
import ServiceKit
import ServiceProtocol
import Synchronization
import TransparencyLog
import Transport

/// A ledger in memory that answers over a real socket, and lies when told to.
final class FakeLedger: Sendable {
    static let origin = "log.example/fake"

    private let entries = Mutex<[[UInt8]]>([])
    private let damaged = Mutex<Int?>(nil)
    private let payloads = Mutex<[Digest: (salt: [UInt8], bytes: [UInt8])]>([:])
    private let server = Mutex<RPCServer?>(nil)
    private let changes = Broadcast()
    let signer: NoteSigner

    init() throws {
        self.signer = try NoteSigner(name: Self.origin, type: .ed25519, seed: [UInt8](repeating: 3, count: 32))
    }

    /// Listens on a port that the system picks.
    func start() async throws -> Endpoint {
        let server = RPCServer(
            configuration: .init(host: "127.0.0.1", port: 0, software: "fake"),
            router: self.router,
            logger: Logger(label: "fake") { _ in SwiftLogNoOpLogHandler() },
        )
        let address = try await server.bind()
        self.server.withLock { $0 = server }
        return Endpoint(address)
    }

    func stop() async {
        let server = self.server.withLock { $0.take() }
        await server?.shutdownGracefully(drain: .zero)
    }

    /// Appends entries; whoever follows is told.
    func append(_ bodies: [[UInt8]]) {
        self.entries.withLock { $0 += bodies }
        self.changes.announce()
    }

    func replace(_ index: Int, with entry: [UInt8]) { self.entries.withLock { $0[index] = entry } }

    /// Forgets the newest entries; nobody is told.
    func cut(to size: Int) { self.entries.withLock { $0.removeLast($0.count - size) } }

    /// Fails to read an entry, as from a damaged disk.
    func damage(_ index: Int) { self.damaged.withLock { $0 = index } }

    /// Keeps a payload, or something else in its place; `nil` loses it.
    func keep(_ commitment: Digest, salt: [UInt8], _ bytes: [UInt8]?) {
        self.payloads.withLock { $0[commitment] = bytes.map { (salt, $0) } }
    }

    func checkpoint() throws -> SignedCheckpoint {
        let entries = self.entries.withLock { $0 }
        let leaves = try entries.map { try SHA256.hash([0], $0) }
        let root = Frontier.root(of: leaves)
        return try SignedCheckpoint(
            Checkpoint(origin: Self.origin, size: UInt64(entries.count), root: root),
            signer: self.signer,
        )
    }

    /// The entries from `start` as one batch.
    func batch(from start: Int, to end: Int? = nil) -> [UInt8] {
        let entries = self.entries.withLock { $0 }
        let end = min(end ?? entries.count, entries.count)
        var builder = EntryBatchBuilder()
        for index in start..<max(start, end) {
            let entry = entries[index]
            builder.append(index: UInt64(index), kind: .event, slot: 0, entry: entry.span)
        }
        return builder.finish(next: UInt64(max(start, end)), durableSize: UInt64(entries.count))
    }

    private var router: Router {
        var router = Router()
        router.register(LedgerMethods.readEntries) { _, request, items in
            let request = try ReadEntriesRequest(serialized: request)
            var next = Int(request.from)
            for await _ in self.changes.subscribe() {
                let end = self.entries.withLock { $0.count }
                if let damaged = self.damaged.withLock({ $0 }), next <= damaged, damaged < end {
                    if next < damaged { try await items.send(self.batch(from: next, to: damaged)) }
                    throw IndelibleError(.dataLoss, "Entry \(damaged) is damaged.")
                }
                if next < end {
                    try await items.send(self.batch(from: next, to: request.to == 0 ? nil : Int(request.to)))
                }
                next = end
                if !request.follow { return }
            }
        }
        router.register(LedgerMethods.getPayload) { _, request, items in
            let commitment = try GetPayloadRequest(serialized: request).commitment
            guard let payload = self.payloads.withLock({ $0[commitment] }) else {
                throw IndelibleError(.notFound, "There is no such payload.")
            }
            let (head, rest) = (payload.bytes.prefix(10), payload.bytes.dropFirst(10))
            try await items.send(
                PayloadChunk(
                    commitment: commitment,
                    salt: payload.salt,
                    byteCount: UInt64(payload.bytes.count),
                    bytes: Array(head),
                ).serialized
            )
            try await items.send(PayloadChunk(bytes: Array(rest)).serialized)
        }
        router.register(LedgerMethods.watchCheckpoints) { _, _, items in
            for await _ in self.changes.subscribe() {
                let checkpoint = try self.checkpoint()
                try await items.send(
                    PublishedCheckpoint(note: checkpoint.bytes, size: checkpoint.checkpoint.size).serialized
                )
            }
        }
        return router
    }
}

/// Tells every subscriber that something changed; the newest news replaces what was not heard yet.
private final class Broadcast: Sendable {
    private let listeners = Mutex<[AsyncStream<Void>.Continuation]>([])

    /// Starts with one element.
    func subscribe() -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            continuation.yield()
            self.listeners.withLock { $0.append(continuation) }
        }
    }

    func announce() { self.listeners.withLock { for listener in $0 { listener.yield() } } }
}
