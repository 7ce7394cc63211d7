internal import Cryptography
internal import Primitives
internal import Storage

/// A sealed segment, open for reading.
final class SegmentFile: Sendable {
    let number: Int
    let manifest: SegmentManifest
    private let path: String
    private let file: any File
    /// Where each bundle starts in the file, and where the last one ends.
    private let bundles: [UInt64]
    private let checksums: [UInt32]
    private let buckets: [UInt32]
    private let kindRuns: [KindRun]
    private let leavesOffset: UInt64

    var first: UInt64 { self.manifest.firstIndex }
    var capacity: Int { Int(self.manifest.entryCount) }
    var height: Int { self.capacity.trailingZeroBitCount }
    private var bundleEntryCount: Int { SegmentLayout.bundleEntryCount(capacity: self.capacity) }

    init(_ number: Int, files: any FileSystem, identity: LogIdentity) throws(IndelibleError) {
        self.number = number
        self.path = SegmentLayout.path(number)
        let read = try Self.regions(number, files: files, identity: identity)
        self.manifest = read.manifest
        self.file = read.file
        let data = try read.region(.data)
        self.bundles = try read.numbers(.bundles, of: UInt64.self).map { $0 + data.offset }
        self.checksums = try read.numbers(.bundleChecksums, of: UInt32.self)
        self.buckets = try read.numbers(.identifierBuckets, of: UInt32.self)
        let bundleCount =
            identity.segmentEntryCount / SegmentLayout.bundleEntryCount(capacity: identity.segmentEntryCount)
        let leaves = try read.region(.leaves)
        guard leaves.byteCount == UInt64(Digest.byteCount * identity.segmentEntryCount) else {
            throw Self.damaged(self.path, "its manifest")
        }
        self.leavesOffset = leaves.offset
        let kinds = try read.numbers(.kinds, of: UInt16.self)
        self.kindRuns = stride(from: 1, to: kinds.count, by: 2).map {
            KindRun(kind: kinds[$0 - 1], count: UInt32(kinds[$0]) + 1)
        }
        guard self.kindRuns.reduce(0, { $0 + Int($1.count) }) == identity.segmentEntryCount,
            self.bundles.count == bundleCount + 1, self.checksums.count == bundleCount,
            self.buckets.count == SegmentLayout.bucketCount + 1
        else { throw Self.damaged(self.path, "its tables") }
    }

    /// The parts of a segment's file, when its manifest is intact and this version can read it.
    static func regions(
        _ number: Int,
        files: any FileSystem,
        identity: LogIdentity,
    ) throws(IndelibleError) -> SegmentRegions {
        let path = SegmentLayout.path(number)
        let file = try files.open(path, .readOnly)
        let bytes = try file.read(SegmentManifest.byteCount, at: 0)
        guard let manifest = SegmentManifest.decode(bytes, salt: identity.salt),
            manifest.firstIndex == UInt64(number * identity.segmentEntryCount),
            manifest.entryCount == UInt32(identity.segmentEntryCount)
        else { throw Self.damaged(path, "its manifest") }
        guard manifest.codec == .plain, manifest.cipher == .none else {
            throw IndelibleError(
                .unimplemented,
                "\(path) is compressed or encrypted, which this version cannot read. Use a newer one.",
            )
        }
        return SegmentRegions(file: file, path: path, manifest: manifest)
    }

    private var regions: SegmentRegions { SegmentRegions(file: self.file, path: self.path, manifest: self.manifest) }

    /// The whole bundle, or the part of one in a segment that is smaller, that holds an entry.
    ///
    /// - Returns: its bytes as served, the position in the segment of its first entry, and how many of its entries are as
    ///   they were written: one that was changed on the disk does not keep those before it from being read.
    func bundle(holding entry: Int) throws(IndelibleError) -> (bytes: [UInt8], first: Int, intactCount: Int) {
        let first = entry / self.bundleEntryCount * self.bundleEntryCount
        let bytes = try self.uncheckedBundle(holding: entry)
        if self.checksumHolds(for: bytes, holding: entry) { return (bytes, first, self.bundleEntryCount) }
        let computed = BundleBytes.leafHashes(bytes, count: self.bundleEntryCount, .best).hashes
        let recorded = try self.leaves(first..<first + self.bundleEntryCount)
        let same = zip(computed, recorded).prefix { $0 == $1 }.count
        return (bytes, first, same / Digest.byteCount)
    }

    /// Whether a bundle has the checksum that was noted for it.
    func checksumHolds(for bundle: [UInt8], holding entry: Int) -> Bool {
        CRC32C.checksum(bundle) == self.checksums[entry / self.bundleEntryCount]
    }

    /// All bytes of the bundle that holds an entry, whatever is wrong with them.
    func uncheckedBundle(holding entry: Int) throws(IndelibleError) -> [UInt8] {
        let number = entry / self.bundleEntryCount
        let (start, end) = (self.bundles[number], self.bundles[number + 1])
        guard start <= end, end - start <= UInt64(self.bundleEntryCount * 65_537) else {
            throw Self.damaged(self.path, "its table of bundles")
        }
        let bytes = try self.file.read(Int(end - start), at: start)
        guard bytes.count == Int(end - start) else { throw Self.damaged(self.path, "its length") }
        return bytes
    }

    /// Where an entry's bytes are in the file.
    func place(of entry: Int) throws(IndelibleError) -> Range<UInt64> {
        let bundle = try self.bundle(holding: entry)
        let position = entry - bundle.first
        guard position < bundle.intactCount, let start = BundleBytes.offset(after: position, in: bundle.bytes),
            let end = BundleBytes.offset(after: 1, in: bundle.bytes, from: start)
        else { throw self.damaged("entry \(self.first + UInt64(entry))") }
        let offset = self.bundles[entry / self.bundleEntryCount]
        return offset + UInt64(start + 2)..<offset + UInt64(end)
    }

    /// Leaf hashes, as stored.
    func leaves(_ entries: Range<Int>) throws(IndelibleError) -> [UInt8] {
        try self.regions.bytes(.leaves, Digest.byteCount * entries.lowerBound..<Digest.byteCount * entries.upperBound)
    }

    /// Reads leaf hashes to fill `buffer`, as stored.
    @unsafe func readLeaves(into buffer: UnsafeMutableRawBufferPointer, from entry: Int) throws(IndelibleError) {
        let start = self.leavesOffset + UInt64(Digest.byteCount * entry)
        guard try unsafe self.file.read(into: buffer, at: start) == buffer.count else {
            throw Self.damaged(self.path, "its length")
        }
    }

    /// The roots of the segment's tiles, as stored.
    func tileRoots(_ tiles: Range<Int>) throws(IndelibleError) -> [UInt8] {
        try self.regions.bytes(.tileRoots, Digest.byteCount * tiles.lowerBound..<Digest.byteCount * tiles.upperBound)
    }

    func slots(_ entries: Range<Int>) throws(IndelibleError) -> [UInt8] { try self.regions.bytes(.slots, entries) }

    /// The kind of each of a range of entries.
    func kinds(_ entries: Range<Int>) throws(IndelibleError) -> [UInt16] {
        var kinds: [UInt16] = []
        var start = 0
        for run in self.kindRuns {
            let end = start + Int(run.count)
            let shared =
                max(start, entries.lowerBound)..<max(start, entries.lowerBound, min(end, entries.upperBound))
            kinds.append(contentsOf: repeatElement(run.kind, count: shared.count))
            start = end
        }
        return kinds
    }

    /// Positions of entries whose event id has this fingerprint.
    func positions(of fingerprint: UInt32) throws(IndelibleError) -> [Int] {
        let bucket = Int(fingerprint >> 24)
        let width = SegmentLayout.identifierByteCount
        let range = Int(self.buckets[bucket]) * width..<Int(self.buckets[bucket + 1]) * width
        let records = try self.regions.bytes(.identifiers, range)
        return stride(from: 0, to: records.count, by: width).compactMap { start in
            let rest = UInt32(records[start]) | UInt32(records[start + 1]) << 8 | UInt32(records[start + 2]) << 16
            guard rest == fingerprint & 0xff_ffff else { return nil }
            return Int(records[start + 3]) | Int(records[start + 4]) << 8
        }
    }

    /// All leaf hashes, checked; for whoever computes the nodes above them.
    func allLeaves() throws(IndelibleError) -> [UInt8] { try self.regions.checked(.leaves) }

    func damaged(_ what: String) -> IndelibleError { Self.damaged(self.path, what) }

    static func damaged(_ path: String, _ what: String) -> IndelibleError {
        IndelibleError(
            .dataLoss,
            "\(path) is damaged: \(what) does not match its checksum. Run indelible fsck, and restore it from a copy.",
        )
    }
}
