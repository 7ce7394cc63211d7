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

    /// The last seal of a collector.
    struct Link: Equatable, Sendable {
        let epoch: UInt64
        let sequence: UInt64
        let bodyHash: Digest
        let index: UInt64
    }

    /// Keys by collector name; a name may have had several.
    private var keys: [String: [CollectorKey]] = [:]
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
        for key in collectors { self.keys[key.name, default: []].append(key) }
    }

    /// Looks at one entry; all entries are to be shown, in order.
    ///
    /// - Parameters:
    ///   - entry: Its exact bytes.
    ///   - index: Its place in the log.
    ///   - leaves: The hashes of `count` leaves from an index.
    /// - Returns: What is wrong with the seal, if it is one.
    /// - Throws: What `leaves` throws.
    package mutating func check(
        _ entry: Span<UInt8>,
        at index: UInt64,
        leaves: (_ from: UInt64, _ count: Int) throws(IndelibleError) -> [Digest],
    ) throws(IndelibleError) -> Finding? {
        // What is no entry is carried and proven like any other leaf.
        guard let scan = try? EntryScan(entry), scan.kind == .seal || scan.kind == .key else { return nil }
        let part = entry.extracting(scan.body)
        let body = unsafe part.withUnsafeBufferPointer { unsafe Array($0) }
        if scan.kind == .key {
            self.learn(body)
            return nil
        }
        guard let seal = try? BatchSeal(serialized: body), let claimed = try? SealBody(serialized: seal.body) else {
            return Finding(.sealInvalid, index: index, expected: "a seal", found: "bytes that are none")
        }
        return try self.check(seal, claimed, at: index, leaves: leaves)
    }

    private mutating func check(
        _ seal: BatchSeal,
        _ body: SealBody,
        at index: UInt64,
        leaves: (UInt64, Int) throws(IndelibleError) -> [Digest],
    ) throws(IndelibleError) -> Finding? {
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
        }
        guard body.count > 0, UInt64(body.count) <= index else {
            return Finding(.sealInvalid, index: index, expected: "1 to \(index) entries", found: "\(body.count)")
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
        let sequence = continues ? (last?.sequence ?? 0) + 1 : 1
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

    private mutating func learn(_ body: [UInt8]) {
        guard let operatorKey, let record = try? KeyRecord(serialized: body),
            let enrolled = try? record.verified(byRoot: operatorKey),
            enrolled.purpose == "collector", enrolled.action == "enrolled",
            let key = try? CollectorKey(name: enrolled.name, publicKey: enrolled.publicKey)
        else { return }
        guard self.keys.count < Self.collectorCountMax, self.keys[key.name]?.contains(key) != true else { return }
        self.keys[key.name, default: []].append(key)
    }
}

extension SealChecker {
    /// What must be remembered over a restart: a line for each collector with its last seal.
    package var remembered: [UInt8] {
        let lines = self.links.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { name, link in
            "\(link.index) \(link.epoch) \(link.sequence) \(link.bodyHash.hex) \(name)\n"
        }
        return Array(lines.joined().utf8)
    }

    /// - Throws: ``IndelibleError/Code/dataLoss`` when the bytes are not ``remembered``.
    package mutating func restore(_ remembered: [UInt8]) throws(IndelibleError) {
        for line in remembered.split(separator: UInt8(ascii: "\n")) {
            let fields = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 4).map(String.init)
            guard fields.count == 5, let index = UInt64(fields[0]), let epoch = UInt64(fields[1]),
                let sequence = UInt64(fields[2]), let hash = Hex.decode(fields[3]).flatMap({ Digest($0) })
            else {
                throw IndelibleError(.dataLoss, "The verifier's memory of seals is damaged. Remove it to start anew.")
            }
            self.links[fields[4]] = Link(epoch: epoch, sequence: sequence, bodyHash: hash, index: index)
        }
    }
}
