internal import NIOCore
internal import Primitives
internal import Wire

/// Cuts what a socket delivers into frames; copies only frames that span reads.
///
/// A frame within one read is a slice of it. The parts of one that spans reads are gathered in one buffer, of exactly its
/// size, which is used again when the next one comes.
struct FrameAssembler {
    struct Frame {
        let header: FrameHeader
        let payload: ByteBuffer
    }

    private let parser: FrameParser
    private var partial = ByteBuffer()
    /// Of the frame in `partial`, its length field included; `nil` until that is complete.
    private var partialByteCount: Int?

    init(frameByteCountMax: Int) {
        self.parser = FrameParser(frameByteCountMax: frameByteCountMax)
    }

    /// - Parameter read: what arrived; consumed as far as it is needed.
    /// - Returns: the next frame, or `nil` when `read` is used up.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the stream cannot be read any further.
    mutating func next(_ read: inout ByteBuffer) throws(IndelibleError) -> Frame? {
        if self.partial.readableBytes > 0 { return try self.complete(&read) }
        switch try self.parser.next(in: read.readableBytesUInt8Span, at: 0) {
        case .frame(let found):
            return try Self.take(found, from: &read)
        case .incomplete(let byteCount):
            self.partial.clear(minimumCapacity: byteCount)
            self.partial.writeBuffer(&read)
            self.partialByteCount = byteCount
            return nil
        case .unknown:
            guard read.readableBytes > 0 else { return nil }
            self.partial.clear(minimumCapacity: FrameParser.lengthByteCount)
            self.partial.writeBuffer(&read)
            self.partialByteCount = nil
            return nil
        }
    }

    /// The connection is quiet: gives back the memory that no partial frame needs.
    mutating func shrink() {
        guard self.partial.readableBytes == 0 else { return }
        self.partial = ByteBuffer()
    }

    /// Bytes held for frames that span reads.
    var byteCount: Int { self.partial.capacity }

    private mutating func complete(_ read: inout ByteBuffer) throws(IndelibleError) -> Frame? {
        while true {
            let wanted = (self.partialByteCount ?? FrameParser.lengthByteCount) - self.partial.readableBytes
            guard var part = read.readSlice(length: min(wanted, read.readableBytes)) else { return nil }
            self.partial.writeBuffer(&part)
            switch try self.parser.next(in: self.partial.readableBytesUInt8Span, at: 0) {
            case .frame(let found):
                let frame = try Self.take(found, from: &self.partial)
                self.partialByteCount = nil
                return frame
            case .incomplete(let byteCount):
                if self.partialByteCount == nil {
                    self.partial.reserveCapacity(byteCount)
                    self.partialByteCount = byteCount
                }
                if read.readableBytes == 0 { return nil }
            case .unknown:
                return nil
            }
        }
    }

    private static func take(
        _ found: FrameParser.Frame,
        from buffer: inout ByteBuffer,
    ) throws(IndelibleError) -> Frame {
        let header = try FrameHeader(buffer.readableBytesUInt8Span, found.header)
        buffer.moveReaderIndex(forwardBy: found.payload.lowerBound)
        guard let payload = buffer.readSlice(length: found.payload.count) else {
            preconditionFailure("the parser found the frame in this buffer")
        }
        return Frame(header: header, payload: payload)
    }
}
