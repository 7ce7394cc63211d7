import AuditModel
import Cryptography
import MerkleTree
import Primitives
import ProtobufC
import Simulation
import VerifierCore

/// Events with their seals, and verdicts about them, as a collector and analyzers write them; entries and what they hash to.
struct JudgedLog {
    static let blind = [UInt8](repeating: 1, count: Entry.blindByteCount)
    static let models = [Digest([UInt8](repeating: 0xa1, count: 32)), Digest([UInt8](repeating: 0xa2, count: 32))]
        .compactMap(\.self)
    static let schema = Digest([UInt8](repeating: 0x5c, count: 32)) ?? .zero
    static let slots: [UInt32] = [0, 7, 255]

    static func collector() throws -> (key: Ed25519.SigningKey, name: CollectorKey) {
        let key = try Ed25519.SigningKey(seed: [UInt8](repeating: 5, count: 32))
        return (key, try CollectorKey(name: "ingest.example", publicKey: key.publicKey))
    }

    static func root() throws -> Ed25519.SigningKey { try .init(seed: [UInt8](repeating: 7, count: 32)) }

    private(set) var entries: [[UInt8]] = []
    private(set) var leaves: [Digest] = []
    /// Places of the batches of verdicts.
    private(set) var batches: [Int] = []
    private(set) var events: [UInt32: [UInt64]] = [:]
    private var judged: [Digest: [UInt32: Int]] = [:]
    private var sealCount: UInt64 = 0
    private var lastSeal: Digest?

    mutating func add(_ body: EntryBody) throws {
        try self.add(Entry(blind: Self.blind, stamp: nil, body: body).serialized)
    }

    mutating func add(_ entry: [UInt8]) throws {
        self.entries.append(entry)
        self.leaves.append(try SHA256.hash([0], entry))
    }

    /// Events of random slots.
    mutating func addEvents(_ count: Int, _ random: inout SplitMix64) throws {
        for _ in 0..<count {
            let slot = Self.slots[Int(random.next() % UInt64(Self.slots.count))]
            self.events[slot, default: []].append(UInt64(self.entries.count))
            try self.add(.event(random.bytes(Int(random.next() % 40) + 1)))
        }
    }

    /// Events and their seal.
    mutating func addSealed(_ count: Int, _ random: inout SplitMix64) throws {
        try self.addEvents(count, &random)
        let (key, name) = try Self.collector()
        self.sealCount += 1
        let body = SealBody(
            collector: name.name,
            keyID: name.keyID,
            epoch: 1,
            sequence: self.sealCount,
            count: UInt32(count),
            root: Frontier.root(of: self.leaves.suffix(count)),
            previous: self.lastSeal,
        )
        let seal = try BatchSeal(signing: body, by: key)
        self.lastSeal = try seal.bodyHash
        try self.add(.seal(seal))
    }

    /// Verdicts of a model about the events of a slot that it has not judged, at most so many.
    mutating func judge(
        _ model: Digest,
        _ slot: UInt32,
        most: Int,
        change: (inout VerdictBatch) -> Void = { _ in },
    ) throws {
        let done = self.judged[model]?[slot] ?? 0
        let events = (self.events[slot] ?? []).dropFirst(done).prefix(most)
        guard !events.isEmpty else { return }
        self.judged[model, default: [:]][slot] = done + events.count
        var batch = VerdictBatch(
            modelHash: model,
            schemaHash: Self.schema,
            slot: slot,
            verdicts: events.map { event in
                Verdict(
                    eventIndex: event,
                    leafHash: self.leaves[Int(event)],
                    features: [1, -2],
                    category: "other",
                    severity: "none",
                    actorPrevious: event,
                )
            },
        )
        change(&batch)
        self.batches.append(self.entries.count)
        try self.add(.verdicts(batch))
    }

    /// The operator's word on a model.
    mutating func record(_ model: Digest, _ action: String, by key: Ed25519.SigningKey) throws {
        let record = ModelRecord(modelHash: model, schemaHash: Self.schema, name: "m", action: action)
        try self.add(.model(record.signed(by: key)))
    }

    /// Shows the entries from `first` on, in batches of any size.
    func findings(_ checker: inout EntryChecker, from first: Int = 0) throws -> [Finding] {
        let part = SampleLog.batch(self.entries[first...])
        let leaves = self.leaves
        return try checker.check(part.ranges, of: part.bytes.span, first: UInt64(first), now: 1 << 60) { from, count in
            Array(leaves[Int(from)..<Int(from) + count])
        }
    }

    func findings(operatorKey: [UInt8]? = nil) throws -> [Finding] {
        var checker = EntryChecker(seals: SealChecker(), verdicts: VerdictChecker(operatorKey: operatorKey))
        return try self.findings(&checker)
    }
}
