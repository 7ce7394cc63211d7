package import Primitives

/// Finds frames in a byte stream, in place: `u32be length || u16be header length || header || payload`.
///
/// Holds no bytes. A length over the limit is refused as soon as its four bytes are there, so nobody takes memory for it.
package struct FrameParser: Sendable {
    /// Where the parts of one frame are.
    package struct Frame: Sendable, Equatable {
        package let header: Range<Int>
        package let payload: Range<Int>
    }

    package enum Step: Sendable, Equatable {
        /// The frame ends where its payload ends; go on from there.
        case frame(Frame)
        /// The frame at this position has `byteCount` bytes, its length field included, and not all are here yet.
        case incomplete(byteCount: Int)
        /// Not even the length is all here.
        case unknown
    }

    /// Before every frame: the `u32` length, which counts everything after itself.
    package static let lengthByteCount = 4
    /// The `u16` header length.
    package static let headerLengthByteCount = 2
    /// The least that a peer may announce as its largest frame.
    package static let frameByteCountFloor = 1_024
    /// The most that anyone may announce as its largest frame.
    package static let frameByteCountCeiling = 64 << 20

    /// Longest frame accepted, counted like `length`; it was announced in the handshake.
    package let frameByteCountMax: Int

    package init(frameByteCountMax: Int) {
        precondition((Self.frameByteCountFloor...Self.frameByteCountCeiling).contains(frameByteCountMax))
        self.frameByteCountMax = frameByteCountMax
    }

    /// - Parameters:
    ///   - bytes: what has arrived.
    ///   - position: where the next frame begins.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when these are not frames or one is over the limit; the stream cannot
    ///   be read any further.
    /// - Returns: the frame at `position`, or how much is missing.
    package func next(in bytes: Span<UInt8>, at position: Int) throws(IndelibleError) -> Step {
        let available = bytes.count - position
        guard available >= Self.lengthByteCount else { return .unknown }
        let length =
            Int(bytes[position]) << 24 | Int(bytes[position + 1]) << 16 | Int(bytes[position + 2]) << 8
            | Int(bytes[position + 3])
        guard length <= self.frameByteCountMax else {
            throw IndelibleError(
                .invalidArgument,
                """
                A frame of \(length) bytes arrived; this side accepts at most \(self.frameByteCountMax). Send smaller \
                batches, and check that the peer speaks this protocol, in docs/protocol.md.
                """,
            )
        }
        guard length > Self.headerLengthByteCount else { throw Self.malformed("it has no header") }
        guard available >= Self.lengthByteCount + length else {
            return .incomplete(byteCount: Self.lengthByteCount + length)
        }
        let header = position + Self.lengthByteCount + Self.headerLengthByteCount
        let headerByteCount = Int(bytes[header - 2]) << 8 | Int(bytes[header - 1])
        guard headerByteCount <= length - Self.headerLengthByteCount else {
            throw Self.malformed("its header is longer than the frame")
        }
        let payload = header + headerByteCount
        return .frame(Frame(header: header..<payload, payload: payload..<(position + Self.lengthByteCount + length)))
    }

    private static func malformed(_ reason: String) -> IndelibleError {
        IndelibleError(
            .invalidArgument,
            "A frame is malformed: \(reason). Check that the peer speaks this protocol, in docs/protocol.md.",
        )
    }
}
