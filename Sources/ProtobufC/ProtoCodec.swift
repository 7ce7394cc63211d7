internal import CIndelibleProto
package import Primitives

/// How a Swift value is read from its generated protobuf-c struct.
///
/// Hides the struct, so that nothing outside the value's own file ever sees a C pointer.
@safe package struct ProtoCodec<Value: Sendable>: Sendable {
    private let decode: @Sendable (Span<UInt8>, inout Arena, ProtoLimits) throws(IndelibleError) -> Value
    private let verify: @Sendable (Span<UInt8>, ProtoLimits) throws(IndelibleError) -> Void
    private let copy: @Sendable (UnsafeRawPointer) throws(IndelibleError) -> Value

    /// - Parameters:
    ///   - initialize: the generated `…__init`.
    ///   - read: copies what the struct points to; throws when a field breaks a rule that protobuf cannot state.
    @unsafe package init<Generated: BitwiseCopyable>(
        _ initialize: (UnsafeMutablePointer<Generated>?) -> Void,
        _ read: @escaping @Sendable (Generated) throws(IndelibleError) -> Value,
    ) {
        let type = unsafe ProtoType(initialize)
        self.decode = { (bytes, arena, limits) throws(IndelibleError) in
            unsafe try type.withUnpacked(bytes, in: &arena, limits) { (generated) throws(IndelibleError) in
                unsafe try read(generated.pointee)
            }
        }
        self.verify = { (bytes, limits) throws(IndelibleError) in try type.check(bytes, limits) }
        unsafe self.copy = { (generated) throws(IndelibleError) in
            precondition(unsafe type.describes(generated), "the field holds another message")
            return unsafe try read(generated.assumingMemoryBound(to: Generated.self).pointee)
        }
    }

    /// Reads a serialised message.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the bytes are malformed, exceed `limits`, or break a rule.
    package func decode(
        _ bytes: Span<UInt8>,
        in arena: inout Arena,
        _ limits: ProtoLimits,
    ) throws(IndelibleError) -> Value {
        try self.decode(bytes, &arena, limits)
    }

    /// Checks the form of `bytes` and nothing about their meaning, without decoding them.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the reason.
    package func check(_ bytes: Span<UInt8>, _ limits: ProtoLimits) throws(IndelibleError) {
        try self.verify(bytes, limits)
    }

    /// Reads a message that is part of another.
    ///
    /// - Parameter generated: a struct of this codec's type; another one is a bug and trips.
    /// - Returns: the value.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when it breaks a rule.
    @unsafe package func copy(_ generated: UnsafeRawPointer) throws(IndelibleError) -> Value {
        unsafe try self.copy(generated)
    }
}
