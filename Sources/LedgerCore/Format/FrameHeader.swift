internal import Cryptography
internal import Primitives
internal import Storage

/// The first 128 bytes of a frame: one group commit (docs/formats.md, "Journal").
struct FrameHeader: Equatable {
    static let byteCount = 128
    static let magic = Array("INDFRAM1".utf8)
    static let version: UInt32 = 1

    /// Of the journal file that holds the frame; never used twice in a log.
    var fileNumber: UInt64
    /// Of this frame; each frame of a log has the number after its predecessor's.
    var sequence: UInt64
    var firstIndex: UInt64
    var entryCount: UInt32
    var entriesByteCount: UInt32
    var deltasByteCount: UInt32
    /// Nanoseconds since the Unix epoch.
    var time: UInt64
    /// Of the tree with this frame's entries, of size ``end``.
    var root: Digest
    var deltasChecksum: UInt32

    var end: UInt64 { self.firstIndex + UInt64(self.entryCount) }

    /// Header, entries and deltas; the next frame starts at the following multiple of 4,096.
    var byteCount: Int { Self.byteCount + Int(self.entriesByteCount) + Int(self.deltasByteCount) }

    var paddedByteCount: Int { Self.padded(self.byteCount) }

    static func padded(_ byteCount: Int) -> Int {
        (byteCount + DirectIO.alignment - 1) / DirectIO.alignment * DirectIO.alignment
    }

    func encode(salt: [UInt8]) -> [UInt8] {
        var fields = FieldWriter(capacity: Self.byteCount)
        fields.put(Self.magic)
        fields.put(Self.version)
        fields.put(self.entryCount)
        fields.put(salt)
        fields.put(self.fileNumber)
        fields.put(self.sequence)
        fields.put(self.firstIndex)
        fields.put(self.entriesByteCount)
        fields.put(self.deltasByteCount)
        fields.put(self.time)
        fields.put(self.root.bytes)
        fields.put(self.deltasChecksum)
        fields.pad(to: Self.byteCount - 4)
        fields.putChecksum()
        return fields.bytes
    }

    /// - Parameter capacity: bytes from the frame's start to the end of its file.
    /// - Returns: `nil` for anything that is not the intact header of a frame of this log.
    static func decode(_ bytes: [UInt8], salt: [UInt8], capacity: Int) -> FrameHeader? {
        guard bytes.count >= Self.byteCount, bytes.starts(with: Self.magic) else { return nil }
        var tail = FieldReader(bytes, Self.byteCount - 4..<Self.byteCount)
        guard tail.take(UInt32.self) == CRC32C.checksum(Array(bytes.prefix(Self.byteCount - 4))) else { return nil }
        var fields = FieldReader(bytes, Self.magic.count..<Self.byteCount)
        guard fields.take(UInt32.self) == Self.version, let entryCount: UInt32 = fields.take(),
            fields.take(bytes: salt.count) == salt, let fileNumber: UInt64 = fields.take(),
            let sequence: UInt64 = fields.take(), let firstIndex: UInt64 = fields.take(),
            let entriesByteCount: UInt32 = fields.take(), let deltasByteCount: UInt32 = fields.take(),
            let time: UInt64 = fields.take(), let root = fields.take(bytes: 32).flatMap({ Digest($0) }),
            let deltasChecksum: UInt32 = fields.take()
        else { return nil }
        let header = FrameHeader(
            fileNumber: fileNumber,
            sequence: sequence,
            firstIndex: firstIndex,
            entryCount: entryCount,
            entriesByteCount: entriesByteCount,
            deltasByteCount: deltasByteCount,
            time: time,
            root: root,
            deltasChecksum: deltasChecksum,
        )
        guard entryCount > 0, header.byteCount <= capacity, firstIndex < UInt64.max - UInt64(entryCount) else {
            return nil
        }
        return header
    }
}
