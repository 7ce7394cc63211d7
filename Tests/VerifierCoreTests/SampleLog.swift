import Cryptography
import Primitives
import Storage
import TransparencyLog

/// A log of `entry-0`, `entry-1`, … built by the definitions, without any code of the tree under test.
struct SampleLog: Sendable {
    static let origin = "log.example/indelible-test"

    static var signer: NoteSigner {
        get throws { try NoteSigner(name: Self.origin, type: .ed25519, seed: [UInt8](0x00...0x1f)) }
    }

    static var witness: NoteSigner {
        get throws { try NoteSigner(name: "witness.example/w1", type: .cosignature, seed: [UInt8](0x20...0x3f)) }
    }

    private(set) var entries: [[UInt8]] = []
    /// Hashes of each tile level; level 0 are the leaves.
    private var levels: [[Digest]] = [[]]

    init(size: Int, changing altered: Int? = nil) throws {
        try self.init(entries: (0..<size).map { Array(($0 == altered ? "changed" : "entry-\($0)").utf8) })
    }

    init(entries: [[UInt8]]) throws {
        self.entries = entries
        for entry in entries { self.levels[0].append(try SHA256.hash([0], entry)) }
        while let last = self.levels.last, last.count >= 256 {
            var next: [Digest] = []
            for start in stride(from: 0, to: last.count - 255, by: 256) {
                next.append(try Self.root(last[start..<start + 256]))
            }
            self.levels.append(next)
        }
    }

    /// MTH of RFC 6962, section 2.1.
    static func root(_ leaves: ArraySlice<Digest>) throws -> Digest {
        guard let first = leaves.first else { return try SHA256.hash() }
        guard leaves.count > 1 else { return first }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let left = try Self.root(leaves.prefix(split))
        return try SHA256.hash([1], left.bytes, Self.root(leaves.dropFirst(split)).bytes)
    }

    func root(size: Int) throws -> Digest { try Self.root(self.levels[0].prefix(size)) }

    func leaf(_ index: Int) -> Digest { self.levels[0][index] }

    /// PROOF of RFC 6962, section 2.1.2.
    func consistency(_ old: Int, _ new: Int) throws -> [Digest] {
        func proof(_ old: Int, _ leaves: ArraySlice<Digest>, _ isWhole: Bool) throws -> [Digest] {
            if old == leaves.count { return isWhole ? [] : [try Self.root(leaves)] }
            var split = 1
            while split * 2 < leaves.count { split *= 2 }
            if old <= split {
                return try proof(old, leaves.prefix(split), isWhole) + [Self.root(leaves.dropFirst(split))]
            }
            return try proof(old - split, leaves.dropFirst(split), false) + [Self.root(leaves.prefix(split))]
        }
        return old == 0 ? [] : try proof(old, self.levels[0].prefix(new), true)
    }

    func checkpoint(size: Int, root: Digest? = nil) throws -> SignedCheckpoint {
        try SignedCheckpoint(
            Checkpoint(origin: Self.origin, size: UInt64(size), root: root ?? self.root(size: size)),
            signer: Self.signer,
        )
    }

    func request(_ old: Int, _ new: Int) throws -> WitnessRequest {
        try WitnessRequest(
            oldSize: UInt64(old),
            proof: self.consistency(old, new),
            checkpoint: self.checkpoint(size: new),
        )
    }

    func content(_ tile: TilePath) throws -> [UInt8] {
        let first = Int(tile.index) * 256
        switch tile.content {
        case .entries: return try EntryBundle.encode(Array(self.entries[first..<first + tile.width]))
        case .hashes(let level): return self.levels[level][first..<first + tile.width].flatMap(\.bytes)
        }
    }

    /// Writes the whole log as static files.
    func export(to files: any FileSystem) throws {
        try files.write("checkpoint", self.checkpoint(size: self.entries.count).bytes)
        for tile in TileGrowth(from: 0, to: UInt64(self.entries.count)) {
            try files.write(tile.description, self.content(tile))
        }
    }

    /// Entries in one buffer, and where they stand.
    func batch(_ range: Range<Int>) -> (bytes: [UInt8], ranges: [Range<Int>]) { Self.batch(self.entries[range]) }

    static func batch(_ entries: ArraySlice<[UInt8]>) -> (bytes: [UInt8], ranges: [Range<Int>]) {
        var bytes: [UInt8] = []
        let ranges = entries.map { entry in
            bytes += entry
            return bytes.count - entry.count..<bytes.count
        }
        return (bytes, ranges)
    }
}

extension FileSystem {
    func write(_ path: String, _ bytes: [UInt8]) throws {
        try self.createDirectory(Self.parent(of: path))
        try self.replaceDurably(path, with: bytes)
    }
}
