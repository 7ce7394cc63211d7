internal import Cryptography
internal import Primitives

/// The first 4,096 bytes of a segment file: what is where, and what it must hash to (docs/formats.md, "Segments").
struct SegmentManifest: Equatable, Sendable {
    static let byteCount = 4096
    static let magic = Array("INDSEGM1".utf8)
    static let version: UInt32 = 1
    static let keyIDByteCount = 16

    /// How the data region is stored.
    enum Codec: UInt8, Sendable {
        /// As served.
        case plain = 0
        /// Reserved: each bundle compressed.
        case zstd = 1
    }

    /// How the data region is encrypted.
    enum Cipher: UInt8, Sendable {
        case none = 0
        /// Reserved: each bundle under the segment's key.
        case aes256GCM = 1
    }

    var codec = Codec.plain
    var cipher = Cipher.none
    /// Zeros without a cipher.
    var keyID = [UInt8](repeating: 0, count: Self.keyIDByteCount)
    var firstIndex: UInt64
    var entryCount: UInt32
    /// Of the segment's own tree: a node of the log's.
    var root: Digest
    var regions: [SegmentRegion]
    /// Regions of kinds that a later version added.
    var unknownRegionCount = 0

    func region(_ kind: SegmentRegion.Kind) -> SegmentRegion? { self.regions.first { $0.kind == kind } }

    func encode(salt: [UInt8]) -> [UInt8] {
        var fields = FieldWriter(capacity: Self.byteCount)
        fields.put(Self.magic)
        fields.put(Self.version)
        fields.put(self.codec.rawValue)
        fields.put(self.cipher.rawValue)
        fields.put(UInt16(self.regions.count))
        fields.put(salt)
        fields.put(self.keyID)
        fields.put(self.firstIndex)
        fields.put(self.entryCount)
        fields.put(UInt32(0))
        fields.put(self.root.bytes)
        for region in self.regions {
            fields.put(region.kind.rawValue)
            fields.put(region.checksum)
            fields.put(region.offset)
            fields.put(region.byteCount)
        }
        fields.pad(to: Self.byteCount - 4)
        fields.putChecksum()
        return fields.bytes
    }

    /// - Returns: `nil` for anything that is not the intact manifest of a segment of this log.
    static func decode(_ bytes: [UInt8], salt: [UInt8]) -> SegmentManifest? {
        guard bytes.count == Self.byteCount, bytes.starts(with: Self.magic) else { return nil }
        var tail = FieldReader(bytes, Self.byteCount - 4..<Self.byteCount)
        guard tail.take(UInt32.self) == CRC32C.checksum(Array(bytes.dropLast(4))) else { return nil }
        var fields = FieldReader(bytes, Self.magic.count..<Self.byteCount)
        guard fields.take(UInt32.self) == Self.version, let codec = fields.take(UInt8.self).flatMap(Codec.init),
            let cipher = fields.take(UInt8.self).flatMap(Cipher.init), let regionCount: UInt16 = fields.take(),
            fields.take(bytes: salt.count) == salt, let keyID = fields.take(bytes: Self.keyIDByteCount),
            let firstIndex: UInt64 = fields.take(), let entryCount: UInt32 = fields.take(),
            fields.take(UInt32.self) != nil, let root = fields.take(bytes: 32).flatMap({ Digest($0) })
        else { return nil }
        var regions: [SegmentRegion] = []
        var unknownRegionCount = 0
        for _ in 0..<regionCount {
            guard let number: UInt32 = fields.take(), let checksum: UInt32 = fields.take(),
                let offset: UInt64 = fields.take(), let byteCount: UInt64 = fields.take()
            else { return nil }
            // Regions that a later version adds are not needed here.
            guard let kind = SegmentRegion.Kind(rawValue: number) else {
                unknownRegionCount += 1
                continue
            }
            regions.append(SegmentRegion(kind: kind, offset: offset, byteCount: byteCount, checksum: checksum))
        }
        return SegmentManifest(
            codec: codec,
            cipher: cipher,
            keyID: keyID,
            firstIndex: firstIndex,
            entryCount: entryCount,
            root: root,
            regions: regions,
            unknownRegionCount: unknownRegionCount,
        )
    }
}

/// A part of a segment file.
struct SegmentRegion: Equatable, Sendable {
    /// What a region holds; numbers are never used again.
    enum Kind: UInt32, Sendable, CaseIterable {
        /// Bundles of 256 entries each, one after the other.
        case data = 1
        /// For each bundle where it starts in the data region, u64; and where the last one ends.
        case bundles = 2
        /// CRC-32C of each bundle, u32.
        case bundleChecksums = 3
        /// Leaf hashes.
        case leaves = 4
        /// One hash for each 256 leaves: in a segment of 65,536 entries, a full level-1 tile.
        case tileRoots = 5
        /// Runs of kinds: u16 kind, u16 count - 1.
        case kinds = 6
        /// One byte per entry.
        case slots = 7
        /// Where each bucket of the index of event ids starts, counted in records, u32; and where the last one ends.
        case identifierBuckets = 8
        /// The index of event ids: u24 rest of the fingerprint, u16 position.
        case identifiers = 9
    }

    let kind: Kind
    let offset: UInt64
    let byteCount: UInt64
    /// CRC-32C; 0 for the data region, whose bundles have one each.
    let checksum: UInt32
}
