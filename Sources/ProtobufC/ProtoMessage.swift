package import Primitives

/// A Swift value with a message of `proto/` as its serialised form.
///
/// Read through protobuf-c, in a capped arena and after a check of the bytes; written field by field, which gives the
/// bytes that protobuf-c would pack.
package protocol ProtoMessage: Sendable {
    static var codec: ProtoCodec<Self> { get }
    /// What a message may not exceed before it is read.
    static var limits: ProtoLimits { get }

    /// Appends the fields, in the order of their numbers.
    func write(to writer: inout ProtoWriter)
}

extension ProtoMessage {
    package static var limits: ProtoLimits { ProtoLimits() }

    /// Reads a serialised message.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the bytes are malformed, exceed ``limits``, or break a rule of
    ///   the message.
    @inlinable package init(serialized bytes: Span<UInt8>) throws(IndelibleError) {
        var arena = try Arena(byteCountMax: Self.limits.arenaByteCountMax)
        self = try Self.codec.decode(bytes, in: &arena, Self.limits)
    }

    /// - Throws: as for a span.
    @inlinable package init(serialized bytes: [UInt8]) throws(IndelibleError) {
        try self.init(serialized: bytes.span)
    }

    /// As ``init(serialized:)`` in an arena that is used again and again.
    ///
    /// - Throws: as there.
    @inlinable package init(serialized bytes: Span<UInt8>, in arena: inout Arena) throws(IndelibleError) {
        arena.reset()
        self = try Self.codec.decode(bytes, in: &arena, Self.limits)
    }

    /// Reads a message field; `nil` when it is not there.
    ///
    /// - Throws: whatever reading the message throws.
    @inlinable @inline(__always) @unsafe package static func optional<Generated>(
        _ pointer: UnsafeMutablePointer<Generated>?
    ) throws(IndelibleError) -> Self? {
        guard let pointer = unsafe pointer else { return nil }
        return unsafe try Self.codec.copy(pointer)
    }

    /// Reads a repeated message field.
    ///
    /// - Throws: whatever reading an element throws.
    @inlinable @inline(__always) @unsafe package static func all<Generated>(
        _ pointers: UnsafeMutablePointer<UnsafeMutablePointer<Generated>?>?,
        count: Int,
    ) throws(IndelibleError) -> [Self] {
        var values: [Self] = []
        values.reserveCapacity(count)
        for position in 0..<count {
            if let pointer = unsafe pointers?[position] { unsafe try values.append(Self.codec.copy(pointer)) }
        }
        return values
    }

    @inlinable package var serialized: [UInt8] {
        var writer = ProtoWriter()
        self.write(to: &writer)
        return writer.bytes
    }
}

extension ProtoWriter {
    /// A message field; left out for `nil`.
    @inlinable package mutating func message(_ number: UInt32, _ value: (some ProtoMessage)?) {
        if let value { self.nested(number) { value.write(to: &$0) } }
    }

    /// A repeated message field.
    @inlinable package mutating func messages(_ number: UInt32, _ values: [some ProtoMessage]) {
        // In place: taking an element out would retain all that it refers to.
        for position in values.indices { self.nested(number) { values[position].write(to: &$0) } }
    }

    /// A repeated string field.
    package mutating func texts(_ number: UInt32, _ values: [String]) {
        for value in values { self.always(number, Array(value.utf8)) }
    }

    /// A repeated bytes field.
    package mutating func each(_ number: UInt32, _ values: [[UInt8]]) {
        for value in values { self.always(number, value) }
    }
}

extension [String] {
    /// Reads a repeated string field.
    @unsafe package init(field pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, count: Int) {
        unsafe self = UnsafeBufferPointer(start: pointers, count: count).map { unsafe String(field: $0) }
    }
}
