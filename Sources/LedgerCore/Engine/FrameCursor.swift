internal import Cryptography
internal import Primitives
internal import Storage

/// Reads frames out of the bytes of a journal file.
struct FrameCursor {
    let memory: AlignedMemory
    let byteCount: Int
    let salt: [UInt8]

    /// The header of a frame that starts at `offset`, whatever follows it.
    func header(at offset: Int) -> FrameHeader? {
        guard offset + FrameHeader.byteCount <= self.byteCount else { return nil }
        return FrameHeader.decode(
            self.memory.array(offset..<offset + FrameHeader.byteCount),
            salt: self.salt,
            capacity: self.byteCount - offset,
        )
    }

    /// What the frame says of its entries; `nil` when it is damaged.
    func deltas(
        of header: FrameHeader,
        at offset: Int,
    ) -> (deltas: FrameDeltas, slots: [UInt8], fingerprints: [UInt8])? {
        let start = offset + FrameHeader.byteCount + Int(header.entriesByteCount)
        let bytes = self.memory.array(start..<start + Int(header.deltasByteCount))
        guard CRC32C.checksum(bytes) == header.deltasChecksum else { return nil }
        return FrameDeltas.decode(bytes, entryCount: Int(header.entryCount))
    }

    /// Where each entry's length prefix is, and where the last entry ends; `nil` when they do not add up.
    func entries(of header: FrameHeader, at offset: Int) -> [Int]? {
        var starts: [Int] = []
        starts.reserveCapacity(Int(header.entryCount) + 1)
        var position = offset + FrameHeader.byteCount
        let end = position + Int(header.entriesByteCount)
        for _ in 0..<header.entryCount {
            guard position + 2 <= end else { return nil }
            starts.append(position)
            position += 2 + Int(UInt16(bigEndian: self.memory.load(UInt16.self, at: position)))
        }
        guard position == end else { return nil }
        starts.append(end)
        return starts
    }

    /// The first frame header from `offset` on, at any block, whose sequence number is larger than `sequence`.
    func laterFrame(than sequence: UInt64, from offset: Int) -> (offset: Int, header: FrameHeader)? {
        for start in stride(from: offset, to: self.byteCount, by: DirectIO.alignment) {
            guard let header = self.header(at: start), header.sequence > sequence else { continue }
            return (start, header)
        }
        return nil
    }
}
