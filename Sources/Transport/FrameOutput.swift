internal import NIOCore
internal import ProtobufC
internal import Wire

/// Frames on their way out, in one buffer until the next flush.
struct FrameOutput {
    /// Kept for the next burst when it is no larger than this.
    private static let keptByteCountMax = 1 << 20

    private var buffer = ByteBuffer()
    private var header = ProtoWriter()
    /// Of the last burst: the next one will be like it.
    private var expectedByteCount = 0

    var byteCount: Int { self.buffer.readableBytes }

    mutating func append(_ header: FrameHeader, payload: [UInt8] = []) {
        self.begin(header, payloadByteCount: payload.count)
        self.buffer.writeBytes(payload)
    }

    mutating func append(_ header: FrameHeader, payload: ByteBuffer) {
        self.begin(header, payloadByteCount: payload.readableBytes)
        self.buffer.writeImmutableBuffer(payload)
    }

    private mutating func begin(_ header: FrameHeader, payloadByteCount: Int) {
        self.header.removeAll()
        header.encode(into: &self.header)
        let headerByteCount = self.header.bytes.count
        precondition(headerByteCount <= FrameHeader.byteCountMax, "a header's length is a u16")
        let length = FrameParser.headerLengthByteCount + headerByteCount + payloadByteCount
        if self.buffer.readableBytes == 0 {
            // The same memory again, unless the socket still has it.
            self.buffer.clear(minimumCapacity: max(FrameParser.lengthByteCount + length, self.expectedByteCount))
        }
        self.buffer.writeMultipleIntegers(UInt32(length), UInt16(headerByteCount))
        self.buffer.writeBytes(self.header.bytes)
    }

    /// - Returns: all frames so far, to be written now; `nil` when there are none.
    mutating func take() -> ByteBuffer? {
        guard self.buffer.readableBytes > 0 else { return nil }
        let taken = self.buffer
        self.expectedByteCount = min(taken.readableBytes, Self.keptByteCountMax)
        if self.buffer.capacity > Self.keptByteCountMax {
            self.buffer = ByteBuffer()
        } else {
            self.buffer.moveReaderIndex(to: self.buffer.writerIndex)
        }
        return taken
    }

    /// The connection is quiet: gives back its memory.
    mutating func shrink() {
        guard self.buffer.readableBytes == 0 else { return }
        self.buffer = ByteBuffer()
        self.header = ProtoWriter()
        self.expectedByteCount = 0
    }
}
