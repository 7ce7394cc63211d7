internal import Cryptography
internal import MerkleTree
package import Primitives
package import TransparencyLog

/// Checks every file of a log that is served as tiles against one checkpoint; reads nothing itself.
///
/// Ask ``step``, fetch what it names, ``supply(_:)`` it, until it is verified or found wrong. Entries are hashed onto a
/// tree, and everything else is compared with that; memory stays flat, whatever the size.
package struct TileVerifier {
    package enum Step: Equatable, Sendable {
        /// Fetch this file.
        case read(TilePath)
        /// Every entry and tile is what the checkpoint vouches for.
        case verified(Checkpoint)
        case finding(Finding)
    }

    /// Where files and entries first disagree; the root decides at the end which of them is wrong.
    private struct Mismatch {
        /// What became of the entry, if it is the entry that is wrong.
        let kind: Finding.Kind
        let index: UInt64
        let tile: TilePath
        let recorded: Digest
        let computed: Digest
    }

    /// Bundles whose hashes go onto the tree together: the kernels take many nodes at once.
    private static let pendingByteCountMax = 32 * TilePath.widthMax * Digest.byteCount

    package private(set) var step: Step
    private let checkpoint: Checkpoint
    private var frontier = Frontier()
    private var hasher = LeafHasher()
    private var places = EntryBundle.Places()
    private var scratch: [UInt8] = []
    /// Hashes of entries that are not on the tree yet.
    private var pending: [UInt8] = []
    /// For each level above 0, the hashes of the tile that is being filled.
    private var levels: [[UInt8]] = []
    /// Tiles whose content is known now, to be compared next.
    private var due: [(tile: TilePath, bytes: [UInt8])] = []
    private var mismatch: Mismatch?
    private var audit: EntryAudit?

    /// - Parameters:
    ///   - checkpoint: whose signature was verified.
    ///   - audit: looks at what entries say; `nil` for entries that may be anything.
    package init(checkpoint: Checkpoint, audit: EntryAudit? = nil) {
        self.checkpoint = checkpoint
        self.audit = audit
        self.step = .verified(checkpoint)
        self.advance()
    }

    /// Entries checked so far.
    package var entryCount: UInt64 { self.frontier.size + UInt64(self.pending.count / Digest.byteCount) }

    /// What the entries said; `nil` when nobody looked.
    package var coverage: EntryAudit.Coverage? { self.audit?.coverage }

    /// Takes the file that ``step`` names.
    ///
    /// - Parameters:
    ///   - buffer: Has the file at its front; changed while it is hashed, and as before on return.
    ///   - byteCount: Of the file.
    /// - Throws: ``IndelibleError/Code/internal`` when libcrypto fails.
    /// - Precondition: ``step`` asks for one.
    package mutating func supply(_ buffer: inout [UInt8], byteCount: Int) throws(IndelibleError) {
        guard case .read(let path) = self.step else { preconditionFailure("no file was asked for") }
        if self.due.isEmpty {
            try self.readBundle(&buffer, byteCount, self.nextBundle, as: path)
        } else {
            self.compare(buffer.span.extracting(..<byteCount), with: self.due.removeFirst(), as: path)
        }
    }

    /// There is no file of the name that ``step`` gives.
    ///
    /// - Precondition: ``step`` asks for one.
    package mutating func supplyNothing() {
        guard case .read(let path) = self.step else { preconditionFailure("no file was asked for") }
        guard !path.isPartial else {
            self.step = .read(path.full)  // A partial file may go once the full one is there.
            return
        }
        let wanted = self.due.first?.tile ?? self.nextBundle
        let kind: Finding.Kind = wanted.content == .entries ? .entryMissing : .tileWrong
        let first = wanted.entries?.lowerBound
        self.step = .finding(Finding(kind, index: first, path: wanted.description, found: "no such file"))
    }

    private var nextBundle: TilePath {
        self.tile(.entries, count: self.checkpoint.size, index: self.entryCount >> 8)
    }

    /// Tile `index` of a level that has `count` hashes.
    private func tile(_ content: TilePath.Content, count: UInt64, index: UInt64) -> TilePath {
        let width = Int(min(count - index << 8, UInt64(TilePath.widthMax)))
        guard let tile = TilePath(content, index: index, width: width) else {
            preconditionFailure("a checkpoint's size fits all tiles")
        }
        return tile
    }

    private mutating func advance() {
        if let next = self.due.first {
            self.step = .read(next.tile)
        } else if self.entryCount < self.checkpoint.size {
            self.step = .read(self.nextBundle)
        } else if !self.pending.isEmpty {
            self.grow()
            self.advance()
        } else if let level = self.levels.firstIndex(where: { !$0.isEmpty }) {
            self.enqueue(level + 1)
            self.advance()
        } else {
            self.step = self.judge()
        }
    }

    private mutating func readBundle(
        _ buffer: inout [UInt8],
        _ byteCount: Int,
        _ wanted: TilePath,
        as path: TilePath,
    ) throws(IndelibleError) {
        do throws(IndelibleError) {
            try self.places.read(buffer.span.extracting(..<byteCount), count: path.width)
        } catch {
            let first = wanted.entries?.lowerBound
            self.step = .finding(
                Finding(.payloadAltered, index: first, path: path.description, found: error.message)
            )
            return
        }
        self.hasher.hash(&buffer, self.places, count: wanted.width)
        try self.audit?.take(self.places, count: wanted.width, of: buffer.span, hashes: self.hasher.hashes)
        self.pending += self.hasher.hashes
        self.due.append(
            (self.tile(.hashes(level: 0), count: self.checkpoint.size, index: wanted.index), self.hasher.hashes)
        )
        if self.pending.count >= Self.pendingByteCountMax { self.grow() }
        self.advance()
    }

    /// Puts what was hashed onto the tree.
    private mutating func grow() {
        var grown: [(level: Int, hashes: [UInt8])] = []
        unsafe self.pending.withUnsafeBytes { bytes in
            unsafe self.frontier.append(leafHashes: bytes, kernel: .best, scratch: &self.scratch) { level, _, hashes in
                unsafe grown.append((Int(level), Array(hashes)))
            }
        }
        self.pending.removeAll(keepingCapacity: true)
        for (level, hashes) in grown {
            if level > self.levels.count { self.levels.append([]) }
            self.levels[level - 1] += hashes
            if self.levels[level - 1].count == TilePath.widthMax * Digest.byteCount { self.enqueue(level) }
        }
    }

    /// The tile that is being filled at `level` is as full as it gets.
    private mutating func enqueue(_ level: Int) {
        let bytes = self.levels[level - 1]
        let count = self.frontier.size >> (8 * level)
        let tile = self.tile(.hashes(level: level), count: count, index: (count - 1) >> 8)
        self.due.append((tile, bytes))
        self.levels[level - 1] = []
    }

    private mutating func compare(
        _ bytes: Span<UInt8>,
        with due: (tile: TilePath, bytes: [UInt8]),
        as path: TilePath,
    ) {
        guard bytes.count == path.width * Digest.byteCount else {
            self.step = .finding(
                Finding(
                    .tileWrong,
                    index: due.tile.entries?.lowerBound,
                    path: path.description,
                    expected: "\(path.width * Digest.byteCount) bytes",
                    found: "\(bytes.count) bytes",
                )
            )
            return
        }
        if let position = Self.difference(bytes, due.bytes.span) {
            self.note(unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }, differsFrom: due, at: position)
        }
        self.advance()
    }

    /// The first hash of `computed` that `recorded`, which is as long or longer, has not.
    private static func difference(_ recorded: Span<UInt8>, _ computed: Span<UInt8>) -> Int? {
        (0..<computed.count / Digest.byteCount).first { position in
            let hash = position * Digest.byteCount..<(position + 1) * Digest.byteCount
            return Digest(recorded.extracting(hash)) != Digest(computed.extracting(hash))
        }
    }

    private mutating func note(
        _ bytes: [UInt8],
        differsFrom due: (tile: TilePath, bytes: [UInt8]),
        at position: Int,
    ) {
        let slice = position * Digest.byteCount..<(position + 1) * Digest.byteCount
        let shift = 8 * due.tile.level
        let index = (due.tile.index << 8 + UInt64(position)) << shift
        // An upper tile that only repeats what a lower one showed says less.
        if let known = self.mismatch, known.index < index + 1 << shift { return }
        guard let recorded = Digest(bytes[slice]), let computed = Digest(due.bytes[slice]) else { return }
        self.mismatch = Mismatch(
            kind: due.tile.level == 0
                ? Self.displacement(position, recorded: bytes, computed: due.bytes) : .payloadAltered,
            index: index,
            tile: due.tile,
            recorded: recorded,
            computed: computed,
        )
    }

    /// Looks for the hashes of the entries in the tile that remembers what they were.
    private static func displacement(_ position: Int, recorded: [UInt8], computed: [UInt8]) -> Finding.Kind {
        let origin = { (position: Int) -> UInt64? in
            let start = position * Digest.byteCount
            guard start < computed.count else { return nil }
            let hash = computed[start..<start + Digest.byteCount]
            return stride(from: 0, to: recorded.count, by: Digest.byteCount)
                .first { recorded[$0..<$0 + Digest.byteCount] == hash }.map { UInt64($0 / Digest.byteCount) }
        }
        return Displacement.kind(at: UInt64(position), origin: origin(position), next: origin(position + 1))
    }

    private mutating func judge() -> Step {
        let root = self.frontier.root()
        guard root == self.checkpoint.root else {
            guard let mismatch = self.mismatch else {
                let finding = Finding(
                    .rootWrong,
                    path: "checkpoint",
                    expected: self.checkpoint.root.hex,
                    found: root.hex,
                )
                return .finding(finding)
            }
            // The tiles remember what the entries no longer say.
            return .finding(self.finding(mismatch.kind, mismatch, at: self.bundle(of: mismatch.index)))
        }
        guard let mismatch = self.mismatch else {
            // Every entry is what the log signed; what they say may still be wrong.
            return self.audit?.finding().map { .finding($0) } ?? .verified(self.checkpoint)
        }
        return .finding(self.finding(.tileWrong, mismatch, at: mismatch.tile))
    }

    private func finding(_ kind: Finding.Kind, _ mismatch: Mismatch, at path: TilePath) -> Finding {
        let isEntry = kind != .tileWrong
        return Finding(
            kind,
            index: mismatch.index,
            path: path.description,
            expected: (isEntry ? mismatch.recorded : mismatch.computed).hex,
            found: (isEntry ? mismatch.computed : mismatch.recorded).hex,
        )
    }

    private func bundle(of index: UInt64) -> TilePath {
        self.tile(.entries, count: self.checkpoint.size, index: index >> 8)
    }
}
