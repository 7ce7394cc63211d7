internal import Cryptography
internal import MerkleTree
internal import Primitives
internal import Storage
internal import TransparencyLog

/// Every leaf hash that was seen of a log, and the tile levels above, in append-only files: the verifier's own memory.
///
/// With it the root at any size seen can be told, and the first leaf that is not as it was.
struct LeafHistory: NodeSource {
    /// Hashes on their way to the disk, for each level; written, not synced, beyond that.
    private static let bufferedByteCountMax = 1 << 20
    /// 256^7 leaves; a tree that a checkpoint can name has no level above.
    private static let levelMax = 7
    /// Leaves read at once when one is looked for.
    private static let searchedAtOnce = 1 << 15

    private struct Level {
        let file: any File
        /// Hashes in the file.
        var written: UInt64
        /// 32 bytes for each hash after those.
        var buffer: [UInt8] = []

        var count: UInt64 { self.written + UInt64(self.buffer.count / Digest.byteCount) }
    }

    private let files: any FileSystem
    private let directory: String
    private var levels: [Level] = []
    private(set) var frontier: Frontier
    private var scratch: [UInt8] = []

    /// Leaves seen.
    var size: UInt64 { self.frontier.size }

    /// Continues at `size`; what the files hold beyond was never checked and is written again.
    ///
    /// - Throws: ``IndelibleError/Code/dataLoss`` when the files are shorter than `size` needs.
    init(files: any FileSystem, directory: String, size: UInt64) throws(IndelibleError) {
        self.files = files
        self.directory = directory
        self.frontier = Frontier()
        try files.createDirectory(directory)
        for level in 0...Self.levelMax where level == 0 || size >> (8 * level) > 0 {
            let file = try files.open(Self.path(level, in: directory), .readWrite)
            let count = size >> (8 * level)
            guard try file.size() >= count * UInt64(Digest.byteCount) else {
                throw IndelibleError(
                    .dataLoss,
                    "\(Self.path(level, in: directory)) has lost hashes. Remove \(directory) to read the log again from 0.",
                )
            }
            self.levels.append(Level(file: file, written: count))
        }
        self.frontier = try self.frontier(size: size)
    }

    /// Adds leaves behind the last one.
    ///
    /// - Parameter hashes: 32 bytes for each.
    mutating func append(_ hashes: [UInt8]) throws(IndelibleError) {
        var grown: [(level: Int, hashes: [UInt8])] = [(0, hashes)]
        unsafe hashes.withUnsafeBytes { bytes in
            unsafe self.frontier.append(leafHashes: bytes, kernel: .best, scratch: &self.scratch) { level, _, hashes in
                unsafe grown.append((Int(level), Array(hashes)))
            }
        }
        for (level, hashes) in grown {
            if level == self.levels.count {
                let file = try self.files.open(Self.path(level, in: self.directory), .readWrite)
                self.levels.append(Level(file: file, written: 0))
            }
            self.levels[level].buffer += hashes
            if self.levels[level].buffer.count > Self.bufferedByteCountMax { try self.write(level) }
        }
    }

    /// Makes everything appended survive a power cut.
    mutating func sync() throws(IndelibleError) {
        for level in self.levels.indices {
            try self.write(level)
            try self.levels[level].file.sync()
        }
        try self.files.syncDirectory(self.directory)
    }

    /// Ends the use of the files.
    func close() { for level in self.levels { level.file.close() } }

    /// The hash of leaf `index`.
    func leaf(_ index: UInt64) throws(IndelibleError) -> Digest { try self.read(0, from: index, count: 1)[0] }

    /// The hashes of `count` leaves from `index`, in order.
    func leaves(from index: UInt64, count: Int) throws(IndelibleError) -> [Digest] {
        try self.read(0, from: index, count: count)
    }

    /// The content of a tile of hashes.
    func tile(_ tile: TilePath) throws(IndelibleError) -> [UInt8] {
        try self.bytes(tile.level, from: tile.index << 8, count: tile.width)
    }

    /// Where a leaf with that hash stands, the first of them; reads all of level 0, so ask only about what is wrong.
    func index(of leaf: Digest) throws(IndelibleError) -> UInt64? {
        let wanted = leaf.bytes
        var next: UInt64 = 0
        while next < self.size {
            let count = Int(min(self.size - next, UInt64(Self.searchedAtOnce)))
            let bytes = try self.bytes(0, from: next, count: count)
            let position = stride(from: 0, to: bytes.count, by: Digest.byteCount).first { start in
                bytes[start] == wanted[0] && bytes[start..<start + Digest.byteCount].elementsEqual(wanted)
            }
            if let position { return next + UInt64(position / Digest.byteCount) }
            next += UInt64(count)
        }
        return nil
    }

    func hash(level: UInt8, index: UInt64) throws(IndelibleError) -> Digest {
        let height = level % Frontier.levelsPerTile
        let hashes = try self.read(
            Int(level / Frontier.levelsPerTile),
            from: index << UInt64(height),
            count: 1 << Int(height),
        )
        return Frontier.root(of: hashes)
    }

    private func read(_ level: Int, from index: UInt64, count: Int) throws(IndelibleError) -> [Digest] {
        let bytes = try self.bytes(level, from: index, count: count)
        return [Digest](copying: bytes.span)
    }

    private func bytes(_ level: Int, from index: UInt64, count: Int) throws(IndelibleError) -> [UInt8] {
        guard level < self.levels.count, index + UInt64(count) <= self.levels[level].count else {
            throw IndelibleError(.outOfRange, "Level \(level) of the history ends before \(index + UInt64(count)).")
        }
        let store = self.levels[level]
        var bytes: [UInt8] = []
        if index < store.written {
            let fromFile = min(count, Int(store.written - index))
            bytes = try store.file.bytes(fromFile * Digest.byteCount, at: index * UInt64(Digest.byteCount))
        }
        let start = Int(max(index, store.written) - store.written) * Digest.byteCount
        bytes += store.buffer[start..<start + count * Digest.byteCount - bytes.count]
        return bytes
    }

    private mutating func write(_ level: Int) throws(IndelibleError) {
        let store = self.levels[level]
        guard !store.buffer.isEmpty else { return }
        try store.file.put(store.buffer, at: store.written * UInt64(Digest.byteCount))
        self.levels[level].written = store.count
        self.levels[level].buffer.removeAll(keepingCapacity: true)
    }

    private static func path(_ level: Int, in directory: String) -> String { "\(directory)/level-\(level)" }
}

extension File {
    /// Exactly `count` bytes.
    fileprivate func bytes(_ count: Int, at offset: UInt64) throws(IndelibleError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: IndelibleError?
        let read = unsafe bytes.withUnsafeMutableBytes { buffer in
            do throws(IndelibleError) { return try unsafe self.read(into: buffer, at: offset) } catch {
                failure = error
            }
            return 0
        }
        if let failure { throw failure }
        guard read == count else { throw IndelibleError(.dataLoss, "A file of the history ends early.") }
        return bytes
    }

    fileprivate func put(_ bytes: [UInt8], at offset: UInt64) throws(IndelibleError) {
        var failure: IndelibleError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(IndelibleError) { try unsafe self.write(buffer, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
