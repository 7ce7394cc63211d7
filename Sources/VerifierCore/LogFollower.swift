internal import MerkleTree
package import Primitives
package import Storage
package import TransparencyLog

/// Reads one log from its first entry to its last and remembers what it saw, so that nothing can change behind it.
///
/// It believes no proof: growth is checked by hashing every entry onto the tree that it remembers. Calls come one at a time.
package struct LogFollower {
    /// What a checkpoint is worth.
    package enum Outcome: Equatable, Sendable {
        /// Every entry under it was read and gives its root; that is durable.
        case verified(Checkpoint)
        /// Entries up to its size are still to be read.
        case behind
        case finding(Finding)
    }

    private let key: VerifierKey
    private let files: any FileSystem
    private let directory: String
    private var history: LeafHistory
    private var hasher = LeafHasher()
    /// The largest checkpoint whose root followed from the entries.
    package private(set) var verified: SignedCheckpoint?

    /// Continues where it was, in `directory`.
    ///
    /// - Parameters:
    ///   - key: The log's.
    ///   - files: Where it remembers.
    ///   - directory: In `files`, of this log alone; made when it is not there.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when its own memory does not hold together; what the disk throws.
    package init(key: VerifierKey, files: any FileSystem, directory: String) throws(IndelibleError) {
        self.key = key
        self.files = files
        self.directory = directory
        try files.createDirectory(directory)
        let stored = try files.readAll(Self.path(in: directory), byteCountMax: SignedNote.byteCountMax)
        self.verified = nil
        if let stored { self.verified = try SignedCheckpoint(parsing: stored, signedBy: key) }
        self.history = try LeafHistory(
            files: files,
            directory: directory,
            size: self.verified?.checkpoint.size ?? 0,
        )
        guard self.verified.map({ $0.checkpoint.root == self.history.frontier.root() }) ?? true else {
            throw IndelibleError(
                .dataLoss,
                "The leaf hashes in \(directory) do not give the root remembered there: this verifier's own memory was "
                    + "changed. Keep it as evidence, and start with an empty directory.",
            )
        }
    }

    /// The first entry that was not read yet.
    package var next: UInt64 { self.history.size }

    /// Size of the largest verified checkpoint.
    package var verifiedSize: UInt64 { self.verified?.checkpoint.size ?? 0 }

    /// Takes in entries.
    ///
    /// - Parameters:
    ///   - ranges: Where each entry's exact bytes stand in `bytes`.
    ///   - bytes: Less than 4 GiB.
    ///   - first: Index of the first; must be ``next``.
    /// - Throws: ``IndelibleError/Code/outOfRange`` for a gap or a repeat; what the disk throws.
    package mutating func read(
        _ ranges: [Range<Int>],
        of bytes: Span<UInt8>,
        first: UInt64,
    ) throws(IndelibleError) {
        guard first == self.next else {
            throw IndelibleError(.outOfRange, "Entry \(self.next) comes next, the log sent \(first). Connect again.")
        }
        self.hasher.hash(ranges, of: bytes)
        try self.history.append(self.hasher.hashes)
    }

    /// Judges a checkpoint; a verified one that is the largest becomes what is remembered.
    ///
    /// Show them in the order in which the log gives them: one that is smaller than the last means that the log was cut.
    ///
    /// - Parameter note: The signed checkpoint as it was received.
    /// - Returns: The judgement.
    /// - Throws: What the disk throws; then nothing may be assumed, start again.
    package mutating func check(_ note: [UInt8]) throws(IndelibleError) -> Outcome {
        let signed: SignedCheckpoint
        do throws(IndelibleError) { signed = try SignedCheckpoint(parsing: note, signedBy: self.key) } catch {
            return .finding(
                Finding(.checkpointInvalid, path: "checkpoint", expected: self.key.name, found: error.message)
            )
        }
        let checkpoint = signed.checkpoint
        guard let root = try self.root(size: checkpoint.size) else { return .behind }
        guard root == checkpoint.root else {
            let kind: Finding.Kind = checkpoint.size <= self.verifiedSize ? .forked : .rootWrong
            return .finding(Finding(kind, path: "checkpoint", expected: root.hex, found: checkpoint.root.hex))
        }
        guard checkpoint.size >= self.verifiedSize else {
            let (expected, found) = ("\(self.verifiedSize) entries or more", "\(checkpoint.size)")
            return .finding(
                Finding(.truncated, index: checkpoint.size, path: "checkpoint", expected: expected, found: found)
            )
        }
        if self.verified == nil || checkpoint.size > self.verifiedSize {
            try self.history.sync()
            try self.files.replaceDurably(Self.path(in: self.directory), with: signed.bytes)
            self.verified = signed
        }
        return .verified(checkpoint)
    }

    /// Compares a checkpoint that was shown to somebody else with what was shown here.
    ///
    /// - Parameter other: Signed by this log's key.
    /// - Returns: `nil` when it is of the history read here, or goes beyond what was verified.
    /// - Throws: What the disk throws.
    package func evidence(against other: SignedCheckpoint) throws(IndelibleError) -> ForkEvidence? {
        guard let verified, other.checkpoint.size <= verified.checkpoint.size else { return nil }
        let root = try self.history.root(size: other.checkpoint.size)
        guard root != other.checkpoint.root else { return nil }
        let proof = try self.history.consistencyProof(from: other.checkpoint.size, to: verified.checkpoint.size)
        return ForkEvidence(
            smaller: try other.reduced(to: [self.key]),
            larger: try verified.reduced(to: [self.key]),
            root: root,
            proof: proof.hashes,
        )
    }

    /// The root that the entries read give at `size`.
    ///
    /// - Parameter size: Any.
    /// - Returns: `nil` when they do not reach that far.
    /// - Throws: What the disk throws.
    package func root(size: UInt64) throws(IndelibleError) -> Digest? {
        guard size <= self.next else { return nil }
        return size == self.next ? self.history.frontier.root() : try self.history.root(size: size)
    }

    /// Compares entries that were read again with what was seen the first time.
    ///
    /// - Parameters:
    ///   - ranges: Where each entry's exact bytes stand in `bytes`.
    ///   - bytes: Less than 4 GiB.
    ///   - first: Index of the first; all must have been read before.
    /// - Returns: The first that differs.
    /// - Throws: ``IndelibleError/Code/outOfRange`` for entries not read before; what the disk throws.
    package mutating func reread(
        _ ranges: [Range<Int>],
        of bytes: Span<UInt8>,
        first: UInt64,
    ) throws(IndelibleError) -> Finding? {
        self.hasher.hash(ranges, of: bytes)
        let remembered = try self.history.leaves(from: first, count: ranges.count)
        for (position, expected) in remembered.enumerated() where self.hasher.digest(at: position) != expected {
            let found = self.hasher.digest(at: position)
            let next = position + 1 < ranges.count ? self.hasher.digest(at: position + 1) : nil
            return Finding(
                Displacement.kind(
                    at: first + UInt64(position),
                    origin: try self.history.index(of: found),
                    next: try next.flatMap { (hash) throws(IndelibleError) in try self.history.index(of: hash) },
                ),
                index: first + UInt64(position),
                expected: expected.hex,
                found: found.hex,
            )
        }
        return nil
    }

    /// Compares a tile of hashes with what the entries gave.
    ///
    /// - Parameters:
    ///   - tile: Of hashes, within what was read.
    ///   - bytes: `nil` when there is no such file; more than the tile has are ignored.
    /// - Returns: The first hash that differs.
    /// - Throws: What the disk throws.
    package func compare(_ tile: TilePath, _ bytes: [UInt8]?) throws(IndelibleError) -> Finding? {
        let expected = try self.history.tile(tile)
        let first = tile.index << 8
        guard let bytes, bytes.count >= expected.count else {
            let found = bytes.map { "\($0.count) bytes" } ?? "no such file"
            let index = first << UInt64(8 * tile.level)
            return Finding(.tileWrong, index: index, path: tile.description, found: found)
        }
        guard let byte = expected.indices.first(where: { bytes[$0] != expected[$0] }) else { return nil }
        let position = byte / Digest.byteCount
        let hash = position * Digest.byteCount..<(position + 1) * Digest.byteCount
        return Finding(
            .tileWrong,
            index: (first + UInt64(position)) << UInt64(8 * tile.level),
            path: tile.description,
            expected: Hex.encode(Array(expected[hash])),
            found: Hex.encode(Array(bytes[hash])),
        )
    }

    /// The hashes of entries read before, in order: what a seal is checked against.
    package func leaves(from index: UInt64, count: Int) throws(IndelibleError) -> [Digest] {
        try self.history.leaves(from: index, count: count)
    }

    /// The hash of an entry that was read before.
    package func leaf(_ index: UInt64) throws(IndelibleError) -> Digest { try self.history.leaf(index) }

    /// Ends the use of its files.
    package consuming func close() { self.history.close() }

    private static func path(in directory: String) -> String { "\(directory)/checkpoint" }
}
