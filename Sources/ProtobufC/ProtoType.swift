internal import CIndelibleProto
package import Primitives

/// A generated protobuf-c message type: its C struct and its descriptor, together.
///
/// `ProtoType(indelible__v1__hello__init)` is all it takes; the generated initializer names the struct and knows the
/// descriptor. `@unchecked Sendable`: an empty message points to constants only.
@safe package struct ProtoType<Message: BitwiseCopyable>: @unchecked Sendable {
    package let descriptor: ProtoDescriptor
    /// A message with every field at its default, to copy, fill in and ``pack(_:)``.
    package let empty: Message

    /// - Parameter initialize: the generated `…__init`.
    package init(_ initialize: (UnsafeMutablePointer<Message>?) -> Void) {
        let message = UnsafeMutablePointer<Message>.allocate(capacity: 1)
        defer { unsafe message.deallocate() }
        unsafe initialize(message)
        self.descriptor = unsafe ProtoDescriptor(of: message)
        self.empty = unsafe message.pointee
    }

    /// Checks the form of `bytes` and nothing about their meaning: tags, lengths, nesting, number of fields, UTF-8.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the reason.
    package func check(_ bytes: Span<UInt8>, _ limits: ProtoLimits) throws(IndelibleError) {
        try self.descriptor.check(bytes, limits)
    }

    /// Decodes `bytes` into `arena`; the message points into the arena only, so `bytes` may go away.
    ///
    /// - Parameters:
    ///   - bytes: the whole serialised message.
    ///   - arena: not reset here, so several messages may share it.
    ///   - limits: depth and number of fields; the arena is its own limit of memory.
    ///   - body: reads the message; the pointer dies with the arena.
    /// - Returns: what `body` returned.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the bytes are malformed or need more than the arena has, and
    ///   whatever `body` throws.
    @inlinable package func withUnpacked<Result>(
        _ bytes: Span<UInt8>,
        in arena: inout Arena,
        _ limits: ProtoLimits = ProtoLimits(),
        _ body: (UnsafePointer<Message>) throws(IndelibleError) -> Result,
    ) throws(IndelibleError) -> Result {
        let message = unsafe try self.descriptor.unpack(bytes, in: &arena, limits)
        return try unsafe body(message.assumingMemoryBound(to: Message.self))
    }

    /// As ``withUnpacked(_:in:_:_:)`` with an arena of its own, of `limits.arenaByteCountMax` bytes.
    package func withUnpacked<Result>(
        _ bytes: Span<UInt8>,
        _ limits: ProtoLimits = ProtoLimits(),
        _ body: (UnsafePointer<Message>) throws(IndelibleError) -> Result,
    ) throws(IndelibleError) -> Result {
        var arena = try Arena(byteCountMax: limits.arenaByteCountMax)
        return unsafe try self.withUnpacked(bytes, in: &arena, limits, body)
    }

    /// - Returns: the serialised message; fields in the order of their numbers.
    package func pack(_ message: Message) -> [UInt8] {
        unsafe withUnsafePointer(to: message) { message in
            let base = unsafe UnsafeRawPointer(message).assumingMemoryBound(to: ProtobufCMessage.self)
            let byteCount = unsafe protobuf_c_message_get_packed_size(base)
            return unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
                count = unsafe protobuf_c_message_pack(base, buffer.baseAddress)
            }
        }
    }
}
