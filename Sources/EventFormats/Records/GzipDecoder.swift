internal import CZlib
package import Primitives

/// Decompresses gzip (RFC 1952), member after member, within stated bounds.
///
/// Owns one zlib stream.
@safe package struct GzipDecoder: ~Copyable {
    /// Bytes of each piece of output.
    private static let pieceByteCount = 256 << 10

    private let stream: UnsafeMutablePointer<z_stream>
    private let limits: RecordLimits
    private var piece = [UInt8](repeating: 0, count: Self.pieceByteCount)
    private var compressedByteCount: UInt64 = 0
    private var byteCount: UInt64 = 0
    /// Between members, where the file may end.
    private var isBetweenMembers = false

    /// - Throws: ``IndelibleError/Code/internal`` when zlib is out of memory.
    package init(_ limits: RecordLimits) throws(IndelibleError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let isGzipOnly: Int32 = 16
        let status = unsafe inflateInit2_(
            stream,
            MAX_WBITS + isGzipOnly,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size),
        )
        guard status == Z_OK else {
            unsafe stream.deallocate()
            throw IndelibleError(.internal, "Could not start zlib (status \(status)). Check its installation.")
        }
        self.limits = limits
        unsafe self.stream = stream  // Last: a throwing init must not own anything yet.
    }

    deinit {
        unsafe inflateEnd(self.stream)
        unsafe self.stream.deallocate()
    }

    /// Decompresses what `input` allows.
    ///
    /// - Parameters:
    ///   - input: the next bytes of the file.
    ///   - output: is given the decompressed bytes, piece after piece.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when the bytes are not gzip or fail its checksum;
    ///   ``IndelibleError/Code/resourceExhausted`` when a bound is crossed.
    package mutating func decode(
        _ input: [UInt8],
        _ output: (ArraySlice<UInt8>) -> Void,
    ) throws(IndelibleError) {
        var position = 0
        while position < input.count {
            if self.isBetweenMembers {
                unsafe inflateReset(self.stream)
                self.isBetweenMembers = false
            }
            let step = unsafe self.inflateOnce(input, from: position)
            position += step.consumed
            self.compressedByteCount += UInt64(step.consumed)
            self.byteCount += UInt64(step.produced)
            try self.checkBounds()
            if step.produced > 0 { output(self.piece[..<step.produced]) }
            switch step.status {
            case Z_STREAM_END: self.isBetweenMembers = true
            case Z_OK: continue
            case Z_BUF_ERROR where step.consumed > 0 || step.produced > 0: continue
            default:
                throw IndelibleError(
                    .dataLoss,
                    "The gzip data is damaged after \(self.byteCount) decompressed bytes (zlib status \(step.status)). "
                        + "Fetch the file again.",
                )
            }
        }
        try self.drain(output)
    }

    /// - Throws: ``IndelibleError/Code/dataLoss`` when the file ends inside a member.
    package func finish() throws(IndelibleError) {
        guard self.isBetweenMembers else {
            throw IndelibleError(
                .dataLoss,
                "The gzip data ends in the middle, after \(self.byteCount) decompressed bytes. Fetch the file again.",
            )
        }
    }

    /// Takes the output that did not fit the last piece, when the input is used up.
    private mutating func drain(_ output: (ArraySlice<UInt8>) -> Void) throws(IndelibleError) {
        while !self.isBetweenMembers {
            let step = unsafe self.inflateOnce([], from: 0)
            guard step.produced > 0 || step.status == Z_STREAM_END else { return }
            self.byteCount += UInt64(step.produced)
            try self.checkBounds()
            if step.produced > 0 { output(self.piece[..<step.produced]) }
            if step.status == Z_STREAM_END { self.isBetweenMembers = true }
        }
    }

    private func checkBounds() throws(IndelibleError) {
        guard self.byteCount <= self.limits.decompressedByteCountMax else {
            throw IndelibleError(
                .resourceExhausted,
                "The file decompresses to more than \(self.limits.decompressedByteCountMax) bytes. Split it.",
            )
        }
        guard
            self.byteCount <= self.limits.ratioFreeByteCount
                || self.byteCount / self.limits.ratioMax <= self.compressedByteCount
        else {
            throw IndelibleError(
                .resourceExhausted,
                "The file decompresses to more than \(self.limits.ratioMax) times its size, as no log does. Check where it "
                    + "comes from; decompress it yourself to import it all the same.",
            )
        }
    }

    @unsafe private mutating func inflateOnce(
        _ input: [UInt8],
        from position: Int,
    ) -> (status: Int32, consumed: Int, produced: Int) {
        let stream = unsafe self.stream
        let status = unsafe input.withUnsafeBufferPointer { input in
            unsafe self.piece.withUnsafeMutableBufferPointer { piece in
                // zlib does not write through next_in; its type only lacks the const.
                unsafe stream.pointee.next_in = unsafe input.baseAddress.map {
                    unsafe UnsafeMutablePointer(mutating: $0 + position)
                }
                unsafe stream.pointee.avail_in = UInt32(input.count - position)
                unsafe stream.pointee.next_out = piece.baseAddress
                unsafe stream.pointee.avail_out = UInt32(piece.count)
                return unsafe inflate(stream, Z_NO_FLUSH)
            }
        }
        let unread = unsafe Int(stream.pointee.avail_in)
        let unwritten = unsafe Int(stream.pointee.avail_out)
        return (status, input.count - position - unread, Self.pieceByteCount - unwritten)
    }
}
