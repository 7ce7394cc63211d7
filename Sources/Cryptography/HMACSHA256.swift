package import Primitives

/// Keyed hash (RFC 2104) with SHA-256.
package enum HMACSHA256 {
    private static let blockByteCount = 64

    /// - Returns: the 32 bytes that only a holder of `key` can compute for `message`; compare with ``ConstantTime``.
    /// - Throws: ``IndelibleError/Code/internal`` when libcrypto fails.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) throws(IndelibleError) -> Digest {
        var block = key.count > Self.blockByteCount ? try SHA256.hash(key).bytes : key
        block += [UInt8](repeating: 0, count: Self.blockByteCount - block.count)
        let inner = try SHA256.hash(block.map { $0 ^ 0x36 }, message)
        return try SHA256.hash(block.map { $0 ^ 0x5c }, inner.bytes)
    }
}
