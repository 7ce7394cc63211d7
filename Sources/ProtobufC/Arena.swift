package import CIndelibleProto
package import Primitives

/// Memory for decoded or half-built protobuf-c messages: one block, bumped, freed at once, never grown.
///
/// Hostile bytes can ask protobuf-c for a hundred times their own size; here they get at most the capacity. Pointers
/// handed out live until ``reset()`` or the end of the arena.
@safe package struct Arena: ~Copyable {
    /// On the heap, as the allocator within holds its own address.
    private let block: UnsafeMutablePointer<indelible_arena>

    /// - Parameter byteCountMax: capacity in bytes, taken now.
    /// - Throws: ``IndelibleError/Code/resourceExhausted`` when the system has no memory.
    package init(byteCountMax: Int) throws(IndelibleError) {
        precondition(byteCountMax > 0, "an arena has at least one byte")
        let block = UnsafeMutablePointer<indelible_arena>.allocate(capacity: 1)
        unsafe block.initialize(to: indelible_arena())
        guard unsafe indelible_arena_open(block, byteCountMax) == 0 else {
            unsafe block.deallocate()
            throw IndelibleError(
                .resourceExhausted,
                "There is no memory for a message arena of \(byteCountMax) bytes. Free memory on this machine.",
            )
        }
        unsafe self.block = block
    }

    deinit {
        unsafe indelible_arena_close(self.block)
        unsafe self.block.deallocate()
    }

    /// Bytes handed out since the last ``reset()``.
    package var byteCountUsed: Int { unsafe self.block.pointee.used }

    package var byteCountMax: Int { unsafe self.block.pointee.capacity }

    /// Takes everything back; no pointer from before may be used after.
    package mutating func reset() {
        unsafe self.block.pointee.used = 0
    }

    /// For protobuf-c: refuses with NULL when the arena is used up.
    internal var allocator: UnsafeMutablePointer<ProtobufCAllocator> {
        unsafe UnsafeMutableRawPointer(self.block).assumingMemoryBound(to: ProtobufCAllocator.self)
    }
}

/// Building messages to pack: what their pointers point to is placed here.
extension Arena {
    /// - Returns: a copy of `text` that ends in NUL, for a `string` field.
    /// - Throws: ``IndelibleError/Code/resourceExhausted`` when the arena is used up,
    ///   ``IndelibleError/Code/invalidArgument`` when `text` has a NUL.
    @unsafe package mutating func place(_ text: String) throws(IndelibleError) -> UnsafeMutablePointer<CChar> {
        let utf8 = Array(text.utf8)
        guard !utf8.contains(0) else {
            throw IndelibleError(.invalidArgument, "A text field has a NUL character. Remove it.")
        }
        let target = unsafe try self.take(utf8.count + 1)
        unsafe target.copyMemory(from: utf8, byteCount: utf8.count)
        unsafe target.storeBytes(of: 0, toByteOffset: utf8.count, as: UInt8.self)
        return unsafe target.assumingMemoryBound(to: CChar.self)
    }

    /// - Returns: a copy of `bytes`, for a `bytes` field.
    /// - Throws: ``IndelibleError/Code/resourceExhausted`` when the arena is used up.
    @unsafe package mutating func place(_ bytes: Span<UInt8>) throws(IndelibleError) -> ProtobufCBinaryData {
        guard !bytes.isEmpty else { return unsafe ProtobufCBinaryData(len: 0, data: nil) }
        let target = unsafe try self.take(bytes.count)
        unsafe bytes.withUnsafeBytes {
            unsafe UnsafeMutableRawBufferPointer(start: target, count: $0.count).copyMemory(from: $0)
        }
        return unsafe ProtobufCBinaryData(len: bytes.count, data: target.assumingMemoryBound(to: UInt8.self))
    }

    @unsafe package mutating func place(_ bytes: [UInt8]) throws(IndelibleError) -> ProtobufCBinaryData {
        unsafe try self.place(bytes.span)
    }

    /// - Returns: where `message` now lives, for a field that holds a message or as an element of ``place(all:)``.
    /// - Throws: ``IndelibleError/Code/resourceExhausted`` when the arena is used up.
    @unsafe package mutating func place<Value: BitwiseCopyable>(
        one value: Value
    ) throws(IndelibleError) -> UnsafeMutablePointer<Value> {
        let target = unsafe try self.take(MemoryLayout<Value>.size).bindMemory(to: Value.self, capacity: 1)
        unsafe target.initialize(to: value)
        return unsafe target
    }

    /// - Returns: where the array of `values` now lives, for the pointer of a `repeated` field; `nil` when it is empty.
    /// - Throws: ``IndelibleError/Code/resourceExhausted`` when the arena is used up.
    @unsafe package mutating func place<Value: BitwiseCopyable>(
        all values: [Value]
    ) throws(IndelibleError) -> UnsafeMutablePointer<Value>? {
        guard !values.isEmpty else { return nil }
        let target = unsafe try self.take(MemoryLayout<Value>.stride * values.count)
            .bindMemory(to: Value.self, capacity: values.count)
        unsafe target.initialize(from: values, count: values.count)
        return unsafe target
    }

    /// - Returns: memory at a multiple of 16.
    private mutating func take(_ byteCount: Int) throws(IndelibleError) -> UnsafeMutableRawPointer {
        let taken = unsafe self.allocator.pointee.alloc(UnsafeMutableRawPointer(self.block), byteCount)
        guard let taken = unsafe taken else {
            throw IndelibleError(
                .resourceExhausted,
                "A message needs more than the \(self.byteCountMax) bytes that it may take in memory. Send less at once.",
            )
        }
        return unsafe taken
    }
}
