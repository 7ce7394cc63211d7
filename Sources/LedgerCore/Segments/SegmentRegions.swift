internal import Cryptography
internal import Primitives
internal import Storage

/// Reads regions of a segment file.
struct SegmentRegions {
    let file: any File
    let path: String
    let manifest: SegmentManifest

    func region(_ kind: SegmentRegion.Kind) throws(IndelibleError) -> SegmentRegion {
        guard let region = self.manifest.region(kind), region.byteCount < UInt64(Int32.max) || kind == .data else {
            throw SegmentFile.damaged(self.path, "its manifest")
        }
        return region
    }

    /// A part of a region.
    func bytes(_ kind: SegmentRegion.Kind, _ range: Range<Int>) throws(IndelibleError) -> [UInt8] {
        let region = try self.region(kind)
        guard range.upperBound <= Int(region.byteCount) else {
            throw SegmentFile.damaged(self.path, "the length of a region")
        }
        let bytes = try self.file.read(range.count, at: region.offset + UInt64(range.lowerBound))
        guard bytes.count == range.count else { throw SegmentFile.damaged(self.path, "its length") }
        return bytes
    }

    /// All of a region, checked.
    func checked(_ kind: SegmentRegion.Kind) throws(IndelibleError) -> [UInt8] {
        let region = try self.region(kind)
        let bytes = try self.bytes(kind, 0..<Int(region.byteCount))
        guard CRC32C.checksum(bytes) == region.checksum else { throw SegmentFile.damaged(self.path, "region \(kind)") }
        return bytes
    }

    /// Where the first byte is that belongs to no region and is not zero, or that should not be there at all.
    ///
    /// - Returns: `nil` when there is none, or when a later version may have added regions of its own.
    func unusedByte() throws(IndelibleError) -> UInt64? {
        guard self.manifest.unknownRegionCount == 0 else { return nil }
        var position = UInt64(SegmentManifest.byteCount)
        let size = try self.file.size()
        for region in self.manifest.regions.sorted(by: { $0.offset < $1.offset }) {
            if let found = try self.nonzero(position, region.offset) { return found }
            position = max(position, region.offset + region.byteCount)
        }
        let end = position.padded
        guard size == end else { return min(size, end) }
        return try self.nonzero(position, end)
    }

    private func nonzero(_ start: UInt64, _ end: UInt64) throws(IndelibleError) -> UInt64? {
        guard start < end else { return nil }
        // Regions start at the next block at the latest.
        guard end - start <= UInt64(DirectIO.alignment) else { return start }
        let bytes = try self.file.read(Int(end - start), at: start)
        return bytes.firstIndex { $0 != 0 }.map { start + UInt64($0) }
    }

    func numbers<Value: FixedWidthInteger>(
        _ kind: SegmentRegion.Kind,
        of type: Value.Type,
    ) throws(IndelibleError) -> [Value] {
        var fields = FieldReader(try self.checked(kind))
        var numbers: [Value] = []
        while let number: Value = fields.take() { numbers.append(number) }
        return numbers
    }
}

extension UInt64 {
    /// Up to the end of the last block.
    fileprivate var padded: UInt64 {
        let block = UInt64(DirectIO.alignment)
        return (self + block - 1) / block * block
    }
}
