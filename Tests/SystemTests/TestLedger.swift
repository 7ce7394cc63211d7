import AuditModel
import Foundation
import IndelibleClient
import JSONText
import Glibc
import Primitives
import ServiceProtocol
import TransparencyLog

/// A ledger process and a client of it.
struct TestLedger: Sendable {
    static let origin = "log.example/system"

    let program: Program
    /// `host:port`.
    let rpc: String
    /// A URL.
    let tiles: String
    /// Name of the file that says where it listens.
    let readyFile: String
    let client: LedgerClient

    /// Starts a ledger and waits until it serves.
    ///
    /// - Parameter data: name of its directory.
    static func start(
        in directory: TestDirectory,
        data: String = "ledger",
        _ arguments: [String] = [],
    ) async throws -> TestLedger {
        let (program, file) = try Self.launch(in: directory, data: data, arguments)
        let addresses = try await program.ready(file)
        guard let rpc = addresses["rpc"]?.string, let http = addresses["http"]?.string else {
            throw Unexpected("the ledger does not say where it listens")
        }
        let client = LedgerClient(try ServiceAddress(parsing: rpc), software: "system-tests", retry: .none)
        return TestLedger(program: program, rpc: rpc, tiles: "http://\(http)", readyFile: file, client: client)
    }

    /// Starts a ledger and does not wait.
    static func launch(
        in directory: TestDirectory,
        data: String = "ledger",
        _ arguments: [String] = [],
    ) throws -> (program: Program, readyFile: String) {
        let file = "ready-\(UUID().uuidString).json"
        let program = try Program(
            Program.ours("indelible-ledger"),
            [
                "--data", directory.path(data), "--origin", Self.origin, "--ready-file", directory.path(file),
                "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--checkpoint-milliseconds", "10",
                // Tests here know every entry; LifecycleTests are about the others.
                "--no-lifecycle-records",
            ] + arguments,
            in: directory,
        )
        return (program, file)
    }

    /// - Parameter signal: `SIGKILL` leaves it no time to finish anything.
    func stop(_ signal: Int32 = SIGTERM) async throws {
        await self.client.close()
        let result = try await self.program.stop(signal)
        guard result.status == (signal == SIGTERM ? 0 : signal) else {
            throw Unexpected("the ledger ended with \(result.status): \(result.errors.suffix(2_000))")
        }
    }

    var key: VerifierKey {
        get async throws { try VerifierKey(parsing: try await self.client.status().logVerifierKey) }
    }

    /// The current checkpoint; waits for the first one of a new log.
    func checkpoint() async throws -> SignedCheckpoint {
        let note = try await eventually("the first checkpoint") {
            do {
                return try await self.client.checkpoint().note
            } catch let error as IndelibleError where error.code == .notFound || error.code == .unavailable {
                return nil
            }
        }
        return try SignedCheckpoint(parsing: note, signedBy: try await self.key)
    }

    /// All entries up to `size`.
    func entries(to size: UInt64) async throws -> [[UInt8]] {
        let request = ReadEntriesRequest(from: 0, to: size, follow: false, kinds: .all, slots: .all)
        var entries: [[UInt8]] = []
        for try await batch in self.client.readEntries(request) {
            for item in batch.view.items {
                guard item.index == UInt64(entries.count) else { throw Unexpected("entry \(entries.count) is missing") }
                entries.append(batch.entry(item))
            }
        }
        return entries
    }
}

/// Numbers its entries, so that the ledger takes each one once.
struct TestProducer: Sendable {
    let producer: Producer
    private(set) var nextSequence: UInt64 = 1

    init(_ name: String) { self.producer = Producer(id: Array(name.utf8), epoch: 1) }

    /// A batch as it is sent, and the entries in it.
    struct Batch: Sendable {
        let request: [UInt8]
        let entries: [[UInt8]]
    }

    /// The next `count` entries; no other batch has them.
    mutating func batch(_ count: Int, acknowledgement: AckLevel = .durable) -> Batch {
        var builder = AppendRequestBuilder(acknowledgement: acknowledgement)
        let position = builder.append(self.producer, firstSequence: self.nextSequence)
        let noID: [UInt8] = []
        var entries: [[UInt8]] = []
        for _ in 0..<count {
            let entry = Array("\(String(decoding: self.producer.id, as: UTF8.self)) \(self.nextSequence)".utf8)
            builder.append(entry: entry.span, kind: .event, slot: 0, producer: position, eventID: noID.span)
            entries.append(entry)
            self.nextSequence += 1
        }
        return Batch(request: builder.bytes, entries: entries)
    }

    /// Appends until the log has `size` entries under a checkpoint.
    mutating func grow(_ ledger: TestLedger, to size: UInt64) async throws {
        var have = try await ledger.client.status().durableSize
        while have < size {
            let count = min(ProtocolLimits.itemCountMax, Int(size - have))
            let response = try await ledger.client.append(self.batch(count, acknowledgement: .checkpointed).request)
            have = response.firstIndex + UInt64(response.count)
        }
    }
}
