internal import Cryptography
internal import Primitives
internal import Storage

/// Writes a segment file from front to back, past the page cache, through one aligned buffer.
struct SegmentWriter: ~Copyable {
    static let bufferByteCount = 1 << 20
    /// Bytes that are checksummed and then copied while they are in the processor's nearest cache.
    private static let tileByteCount = 12 << 10

    private let file: any File
    private let buffer: AlignedMemory
    private var filled = 0
    /// Bytes of the disk that the file has.
    private var allocated: UInt64 = 0
    /// Bytes before the buffer's.
    private var written: UInt64
    private var regions: [SegmentRegion] = []
    private var regionStart: UInt64
    private var checksum: UInt32 = 0

    /// Starts behind the place of the manifest.
    init(_ file: any File, buffer: AlignedMemory) {
        self.file = file
        self.buffer = buffer
        self.written = UInt64(SegmentManifest.byteCount)
        self.regionStart = self.written
    }

    private var position: UInt64 { self.written + UInt64(self.filled) }

    /// Adds bytes to the region at hand and to a checksum of the caller's, not to the region's.
    @unsafe mutating func put(
        _ bytes: UnsafeRawBufferPointer,
        checksum: inout UInt32,
    ) throws(IndelibleError) {
        var done = 0
        while done < bytes.count {
            let count = min(bytes.count - done, self.buffer.byteCount - self.filled, Self.tileByteCount)
            let tile = unsafe UnsafeRawBufferPointer(rebasing: bytes[done..<done + count])
            unsafe checksum = CRC32C.checksum(tile, seed: checksum)
            unsafe self.buffer.bytes(self.filled..<self.filled + count).copyMemory(from: tile)
            self.filled += count
            done += count
            if self.filled == self.buffer.byteCount { try self.flush() }
        }
    }

    /// Adds bytes to the region at hand and to its checksum.
    mutating func put(_ bytes: [UInt8]) throws(IndelibleError) {
        self.checksum = CRC32C.checksum(bytes, seed: self.checksum)
        var done = 0
        while done < bytes.count {
            let count = min(bytes.count - done, self.buffer.byteCount - self.filled)
            unsafe self.buffer.bytes(self.filled..<self.filled + count).copyBytes(from: bytes[done..<done + count])
            self.filled += count
            done += count
            if self.filled == self.buffer.byteCount { try self.flush() }
        }
    }

    /// Ends the region at hand; the next one starts here, or at the following block when `aligned`.
    mutating func end(_ kind: SegmentRegion.Kind, aligned: Bool = false) throws(IndelibleError) {
        self.regions.append(
            SegmentRegion(
                kind: kind,
                offset: self.regionStart,
                byteCount: self.position - self.regionStart,
                checksum: self.checksum,
            )
        )
        if aligned { try self.pad() }
        self.regionStart = self.position
        self.checksum = 0
    }

    /// Writes what is left; gives the regions.
    mutating func finish() throws(IndelibleError) -> [SegmentRegion] {
        try self.pad()
        try self.flush()
        return self.regions
    }

    private mutating func pad() throws(IndelibleError) {
        let end = FrameHeader.padded(self.filled)
        self.buffer.zero(self.filled..<end)
        self.filled = end
        if self.filled == self.buffer.byteCount { try self.flush() }
    }

    private mutating func flush() throws(IndelibleError) {
        guard self.filled > 0 else { return }
        let end = self.position
        if end > self.allocated {
            // Space for what is likely to come: a file that grows with each write would cost a change of the file
            // system's own books every time.
            self.allocated = 2 * end
            try self.file.allocate(self.allocated)
        }
        try unsafe self.file.write(UnsafeRawBufferPointer(self.buffer.bytes(0..<self.filled)), at: self.written)
        self.written += UInt64(self.filled)
        self.filled = 0
    }
}
