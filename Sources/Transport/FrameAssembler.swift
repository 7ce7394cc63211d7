internal import NIOCore
internal import Primitives
internal import Wire

/// Cuts what a socket delivers into frames, each a slice of what was received.
struct FrameAssembler {
    struct Frame {
        let header: FrameHeader
        let payload: ByteBuffer
    }

    /// What the channel is to receive into.
    let receiveBuffer = ReceiveBuffer()
    private let parser: FrameParser
    private var unread = ByteBuffer()

    init(frameByteCountMax: Int) {
        self.parser = FrameParser(frameByteCountMax: frameByteCountMax)
    }

    /// Bytes have come.
    ///
    /// - Throws: ``IndelibleError/Code/unavailable`` when some were lost.
    mutating func receive(_ bytes: ByteBuffer) throws(IndelibleError) {
        self.unread = try self.receiveBuffer.joined(with: bytes)
    }

    /// - Returns: the next frame, or `nil` when no more is complete.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the stream cannot be read any further.
    mutating func next() throws(IndelibleError) -> Frame? {
        switch try self.parser.next(in: self.unread.readableBytesUInt8Span, at: 0) {
        case .frame(let found):
            return try self.take(found)
        case .incomplete(let byteCount):
            self.receiveBuffer.keep(&self.unread, frameByteCount: byteCount)
        case .unknown:
            self.receiveBuffer.keep(&self.unread, frameByteCount: 0)
        }
        return nil
    }

    /// The connection is quiet: gives back the memory that no partial frame needs.
    func shrink() { self.receiveBuffer.shrink() }

    private mutating func take(_ found: FrameParser.Frame) throws(IndelibleError) -> Frame {
        let header = try FrameHeader(self.unread.readableBytesUInt8Span, found.header)
        self.unread.moveReaderIndex(forwardBy: found.payload.lowerBound)
        guard let payload = self.unread.readSlice(length: found.payload.count) else {
            preconditionFailure("the parser found the frame in this buffer")
        }
        self.receiveBuffer.completed(frameByteCount: found.payload.upperBound)
        return Frame(header: header, payload: payload)
    }
}
