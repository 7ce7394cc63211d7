internal import NIOCore
internal import Primitives

/// Where a connection receives: behind the part of a frame that is here already, in memory with room for the rest of it.
///
/// The channel asks for memory before each read and the ``FrameAssembler`` leaves here what it could not use yet, so that a
/// frame is received in one piece however many reads it takes, and not copied. Behind TLS the channel does not ask, as
/// it receives something else, and what is left is joined with what comes.
///
/// `@unchecked Sendable`: confined to its connection's event loop.
final class ReceiveBuffer: RecvByteBufferAllocator, @unchecked Sendable {
    /// The pool of the channel keeps the first buffer for as long as the connection lives.
    private static let firstByteCount = 256

    private var sizes = ReceiveAllocator()
    /// Bytes of a frame that is not complete; without readable bytes only memory to receive into.
    private var rest = ByteBuffer()
    /// Of the frame that ``rest`` begins, as far as that is known.
    private var wantedByteCount = 0
    /// Of the last frame that was complete: the next one may be as large.
    private var expectedByteCount = 0
    private var isFirst = true
    /// Whether the channel has ``rest`` and has not delivered it yet.
    private var isOut = false
    private var isLost = false

    // MARK: The channel

    /// On the channel's event loop, before it is active.
    func install(in channel: any Channel) throws {
        try channel.syncOptions?.setOption(.recvAllocator, value: self)
        // One read at a time: its buffer is this one, not the next of a pool.
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    }

    func nextBufferSize() -> Int? { nil }

    func record(actualReadBytes: Int) -> Bool {
        _ = self.sizes.record(actualReadBytes: actualReadBytes)
        // Always asks for a buffer again.
        return true
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        guard !self.isFirst else {
            self.isFirst = false
            return allocator.buffer(capacity: Self.firstByteCount)
        }
        var buffer = ByteBuffer()
        swap(&buffer, &self.rest)
        self.isLost = self.isLost || self.isOut
        self.isOut = buffer.readableBytes > 0
        let usual = self.sizes.nextBufferSize() ?? ReceiveAllocator.quietByteCount
        guard self.isOut else {
            let byteCount = max(usual, self.expectedByteCount)
            buffer.clear(minimumCapacity: byteCount)
            return Self.limited(buffer, to: byteCount)
        }
        let byteCount = max(usual, self.wantedByteCount)
        if buffer.capacity - buffer.readerIndex < byteCount {
            buffer.discardReadBytes()
            buffer.reserveCapacity(byteCount)
        }
        return Self.limited(buffer, to: byteCount)
    }

    /// A buffer takes more memory than it was asked for, and a read would fill it with the beginning of the next frame, which
    /// would have to move then: the end of a slice is where it should be.
    private static func limited(_ buffer: ByteBuffer, to byteCount: Int) -> ByteBuffer {
        var whole = buffer
        whole.moveWriterIndex(to: whole.readerIndex + byteCount)
        guard var slice = whole.readSlice(length: byteCount) else { preconditionFailure("it has as many bytes") }
        slice.moveWriterIndex(to: buffer.readableBytes)
        return slice
    }

    // MARK: The assembler

    /// What there is to read, when `bytes` have come.
    ///
    /// - Throws: ``IndelibleError/Code/unavailable`` when the channel did not deliver what it was given.
    func joined(with bytes: ByteBuffer) throws(IndelibleError) -> ByteBuffer {
        guard !self.isLost else {
            throw IndelibleError(.unavailable, "Received bytes were lost. Reconnect and call again.")
        }
        self.isOut = false
        guard self.rest.readableBytes > 0 else { return bytes }
        self.rest.writeImmutableBuffer(bytes)
        var joined = ByteBuffer()
        swap(&joined, &self.rest)
        return joined
    }

    /// Takes back what was not used, and the memory of what was.
    ///
    /// - Parameter frameByteCount: Of the frame that `buffer` begins; 0 when that is not known.
    func keep(_ buffer: inout ByteBuffer, frameByteCount: Int) {
        self.wantedByteCount = frameByteCount
        swap(&buffer, &self.rest)
        buffer = ByteBuffer()
    }

    /// A frame of so many bytes was complete.
    func completed(frameByteCount: Int) { self.expectedByteCount = frameByteCount }

    /// The connection is quiet: gives back the memory that no partial frame needs.
    func shrink() {
        self.expectedByteCount = 0
        if self.rest.readableBytes == 0 { self.rest = ByteBuffer() }
    }
}
