internal import Cryptography
internal import Primitives
internal import Storage

/// Turns a tail segment into the bytes of its file: bundles as they become durable and are still in memory, the rest when
/// the segment is full.
struct SegmentBuilder: ~Copyable {
    let segment: TailSegment
    let file: any File
    private let buffer: AlignedMemory
    private var writer: SegmentWriter
    private var bundleChecksums = FieldWriter()
    /// Entries that are in the file, or in the buffer before it; whole bundles.
    private(set) var entryCount = 0

    /// - Parameters:
    ///   - segment: May still be filling.
    ///   - file: New and empty.
    ///   - buffer: Nobody else's until the file is complete.
    init(_ segment: TailSegment, file: any File, buffer: AlignedMemory) {
        self.segment = segment
        self.file = file
        self.buffer = buffer
        self.writer = SegmentWriter(file, buffer: buffer)
    }

    private var capacity: Int { self.segment.capacity }

    /// Adds the next bundle.
    ///
    /// - Parameter view: Where its entries are.
    /// - Returns: `false` when it is not complete, or there is none.
    mutating func putBundle(_ view: LogView) throws(IndelibleError) -> Bool {
        let bundle = SegmentLayout.bundleEntryCount(capacity: self.capacity)
        let end = self.entryCount + bundle
        guard end <= self.capacity, self.segment.first + UInt64(end) <= view.size else { return false }
        var checksum: UInt32 = 0
        var failure: IndelibleError?
        try unsafe TailReader(view: view).visit(self.segment, self.entryCount..<end) { bytes in
            guard failure == nil else { return }
            do throws(IndelibleError) {
                try unsafe self.writer.put(bytes, checksum: &checksum)
            } catch { failure = error }
        }
        if let failure { throw failure }
        self.bundleChecksums.put(checksum)
        self.entryCount = end
        return true
    }

    /// Adds everything else and writes the file's first block, but syncs nothing.
    ///
    /// - Precondition: all entries are in.
    consuming func finish(salt: [UInt8]) throws(IndelibleError) {
        precondition(self.entryCount == self.capacity, "entries are missing")
        try self.writer.end(.data, aligned: true)
        var bundles = FieldWriter()
        let bundle = SegmentLayout.bundleEntryCount(capacity: self.capacity)
        for start in stride(from: 0, through: self.capacity, by: bundle) { bundles.put(self.segment.position(start)) }
        try self.writer.put(bundles.bytes)
        try self.writer.end(.bundles)
        try self.writer.put(self.bundleChecksums.bytes)
        try self.writer.end(.bundleChecksums, aligned: true)
        try self.writer.put(self.segment.hashBytes(level: 0, 0..<self.capacity))
        try self.writer.end(.leaves)
        let tileLevel = min(SegmentLayout.tileHeight, self.segment.height)
        try self.writer.put(self.segment.hashBytes(level: tileLevel, 0..<self.capacity >> tileLevel))
        try self.writer.end(.tileRoots)
        try self.writer.put(self.kinds)
        try self.writer.end(.kinds)
        try self.writer.put(self.segment.slotBytes(0..<self.capacity))
        try self.writer.end(.slots)
        try self.putIdentifiers()
        let regions = try self.writer.finish()
        let manifest = SegmentManifest(
            firstIndex: self.segment.first,
            entryCount: UInt32(self.capacity),
            root: self.segment.hash(level: self.segment.height, 0),
            regions: regions,
        )
        self.buffer.copy(manifest.encode(salt: salt), to: 0)
        try unsafe self.file.write(UnsafeRawBufferPointer(self.buffer.bytes(0..<SegmentManifest.byteCount)), at: 0)
        let end = regions.reduce(UInt64(0)) { max($0, $1.offset + $1.byteCount) }
        try self.file.truncate(UInt64(FrameHeader.padded(Int(end))))
    }

    private var kinds: [UInt8] {
        var runs: [KindRun] = []
        for entry in 0..<self.capacity { runs.extend(KindRun(kind: self.segment.kind(entry), count: 1)) }
        var fields = FieldWriter(capacity: 4 * runs.count)
        for run in runs {
            fields.put(run.kind)
            fields.put(UInt16(run.count - 1))
        }
        return fields.bytes
    }

    /// Records in order of their bucket; within a bucket in order of index.
    private mutating func putIdentifiers() throws(IndelibleError) {
        var starts = [UInt32](repeating: 0, count: SegmentLayout.bucketCount + 1)
        for entry in 0..<self.capacity where self.segment.fingerprint(entry) != EventFingerprint.none {
            starts[Int(self.segment.fingerprint(entry) >> 24) + 1] += 1
        }
        for bucket in 0..<SegmentLayout.bucketCount { starts[bucket + 1] += starts[bucket] }
        var records = [UInt8](
            repeating: 0,
            count: Int(starts[SegmentLayout.bucketCount]) * SegmentLayout.identifierByteCount,
        )
        var next = starts
        for entry in 0..<self.capacity {
            let fingerprint = self.segment.fingerprint(entry)
            guard fingerprint != EventFingerprint.none else { continue }
            let bucket = Int(fingerprint >> 24)
            let offset = Int(next[bucket]) * SegmentLayout.identifierByteCount
            next[bucket] += 1
            records[offset] = UInt8(truncatingIfNeeded: fingerprint)
            records[offset + 1] = UInt8(truncatingIfNeeded: fingerprint >> 8)
            records[offset + 2] = UInt8(truncatingIfNeeded: fingerprint >> 16)
            records[offset + 3] = UInt8(truncatingIfNeeded: entry)
            records[offset + 4] = UInt8(truncatingIfNeeded: entry >> 8)
        }
        var fields = FieldWriter()
        for start in starts { fields.put(start) }
        try self.writer.put(fields.bytes)
        try self.writer.end(.identifierBuckets)
        try self.writer.put(records)
        try self.writer.end(.identifiers)
    }
}
