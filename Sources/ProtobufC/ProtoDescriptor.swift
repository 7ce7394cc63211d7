internal import CIndelibleProto
package import Primitives

/// What protobuf-c knows of a message type, whatever its C struct.
///
/// `@unchecked Sendable`: descriptors are constants of the C library.
@safe package struct ProtoDescriptor: @unchecked Sendable {
    private let descriptor: UnsafePointer<ProtobufCMessageDescriptor>

    /// - Parameter message: a struct that a generated initializer made.
    @unsafe package init(of message: UnsafeRawPointer) {
        // Every generated struct begins with its ProtobufCMessage.
        guard let descriptor = unsafe message.load(as: ProtobufCMessage.self).descriptor else {
            preconditionFailure("a generated initializer sets the descriptor")
        }
        unsafe self.descriptor = unsafe descriptor
    }

    /// The message's full name, such as `indelible.v1.Hello`.
    package var name: String { unsafe String(cString: self.descriptor.pointee.name) }

    /// Whether a generated struct is of this type.
    @unsafe package func describes(_ generated: UnsafeRawPointer) -> Bool {
        unsafe generated.load(as: ProtobufCMessage.self).descriptor == self.descriptor
    }

    /// As ``ProtoType/check(_:_:)``.
    package func check(_ bytes: Span<UInt8>, _ limits: ProtoLimits) throws(IndelibleError) {
        let reason = unsafe bytes.withUnsafeBufferPointer { bytes in
            let limits = indelible_proto_limits(depth_max: limits.depthMax, fields_max: limits.fieldCountMax)
            return unsafe indelible_proto_check(self.descriptor, bytes.baseAddress, bytes.count, limits)
        }
        guard let reason = unsafe reason else { return }
        throw self.malformed(unsafe String(cString: reason))
    }

    /// Checks and decodes.
    ///
    /// - Returns: the generated struct, in the arena.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the bytes are malformed or need more than the arena has.
    @unsafe package func unpack(
        _ bytes: Span<UInt8>,
        in arena: inout Arena,
        _ limits: ProtoLimits,
    ) throws(IndelibleError) -> UnsafeRawPointer {
        try self.check(bytes, limits)
        let message = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe protobuf_c_message_unpack(self.descriptor, arena.allocator, bytes.count, bytes.baseAddress)
        }
        guard let message = unsafe message else {
            throw self.malformed("fields have the wrong type, or it needs over \(arena.byteCountMax) bytes of memory")
        }
        return UnsafeRawPointer(message)
    }

    private func malformed(_ reason: String) -> IndelibleError {
        IndelibleError(
            .invalidArgument,
            "A \(self.name) message is malformed: \(reason). Check the sender's version and encoder.",
        )
    }
}
