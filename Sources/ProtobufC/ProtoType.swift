internal import CIndelibleProto
package import Primitives

/// A generated protobuf-c message type: its C struct and its descriptor, together.
///
/// `ProtoType(indelible__v1__hello__init)` is all it takes; the generated initializer names the struct and knows the
/// descriptor. `@unchecked Sendable`: descriptors are constants of the C library.
@safe package struct ProtoType<Message: BitwiseCopyable>: @unchecked Sendable {
    private let descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    /// A message with every field at its default, to copy, fill in and ``pack(_:)``.
    package let empty: Message

    /// - Parameter initialize: the generated `…__init`.
    package init(_ initialize: (UnsafeMutablePointer<Message>?) -> Void) {
        let message = UnsafeMutablePointer<Message>.allocate(capacity: 1)
        defer { unsafe message.deallocate() }
        unsafe initialize(message)
        // Every generated struct begins with its ProtobufCMessage.
        let base = unsafe UnsafeRawPointer(message).load(as: ProtobufCMessage.self)
        guard let descriptor = unsafe base.descriptor else {
            preconditionFailure("a generated initializer sets the descriptor")
        }
        unsafe self.descriptor = unsafe descriptor
        self.empty = unsafe message.pointee
    }

    /// The message's full name, such as `indelible.v1.Hello`.
    package var name: String { unsafe String(cString: self.descriptor.pointee.name) }

    /// Whether a generated struct is of this type.
    @unsafe internal func describes(_ generated: UnsafeRawPointer) -> Bool {
        unsafe generated.load(as: ProtobufCMessage.self).descriptor == self.descriptor
    }

    /// Checks the form of `bytes` and nothing about their meaning: tags, lengths, nesting, number of fields, UTF-8.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the reason.
    package func check(_ bytes: Span<UInt8>, _ limits: ProtoLimits) throws(IndelibleError) {
        let reason = unsafe bytes.withUnsafeBufferPointer { bytes in
            let limits = indelible_proto_limits(depth_max: limits.depthMax, fields_max: limits.fieldCountMax)
            return unsafe indelible_proto_check(self.descriptor, bytes.baseAddress, bytes.count, limits)
        }
        guard let reason = unsafe reason else { return }
        throw self.malformed(unsafe String(cString: reason))
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
    package func withUnpacked<Result>(
        _ bytes: Span<UInt8>,
        in arena: inout Arena,
        _ limits: ProtoLimits = ProtoLimits(),
        _ body: (UnsafePointer<Message>) throws(IndelibleError) -> Result,
    ) throws(IndelibleError) -> Result {
        try self.check(bytes, limits)
        let message = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe protobuf_c_message_unpack(self.descriptor, arena.allocator, bytes.count, bytes.baseAddress)
        }
        guard let message = unsafe message else {
            throw self.malformed("fields have the wrong type, or it needs over \(arena.byteCountMax) bytes of memory")
        }
        return try unsafe body(UnsafeRawPointer(message).assumingMemoryBound(to: Message.self))
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

    private func malformed(_ reason: String) -> IndelibleError {
        IndelibleError(
            .invalidArgument,
            "A \(self.name) message is malformed: \(reason). Check the sender's version and encoder.",
        )
    }
}
