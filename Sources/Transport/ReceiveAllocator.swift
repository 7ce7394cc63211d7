internal import NIOCore

/// Sizes receive buffers: small while a connection is quiet, as ten thousand of them may be; large as soon as one fills.
///
/// Large reads are what makes parsing in place pay (few frames span two reads); a fixed size, unlike an adaptive one, spares
/// the allocator. Small ones also bound what a call that keeps its payload keeps alive with it.
struct ReceiveAllocator: RecvByteBufferAllocator {
    static let quietByteCount = 4 << 10
    static let busyByteCount = 64 << 10
    /// So many reads in a row that a small buffer would have held make it small again.
    private static let quietReadCount = 8

    private var byteCount = Self.quietByteCount
    private var smallReadCount = 0

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: self.byteCount)
    }

    func nextBufferSize() -> Int? { self.byteCount }

    mutating func record(actualReadBytes: Int) -> Bool {
        guard actualReadBytes < Self.quietByteCount else {
            self.smallReadCount = 0
            defer { self.byteCount = Self.busyByteCount }
            return self.byteCount < Self.busyByteCount
        }
        self.smallReadCount += 1
        if self.smallReadCount >= Self.quietReadCount { self.byteCount = Self.quietByteCount }
        return false
    }
}
