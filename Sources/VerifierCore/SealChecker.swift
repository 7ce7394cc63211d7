package import AuditModel
internal import Cryptography
internal import MerkleTree
package import Primitives
internal import ProtobufC

/// Checks every seal in a log: whose it is, what it seals, and that none is missing between two of one collector.
///
/// Keys come from the operator, or from key records that the operator's root key has signed; a key that the log alone
/// vouches for counts for nothing.
package struct SealChecker: Sendable {
    /// Collectors remembered.
    package static let collectorCountMax = 4096

    /// Entries under one seal; no ledger takes more in one append.
    package static let sealedCountMax: UInt64 = 1 << 16

    /// The last seal of a collector.
    struct Link: Equatable, Sendable {
        let epoch: UInt64
        let sequence: UInt64
        let bodyHash: Digest
        let index: UInt64
    }

    /// How long a seal may wait for the record that enrols its key: a collector's first words come before it.
    package static let patienceNanoseconds: UInt64 = 60_000_000_000

    /// A key that nobody has vouched for yet.
    private struct Stranger: Hashable {
        let collector: String
        let keyID: [UInt8]
    }

    /// What it sealed first, and when that was read; no time once it was reported.
    private struct Unvouched {
        let index: UInt64
        var seenNanoseconds: UInt64?
    }

    /// Keys by collector name; a name may have had several.
    private var keys: [String: [CollectorKey]] = [:]
    /// Keys that the operator has taken back.
    private var retired: Set<CollectorKey> = []
    /// Whether the operator has said at all whose seals count.
    private let isGuarded: Bool
    private var strangers: [Stranger: Unvouched] = [:]
    private let operatorKey: [UInt8]?
    private(set) var links: [String: Link] = [:]
    /// Seals by collectors whose key is not known: their form was checked, not their signature.
    package private(set) var strangerCount: UInt64 = 0
    package private(set) var verifiedCount: UInt64 = 0

    /// - Parameters:
    ///   - collectors: Keys that the operator vouches for outside the log.
    ///   - operatorKey: The root key, 32 bytes, whose key records are believed.
    package init(collectors: [CollectorKey] = [], operatorKey: [UInt8]? = nil) {
        self.operatorKey = operatorKey
        self.isGuarded = operatorKey != nil || !collectors.isEmpty
        for key in collectors { self.keys[key.name, default: []].append(key) }
    }

    /// Looks at one entry; all entries are to be shown, in order.
    ///
    /// - Parameters:
    ///   - entry: Its exact bytes.
    ///   - index: Its place in the log.
    ///   - now: Nanoseconds since the Unix epoch.
    ///   - leaves: The hashes of `count` leaves from an index.
    /// - Returns: What is wrong with the seal or the key record, if it is one.
    /// - Throws: What `leaves` throws.
    package mutating func check(
        _ entry: Span<UInt8>,
        at index: UInt64,
        now: UInt64 = 0,
        leaves: (_ from: UInt64, _ count: Int) throws(IndelibleError) -> [Digest],
    ) throws(IndelibleError) -> Finding? {
        // What is no entry is carried and proven like any other leaf.
        guard let scan = try? EntryScan(entry), scan.kind == .seal || scan.kind == .key else { return nil }
        let part = entry.extracting(scan.body)
        let body = unsafe part.withUnsafeBufferPointer { unsafe Array($0) }
        return scan.kind == .key
            ? self.learn(body, at: index) : try self.check(body, at: index, now: now, leaves: leaves)
    }

    /// Looks at a seal.
    ///
    /// - Parameter body: What stands in the entry's field of its kind.
    mutating func check(
        _ body: [UInt8],
        at index: UInt64,
        now: UInt64,
        leaves: (_ from: UInt64, _ count: Int) throws(IndelibleError) -> [Digest],
    ) throws(IndelibleError) -> Finding? {
        guard let seal = try? BatchSeal(serialized: body), let claimed = try? SealBody(serialized: seal.body) else {
            return Finding(.sealInvalid, index: index, expected: "a seal", found: "bytes that are none")
        }
        return try self.check(seal, claimed, at: index, now: now, leaves: leaves)
    }

    private mutating func check(
        _ seal: BatchSeal,
        _ body: SealBody,
        at index: UInt64,
        now: UInt64,
        leaves: (UInt64, Int) throws(IndelibleError) -> [Digest],
    ) throws(IndelibleError) -> Finding? {
        guard !body.collector.isEmpty, body.collector.utf8.allSatisfy({ $0 > 0x20 }) else {
            return Finding(.sealInvalid, index: index, expected: "a collector's name", found: "one with white space")
        }
        if let key = self.keys[body.collector]?.first(where: { $0.keyID == body.keyID }) {
            guard (try? seal.verified(by: key)) != nil else {
                return Finding(
                    .sealInvalid,
                    index: index,
                    expected: "a signature by \(key.verifierKey)",
                    found: "another",
                )
            }
            self.verifiedCount += 1
        } else {
            self.strangerCount += 1
            self.notice(Stranger(collector: body.collector, keyID: body.keyID), at: index, now: now)
        }
        let countMax = min(index, Self.sealedCountMax)
        guard body.count > 0, UInt64(body.count) <= countMax else {
            return Finding(.sealInvalid, index: index, expected: "1 to \(countMax) entries", found: "\(body.count)")
        }
        let first = index - UInt64(body.count)
        let root = Frontier.root(of: try leaves(first, Int(body.count)))
        guard root == body.root else {
            return Finding(.sealInvalid, index: first, expected: body.root.hex, found: root.hex)
        }
        return try self.link(seal, body, at: index)
    }

    /// One seal follows the other, and a new epoch starts at 1.
    private mutating func link(
        _ seal: BatchSeal,
        _ body: SealBody,
        at index: UInt64,
    ) throws(IndelibleError) -> Finding? {
        let last = self.links[body.collector]
        if let last, index <= last.index { return nil }  // Read before a restart.
        guard last != nil || self.links.count < Self.collectorCountMax else { return nil }
        self.links[body.collector] = Link(
            epoch: body.epoch,
            sequence: body.sequence,
            bodyHash: try seal.bodyHash,
            index: index,
        )
        let continues = last.map { $0.epoch == body.epoch } ?? false
        let sequence = continues ? (last?.sequence ?? 0) &+ 1 : 1
        guard body.sequence == sequence, last.map({ $0.epoch <= body.epoch }) ?? true else {
            return Finding(
                .sealInvalid,
                index: index,
                expected: "seal \(sequence) of \(body.collector)",
                found: "seal \(body.sequence) of its start at \(body.epoch)",
            )
        }
        let previous = continues ? last?.bodyHash : nil
        guard body.previous == previous else {
            return Finding(
                .sealInvalid,
                index: index,
                expected: previous?.hex ?? "none before",
                found: body.previous?.hex ?? "none before",
            )
        }
        return nil
    }

    private mutating func notice(_ stranger: Stranger, at index: UInt64, now: UInt64) {
        guard self.isGuarded, self.strangers[stranger] == nil, self.strangers.count < Self.collectorCountMax else {
            return
        }
        self.strangers[stranger] = Unvouched(index: index, seenNanoseconds: now)
    }

    /// The keys that have sealed something and that nobody has vouched for in time, each once.
    ///
    /// - Parameter now: Nanoseconds since the Unix epoch.
    package mutating func unknownKeys(at now: UInt64) -> [Finding] {
        let overdue = self.strangers.filter { _, unvouched in
            unvouched.seenNanoseconds.map { now >= $0 + Self.patienceNanoseconds } ?? false
        }
        return overdue.sorted { $0.value.index < $1.value.index }.map { stranger, unvouched in
            self.strangers[stranger]?.seenNanoseconds = nil
            return Finding(
                .keyUnknown,
                index: unvouched.index,
                path: stranger.collector,
                expected: "a collector's key that the operator vouches for",
                found: "key \(Hex.encode(stranger.keyID))",
            )
        }
    }

    /// Takes in a key record.
    ///
    /// - Returns: A finding when it is not the operator's word.
    mutating func learn(_ body: [UInt8], at index: UInt64) -> Finding? {
        guard let operatorKey else { return nil }
        guard let record = try? KeyRecord(serialized: body),
            let change = try? record.verified(byRoot: operatorKey)
        else {
            let name = (try? KeyRecord(serialized: body)).flatMap { try? KeyRecord.Body(serialized: $0.body) }?.name
            return Finding(
                .keyUnknown,
                index: index,
                path: name,
                expected: "a record signed with the operator's root key",
                found: "a key record by somebody else",
            )
        }
        guard change.purpose == "collector",
            let key = try? CollectorKey(name: change.name, publicKey: change.publicKey)
        else { return nil }
        if change.action == "retired" {
            self.retire(key)
            return nil
        }
        guard change.action == "enrolled" else { return nil }
        self.strangers[Stranger(collector: key.name, keyID: key.keyID)] = nil
        self.retired.remove(key)
        guard self.keys.count < Self.collectorCountMax, self.keys[key.name]?.contains(key) != true else { return nil }
        self.keys[key.name, default: []].append(key)
        return nil
    }
}

extension SealChecker {
    private mutating func retire(_ key: CollectorKey) {
        self.keys[key.name]?.removeAll { $0 == key }
        if self.retired.count < Self.collectorCountMax { self.retired.insert(key) }
    }

    private static let keyWord = "key"
    private static let retiredWord = "retired"
    private static let strangerWord = "stranger"

    /// What must be remembered over a restart: a line for each collector with its last seal, for each key, and for each key
    /// that is not known.
    package var remembered: [UInt8] {
        var text = self.links.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { name, link in
            "\(link.index) \(link.epoch) \(link.sequence) \(link.bodyHash.hex) \(name)\n"
        }.joined()
        for (name, keys) in self.keys.sorted(by: { $0.key < $1.key }) {
            for key in keys { text += "\(Self.keyWord) \(Hex.encode(key.publicKey)) \(name)\n" }
        }
        for key in self.retired.sorted(by: { $0.verifierKey < $1.verifierKey }) {
            text += "\(Self.retiredWord) \(Hex.encode(key.publicKey)) \(key.name)\n"
        }
        for (stranger, unvouched) in self.strangers.sorted(by: { $0.value.index < $1.value.index }) {
            let seen = unvouched.seenNanoseconds.map(String.init) ?? "-"
            text +=
                "\(Self.strangerWord) \(unvouched.index) \(seen) \(Hex.encode(stranger.keyID)) \(stranger.collector)\n"
        }
        return Array(text.utf8)
    }

    /// - Throws: ``IndelibleError/Code/dataLoss`` when the bytes are not ``remembered``.
    package mutating func restore(_ remembered: [UInt8]) throws(IndelibleError) {
        for line in remembered.split(separator: UInt8(ascii: "\n")) {
            guard self.restore(String(decoding: line, as: UTF8.self)) else {
                throw IndelibleError(.dataLoss, "The verifier's memory of seals is damaged. Remove it to start anew.")
            }
        }
    }

    /// - Returns: Whether the line is one of ``remembered``.
    mutating func restore(_ line: String) -> Bool {
        let fields = line.split(separator: " ", maxSplits: 4).map(String.init)
        switch fields.first {
        case Self.keyWord, Self.retiredWord:
            let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard parts.count == 3, let bytes = Hex.decode(parts[1]),
                let key = try? CollectorKey(name: parts[2], publicKey: bytes)
            else { return false }
            if parts[0] == Self.retiredWord {
                self.retire(key)
            } else if self.keys[key.name]?.contains(key) != true {
                self.keys[key.name, default: []].append(key)
            }
        case Self.strangerWord:
            guard fields.count == 5, let index = UInt64(fields[1]), let keyID = Hex.decode(fields[3]) else {
                return false
            }
            let stranger = Stranger(collector: fields[4], keyID: keyID)
            let isVouchedFor = self.keys[stranger.collector]?.contains { $0.keyID == keyID } == true
            if !isVouchedFor { self.strangers[stranger] = Unvouched(index: index, seenNanoseconds: UInt64(fields[2])) }
        default:
            guard fields.count == 5, let index = UInt64(fields[0]), let epoch = UInt64(fields[1]),
                let sequence = UInt64(fields[2]), let hash = Hex.decode(fields[3]).flatMap({ Digest($0) })
            else { return false }
            self.links[fields[4]] = Link(epoch: epoch, sequence: sequence, bodyHash: hash, index: index)
        }
        return true
    }
}
