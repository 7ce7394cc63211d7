internal import Cryptography
internal import Primitives
internal import Storage

/// The file `roots`: the root of each sealed segment, so that a start reads one small file instead of all segments.
///
/// Derived: a record that is missing or does not match its checksum is read from the segment again. A record is the root
/// and the CRC-32C of its number, u64, and the root.
struct RootsFile {
    static let path = "roots"
    static let recordByteCount = Digest.byteCount + 4
    /// Bytes; enough for 10^12 entries.
    static let byteCountMax = 1 << 30
    /// What a power cut loses as a whole.
    private static let sectorByteCount = 512

    let files: any FileSystem

    /// The root of each of the first `count` segments, or `nil` where it cannot be told.
    func read(count: Int) throws(IndelibleError) -> [Digest?] {
        let bytes = try self.files.readAll(Self.path, byteCountMax: Self.byteCountMax) ?? []
        return (0..<count).map { number in
            let start = number * Self.recordByteCount
            guard start + Self.recordByteCount <= bytes.count else { return nil }
            let record = Array(bytes[start..<start + Self.recordByteCount])
            guard let root = Digest(Array(record.prefix(Digest.byteCount))),
                record == Self.record(number: number, root: root)
            else { return nil }
            return root
        }
    }

    /// The first of `count` records that somebody changed: it does not match its checksum, and no sector of it was lost.
    ///
    /// - Returns: the segment's number.
    func damagedRecord(count: Int) throws(IndelibleError) -> Int? {
        let known = try self.read(count: count)
        let bytes = try self.files.readAll(Self.path, byteCountMax: Self.byteCountMax) ?? []
        return known.indices.first { number in
            let range = number * Self.recordByteCount..<(number + 1) * Self.recordByteCount
            guard known[number] == nil, range.upperBound <= bytes.count else { return false }
            let border = range.upperBound / Self.sectorByteCount * Self.sectorByteCount
            let parts = border > range.lowerBound ? [range.lowerBound..<border, border..<range.upperBound] : [range]
            return parts.allSatisfy { part in part.isEmpty || bytes[part].contains { $0 != 0 } }
        }
    }

    /// Notes roots of segments from `number` on; without a sync, because what is lost is read from the segments.
    func write(_ roots: [Digest], from number: Int) throws(IndelibleError) {
        guard roots.isEmpty == false else { return }
        let file = try self.files.open(Self.path, .readWrite)
        defer { file.close() }
        let bytes = roots.enumerated().flatMap { Self.record(number: number + $0.offset, root: $0.element) }
        try file.write(bytes, at: UInt64(number * Self.recordByteCount))
    }

    private static func record(number: Int, root: Digest) -> [UInt8] {
        var checked = FieldWriter(capacity: 8 + Self.recordByteCount)
        checked.put(UInt64(number))
        checked.put(root.bytes)
        checked.putChecksum()
        return Array(checked.bytes.dropFirst(8))
    }
}
