package import Primitives

/// Reads and writes of arrays, for files and structures that are small or rare.
extension File {
    /// Up to `count` bytes from `offset`; fewer only where the file ends.
    package func read(_ count: Int, at offset: UInt64) throws(IndelibleError) -> [UInt8] {
        var failure: IndelibleError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(IndelibleError) {
                initialized = try unsafe self.read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    package func write(_ bytes: [UInt8], at offset: UInt64) throws(IndelibleError) {
        var failure: IndelibleError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(IndelibleError) { try unsafe self.write(buffer, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
