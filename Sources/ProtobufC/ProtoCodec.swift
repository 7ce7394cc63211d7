package import Primitives

/// How a Swift value is read from its generated protobuf-c struct.
///
/// Hides the struct, so that nothing outside the value's own file ever sees a C pointer.
@safe package struct ProtoCodec<Value: Sendable>: Sendable {
    @usableFromInline let descriptor: ProtoDescriptor
    @usableFromInline let read: @Sendable (UnsafeRawPointer) throws(IndelibleError) -> Value

    /// - Parameters:
    ///   - initialize: the generated `…__init`.
    ///   - read: copies what the struct points to; throws when a field breaks a rule that protobuf cannot state.
    @inlinable @unsafe package init<Generated: BitwiseCopyable>(
        _ initialize: (UnsafeMutablePointer<Generated>?) -> Void,
        _ read: @escaping @Sendable (Generated) throws(IndelibleError) -> Value,
    ) {
        self.descriptor = unsafe ProtoType(initialize).descriptor
        unsafe self.read = { (generated) throws(IndelibleError) in
            unsafe try read(generated.assumingMemoryBound(to: Generated.self).pointee)
        }
    }

    /// Reads a serialised message.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the bytes are malformed, exceed `limits`, or break a rule.
    @inlinable package func decode(
        _ bytes: Span<UInt8>,
        in arena: inout Arena,
        _ limits: ProtoLimits,
    ) throws(IndelibleError) -> Value {
        unsafe try self.read(try self.descriptor.unpack(bytes, in: &arena, limits))
    }

    /// Checks the form of `bytes` and nothing about their meaning, without decoding them.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the reason.
    package func check(_ bytes: Span<UInt8>, _ limits: ProtoLimits) throws(IndelibleError) {
        try self.descriptor.check(bytes, limits)
    }

    /// Reads a message that is part of another.
    ///
    /// - Parameter generated: a struct of this codec's type; another one is a bug and trips.
    /// - Returns: the value.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when it breaks a rule.
    @inlinable @unsafe package func copy(_ generated: UnsafeRawPointer) throws(IndelibleError) -> Value {
        precondition(unsafe self.descriptor.describes(generated), "the field holds another message")
        return unsafe try self.read(generated)
    }
}
