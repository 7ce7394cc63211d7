import AuditModel
import Cryptography
import Foundation
import IndelibleClient
import MerkleTree
import Primitives
import ProtobufC
import ServiceProtocol
import Simulation
import TransparencyLog
import VerifierCore

/// A log that a real ledger wrote and a real verifier followed, and all that an attacker and a defender have of it.
///
/// `ledger`, `verifier`, `tiles` and `yesterday` in ``directory`` are what they left on the disk; cases work on copies.
struct TamperScene: Sendable {
    static let segmentEntryCount = 512
    /// Events before each seal.
    static let sealedCount = 19
    static let batchCount = 143
    static let batchCountYesterday = 75

    struct Item: Equatable, Sendable {
        var bytes: [UInt8]
        var kind: EntryKind
    }

    let directory: TestDirectory
    let items: [Item]
    let signer: NoteSigner
    let collector: CollectorKey
    let salt: [UInt8]

    static var size: Int { self.batchCount * (self.sealedCount + 1) }
    static var sizeYesterday: Int { self.batchCountYesterday * (self.sealedCount + 1) }
    static var sealedSize: Int { self.size / self.segmentEntryCount * self.segmentEntryCount }
    /// The entry whose payload is kept beside the log.
    static let payloadIndex = 5
    private static let payload = [UInt8](repeating: 0x61, count: 5_000)
    private static let payloadSalt = [UInt8](repeating: 3, count: DetachedPayload.saltByteCount)
    private static var detached: DetachedPayload {
        get throws { try DetachedPayload(payload: self.payload, salt: self.payloadSalt) }
    }
    static var options: [String] { ["--segment-entries", "\(self.segmentEntryCount)"] }

    /// Runs the two processes until the whole log is sealed, signed, exported and remembered.
    init() async throws {
        self.directory = try TestDirectory()
        let key = try Ed25519.SigningKey(seed: [UInt8](repeating: 5, count: 32))
        self.collector = try CollectorKey(name: "ingest.example/tamper", publicKey: key.publicKey)
        self.items = try Self.items(key, self.collector)

        var ledger = try await TestLedger.start(in: self.directory, Self.options)
        let early = Array(self.items.prefix(Self.sizeYesterday))
        try await Self.append(early, from: 0, to: ledger)
        try await Self.waitUntilSealed(self.directory, "ledger", Self.sizeYesterday)
        try await ledger.stop()
        try self.directory.copy("ledger", to: "yesterday")

        ledger = try await TestLedger.start(in: self.directory, Self.options)
        let verifier = try TestVerifier(
            of: ledger,
            key: try await ledger.key,
            seals: self.collector,
            in: self.directory,
        )
        try await Self.append(Array(self.items.dropFirst(Self.sizeYesterday)), from: Self.sizeYesterday, to: ledger)
        let payload = try Self.detached
        _ = try await ledger.client.putPayload(Self.payload, salt: Self.payloadSalt, commitment: payload)
        try await Self.waitUntilSealed(self.directory, "ledger", Self.size)
        try await verifier.waitUntilVerified(Self.size)
        let tiles = self.directory.path("tiles")
        let export = try await Program.indelible("export", "tiles", tiles, "--url", ledger.tiles, in: self.directory)
        guard export.status == 0 else { throw Unexpected("the tiles were not exported: \(export)") }
        try await verifier.program.stop()
        try await ledger.stop()
        guard verifier.findings == "", let file = self.directory.read("ledger/log.key"),
            let identity = self.directory.read("ledger/identity").map({ String(decoding: $0, as: UTF8.self) }),
            let salt = identity.split(separator: "\n").first(where: { $0.hasPrefix("salt ") })?.dropFirst(5),
            let saltBytes = Hex.decode(String(salt))
        else { throw Unexpected("the log is not whole: \(verifier.findings)") }
        self.signer = try NoteSigner(privateKey: String(decoding: file, as: UTF8.self))
        self.salt = saltBytes
    }

    // MARK: Making it

    private static func items(_ key: Ed25519.SigningKey, _ collector: CollectorKey) throws -> [Item] {
        var random = SplitMix64(seed: 40)
        var items: [Item] = []
        var previous: Digest?
        for batch in 0..<self.batchCount {
            for _ in 0..<self.sealedCount { items.append(Self.event(&random)) }
            if batch == 0 { items[self.payloadIndex] = try Self.eventWithPayload() }
            let body = SealBody(
                collector: collector.name,
                keyID: collector.keyID,
                epoch: 1,
                sequence: UInt64(batch + 1),
                count: UInt32(self.sealedCount),
                root: Frontier.root(of: items.suffix(self.sealedCount).map { LeafHash.hash($0.bytes) }),
                previous: previous,
            )
            let seal = try BatchSeal(signing: body, by: key)
            previous = try seal.bodyHash
            let entry = Entry(blind: random.bytes(Entry.blindByteCount), stamp: nil, body: .seal(seal))
            items.append(Item(bytes: entry.serialized, kind: .seal))
        }
        return items
    }

    /// An event that is in no other place.
    static func event(_ random: inout SplitMix64) -> Item {
        let text = random.bytes(Int.random(in: 20...300, using: &random))
        let entry = Entry(blind: random.bytes(Entry.blindByteCount), stamp: nil, body: .event(text))
        return Item(bytes: entry.serialized, kind: .event)
    }

    private static func eventWithPayload() throws -> Item {
        var event = AuditEvent()
        event.source = "tamper"
        event.detachedRaw = try self.detached
        let blind = [UInt8](repeating: 0x70, count: Entry.blindByteCount)
        let entry = Entry(blind: blind, stamp: nil, body: .event(event.serialized))
        return Item(bytes: entry.serialized, kind: .event)
    }

    private static func append(_ items: [Item], from first: Int, to ledger: TestLedger) async throws {
        for start in stride(from: 0, to: items.count, by: 300) {
            let part = items[start..<min(start + 300, items.count)]
            var builder = AppendRequestBuilder(acknowledgement: .checkpointed)
            let sequence = UInt64(first + start + 1)
            let producer = builder.append(Producer(id: [7], epoch: 1), firstSequence: sequence)
            let noID: [UInt8] = []
            for item in part {
                builder.append(
                    entry: item.bytes.span,
                    kind: item.kind,
                    slot: 0,
                    producer: producer,
                    eventID: noID.span,
                )
            }
            _ = try await ledger.client.append(builder.bytes)
        }
    }

    private static func waitUntilSealed(_ directory: TestDirectory, _ name: String, _ size: Int) async throws {
        try await eventually("\(size / self.segmentEntryCount) segments") { () -> Void? in
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path("\(name)/segments"))
            return names.count(where: { $0.hasSuffix(".seg") }) == size / self.segmentEntryCount ? () : nil
        }
    }
}

/// A verifier process without the ledger's help.
struct TestVerifier: Sendable {
    let program: Program
    private let directory: TestDirectory
    private let name: String

    /// What it remembers of the log, in its directory.
    static var memory: String {
        get throws { "follow/\(try Witness.hash(of: TestLedger.origin))" }
    }

    /// - Parameter name: of its directory.
    init(
        of ledger: TestLedger,
        key: VerifierKey,
        seals collector: CollectorKey? = nil,
        in directory: TestDirectory,
        name: String = "verifier",
        _ options: [String] = ["--rescan-seconds", "0"],
    ) throws {
        self.directory = directory
        self.name = name
        self.program = try Program(
            Program.ours("indelible-verifier"),
            [
                "--data", directory.path(name), "--log", "\(key)", "--ledger", ledger.rpc, "--http", "127.0.0.1:0",
            ] + (collector.map { ["--collector", $0.verifierKey] } ?? []) + options,
            in: directory,
        )
    }

    /// Its findings so far, as it keeps them: one JSON object a line.
    var findings: String {
        String(decoding: self.directory.read("\(self.name)/findings.jsonl") ?? [], as: UTF8.self)
    }

    func waitUntilVerified(_ size: Int) async throws {
        try await eventually("\(size) verified entries") { () -> Void? in
            guard self.program.isRunning else { throw Unexpected("the verifier ended: \(self.program.errors)") }
            guard let note = self.directory.read("\(self.name)/\(try Self.memory)/checkpoint") else { return nil }
            return try SignedCheckpoint(parsing: note).checkpoint.size == UInt64(size) ? () : nil
        }
    }

    func waitForFinding(_ kind: String, at index: Int?) async throws {
        let wanted = "\"index\":\(index.map(String.init) ?? "null"),\"kind\":\"\(kind)\""
        try await eventually("the finding \(wanted)") { () -> Void? in
            guard self.program.isRunning else { throw Unexpected("the verifier ended: \(self.program.errors)") }
            return self.findings.contains(wanted) ? () : nil
        }
    }
}
