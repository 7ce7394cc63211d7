internal import Primitives

extension Array<Digest> {
    /// Digests that stand side by side.
    ///
    /// - Precondition: `bytes` has a multiple of 32.
    init(copying bytes: Span<UInt8>) {
        precondition(bytes.count.isMultiple(of: Digest.byteCount), "digests have 32 bytes each")
        let count = bytes.count / Digest.byteCount
        self = unsafe bytes.withUnsafeBufferPointer { source in
            unsafe [Digest](unsafeUninitializedCapacity: count) { digests, initialized in
                // A digest is its 32 bytes as they lie in memory.
                unsafe UnsafeMutableRawBufferPointer(digests).copyMemory(from: UnsafeRawBufferPointer(source))
                initialized = count
            }
        }
    }
}
