internal import Cryptography
internal import Primitives
internal import Storage

/// Turns a full tail segment into the bytes of its file.
struct SegmentBuilder {
    let segment: TailSegment
    let view: LogView
    let salt: [UInt8]

    private var capacity: Int { self.segment.capacity }
    private var bundleEntryCount: Int { min(SegmentLayout.bundleEntryCount, self.capacity) }

    /// Bytes that the file will have at most, so that their space can be taken beforehand.
    private var byteCountMax: UInt64 {
        self.segment.position(self.capacity) + UInt64(SegmentManifest.byteCount)
            + UInt64(self.capacity * (Digest.byteCount + 1 + 4 + SegmentLayout.identifierByteCount + 1))
            + 16 * UInt64(DirectIO.alignment)
    }

    /// Writes all of the file but syncs nothing.
    func write(to file: any File, buffer: AlignedMemory) throws(IndelibleError) {
        try file.allocate(self.byteCountMax / UInt64(DirectIO.alignment) * UInt64(DirectIO.alignment))
        var writer = SegmentWriter(file, buffer: buffer)
        try self.putData(&writer)
        try writer.put(self.segment.hashBytes(level: 0, 0..<self.capacity))
        try writer.end(.leaves)
        let tileLevel = min(SegmentLayout.tileHeight, self.segment.height)
        try writer.put(self.segment.hashBytes(level: tileLevel, 0..<self.capacity >> tileLevel))
        try writer.end(.tileRoots)
        try writer.put(self.kinds)
        try writer.end(.kinds)
        try writer.put(self.segment.slotBytes(0..<self.capacity))
        try writer.end(.slots)
        try self.putIdentifiers(&writer)
        let regions = try writer.finish()
        let manifest = SegmentManifest(
            firstIndex: self.segment.first,
            entryCount: UInt32(self.capacity),
            root: self.segment.hash(level: self.segment.height, 0),
            regions: regions,
        )
        buffer.copy(manifest.encode(salt: self.salt), to: 0)
        try unsafe file.write(UnsafeRawBufferPointer(buffer.bytes(0..<SegmentManifest.byteCount)), at: 0)
        let end = regions.reduce(UInt64(0)) { max($0, $1.offset + $1.byteCount) }
        try file.truncate(UInt64(FrameHeader.padded(Int(end))))
    }

    private func putData(_ writer: inout SegmentWriter) throws(IndelibleError) {
        var bundles = FieldWriter()
        var checksums = FieldWriter()
        let reader = TailReader(view: self.view)
        for start in stride(from: 0, to: self.capacity, by: self.bundleEntryCount) {
            bundles.put(self.segment.position(start))
            var checksum: UInt32 = 0
            var failure: IndelibleError?
            try unsafe reader.visit(self.segment, start..<start + self.bundleEntryCount) { bytes in
                unsafe checksum = CRC32C.checksum(bytes, seed: checksum)
                guard failure == nil else { return }
                do throws(IndelibleError) { try unsafe writer.put(bytes) } catch { failure = error }
            }
            if let failure { throw failure }
            checksums.put(checksum)
        }
        bundles.put(self.segment.position(self.capacity))
        try writer.end(.data, aligned: true)
        try writer.put(bundles.bytes)
        try writer.end(.bundles)
        try writer.put(checksums.bytes)
        try writer.end(.bundleChecksums, aligned: true)
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
    private func putIdentifiers(_ writer: inout SegmentWriter) throws(IndelibleError) {
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
        try writer.put(fields.bytes)
        try writer.end(.identifierBuckets)
        try writer.put(records)
        try writer.end(.identifiers)
    }
}
