package import Primitives

/// Walks the fields of a serialised message without decoding it: the hot path of batches.
///
/// A cursor only, so that it borrows nothing: each ``next(in:)`` is given the bytes. Positions are into those bytes. Bounds
/// are checked; nothing is copied. See the protobuf encoding guide, "Message Structure".
@frozen package struct ProtoScanner: Sendable {
    /// One field as it stands on the wire.
    @frozen package struct Field: Sendable, Equatable {
        /// 1 to 536,870,911.
        package let number: UInt32
        package let value: Value

        @inlinable package init(number: UInt32, value: Value) {
            self.number = number
            self.value = value
        }

        /// The content when the field is a varint.
        @inlinable package var varint: UInt64? {
            guard case .varint(let value) = self.value else { return nil }
            return value
        }

        /// The content when the field is a fixed64.
        @inlinable package var fixed64: UInt64? {
            guard case .fixed64(let value) = self.value else { return nil }
            return value
        }

        /// Where the content is when the field is length-delimited.
        @inlinable package var range: Range<Int>? {
            guard case .bytes(let value) = self.value else { return nil }
            return value
        }
    }

    @frozen package enum Value: Sendable, Equatable {
        case varint(UInt64)
        case fixed64(UInt64)
        /// A string, bytes, message or packed field.
        case bytes(Range<Int>)
        case fixed32(UInt32)
    }

    /// Of the next tag.
    package private(set) var position: Int
    /// Where the message ends.
    package let end: Int

    /// - Parameter range: where the message stands in the bytes.
    @inlinable package init(_ range: Range<Int>) {
        self.init(position: range.lowerBound, end: range.upperBound)
    }

    @usableFromInline internal init(position: Int, end: Int) {
        self.position = position
        self.end = end
    }

    /// - Returns: the next field, or `nil` at the end of the message.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the bytes are not a message.
    package mutating func next(in bytes: Span<UInt8>) throws(IndelibleError) -> Field? {
        guard self.position < self.end else { return nil }
        precondition(self.end <= bytes.count, "the scanner was made for these bytes")
        let tag = try self.varint(in: bytes)
        let number = UInt32(truncatingIfNeeded: tag >> 3)
        guard number > 0, tag >> 3 <= Self.fieldNumberMax else { throw Self.malformed("a tag is out of range") }
        switch tag & 7 {
        case 0:
            return Field(number: number, value: .varint(try self.varint(in: bytes)))
        case 1:
            return Field(number: number, value: .fixed64(UInt64(littleEndian: try self.fixed(in: bytes))))
        case 2:
            let byteCount = try self.varint(in: bytes)
            guard byteCount <= UInt64(self.end - self.position) else {
                throw Self.malformed("a length is beyond the end")
            }
            let start = self.position
            self.position += Int(byteCount)
            return Field(number: number, value: .bytes(start..<self.position))
        case 5:
            return Field(number: number, value: .fixed32(UInt32(littleEndian: try self.fixed(in: bytes))))
        default:
            throw Self.malformed("a field has an unknown wire type")
        }
    }

    private static let fieldNumberMax: UInt64 = 0x1fff_ffff

    @inline(__always)
    private mutating func varint(in bytes: Span<UInt8>) throws(IndelibleError) -> UInt64 {
        if self.position < self.end {
            let byte = bytes[self.position]
            if byte < 0x80 {
                self.position &+= 1
                return UInt64(byte)
            }
        }
        return try self.longVarint(in: bytes)
    }

    private mutating func longVarint(in bytes: Span<UInt8>) throws(IndelibleError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard self.position < self.end else { throw Self.malformed("a number is cut short") }
            let byte = bytes[self.position]
            self.position &+= 1
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw Self.malformed("a number is longer than 64 bits")
    }

    private mutating func fixed<Number: FixedWidthInteger & BitwiseCopyable>(
        in bytes: Span<UInt8>
    ) throws(IndelibleError) -> Number {
        let byteCount = MemoryLayout<Number>.size
        guard byteCount <= self.end - self.position else { throw Self.malformed("a fixed number is cut short") }
        defer { self.position += byteCount }
        // In bounds: checked against `end`, and `end` against the bytes.
        return unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: self.position, as: Number.self)
    }

    private static func malformed(_ reason: String) -> IndelibleError {
        IndelibleError(
            .invalidArgument,
            "A protobuf message is malformed: \(reason). Check the sender's version and encoder.",
        )
    }
}
