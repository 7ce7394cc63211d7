package import Primitives

/// Appends protobuf fields to bytes: the hot path of small messages.
///
/// Numbers at their default and empty bytes are left out, as proto3 has it; the `always` forms write them, for elements of
/// repeated fields. What it makes equals what protobuf-c packs as long as fields are added in the order of their numbers.
package struct ProtoWriter: Sendable {
    package private(set) var bytes: [UInt8]

    /// - Parameter bytes: what to append to.
    package init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    /// Starts over, with the same memory.
    package mutating func removeAll() {
        self.bytes.removeAll(keepingCapacity: true)
    }

    package mutating func reserveCapacity(_ byteCount: Int) {
        self.bytes.reserveCapacity(byteCount)
    }

    /// A `uint32`, `uint64`, `bool` or enum field.
    package mutating func varint(_ number: UInt32, _ value: UInt64) {
        guard value != 0 else { return }
        self.tag(number, 0)
        self.appendVarint(value)
    }

    /// A `fixed64` field.
    package mutating func fixed64(_ number: UInt32, _ value: UInt64) {
        guard value != 0 else { return }
        self.tag(number, 1)
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe self.bytes.append(contentsOf: $0) }
    }

    /// A `fixed32` field.
    package mutating func fixed32(_ number: UInt32, _ value: UInt32) {
        guard value != 0 else { return }
        self.tag(number, 5)
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe self.bytes.append(contentsOf: $0) }
    }

    /// A `bytes` field of a hash.
    package mutating func digest(_ number: UInt32, _ value: Digest) {
        self.delimited(number, byteCount: Digest.byteCount)
        unsafe withUnsafeBytes(of: value) { unsafe self.bytes.append(contentsOf: $0) }
    }

    /// A `bytes` field, or a message that is already serialised and not empty.
    package mutating func bytes(_ number: UInt32, _ value: Span<UInt8>) {
        guard !value.isEmpty else { return }
        self.always(number, value)
    }

    package mutating func bytes(_ number: UInt32, _ value: [UInt8]) {
        self.bytes(number, value.span)
    }

    /// A `string` field.
    package mutating func text(_ number: UInt32, _ value: String) {
        var value = value
        value.makeContiguousUTF8()
        self.bytes(number, value.utf8.span)
    }

    /// An element of a repeated `bytes` or message field, or a message that is set though empty.
    package mutating func always(_ number: UInt32, _ value: Span<UInt8>) {
        self.delimited(number, byteCount: value.count)
        unsafe value.withUnsafeBufferPointer { unsafe self.bytes.append(contentsOf: $0) }
    }

    package mutating func always(_ number: UInt32, _ value: [UInt8]) {
        self.always(number, value.span)
    }

    /// A repeated `bytes` field of hashes.
    package mutating func digests(_ number: UInt32, _ values: [Digest]) {
        self.bytes.reserveCapacity(self.bytes.count + values.count * (Digest.byteCount + 2))
        for value in values { self.digest(number, value) }
    }

    /// Tag and length of a field whose `byteCount` bytes the caller appends next, with ``raw(_:)`` or further fields.
    package mutating func delimited(_ number: UInt32, byteCount: Int) {
        self.tag(number, 2)
        self.appendVarint(UInt64(byteCount))
    }

    /// A message, or a `bytes` field, that `body` writes in place.
    @inlinable package mutating func nested(_ number: UInt32, _ body: (inout ProtoWriter) -> Void) {
        let start = self.open(number)
        body(&self)
        self.close(from: start)
    }

    /// - Returns: where the nested bytes begin, if their length takes one byte.
    @usableFromInline package mutating func open(_ number: UInt32) -> Int {
        self.tag(number, 2)
        self.bytes.append(0)
        return self.bytes.count
    }

    /// Puts the length before what was written since `start`.
    @usableFromInline package mutating func close(from start: Int) {
        let byteCount = self.bytes.count - start
        let lengthCount = Self.varintByteCount(UInt64(byteCount))
        for _ in 1..<lengthCount { self.bytes.append(0) }
        if lengthCount > 1 {
            unsafe self.bytes.withUnsafeMutableBytes { bytes in
                let body = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<start + byteCount])
                unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[(start + lengthCount - 1)...]).copyMemory(
                    from: body
                )
            }
        }
        self.setVarint(UInt64(byteCount), at: start - 1)
    }

    /// Bytes as they are, without tag or length.
    package mutating func raw(_ value: Span<UInt8>) {
        unsafe value.withUnsafeBufferPointer { unsafe self.bytes.append(contentsOf: $0) }
    }

    /// As ``raw(_:)``.
    @unsafe mutating func raw(_ value: UnsafeRawBufferPointer) { unsafe self.bytes.append(contentsOf: value) }

    /// - Returns: how many bytes `value` takes as a varint, 1 to 10.
    package static func varintByteCount(_ value: UInt64) -> Int {
        (64 - (value | 1).leadingZeroBitCount + 6) / 7
    }

    private mutating func tag(_ number: UInt32, _ wireType: UInt32) {
        self.appendVarint(UInt64(number) << 3 | UInt64(wireType))
    }

    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Writes over bytes that are there.
    private mutating func setVarint(_ value: UInt64, at start: Int) {
        var rest = value
        var position = start
        while rest >= 0x80 {
            self.bytes[position] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            position += 1
        }
        self.bytes[position] = UInt8(truncatingIfNeeded: rest)
    }
}
