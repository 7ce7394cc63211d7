internal import COpenSSL
package import Primitives

/// SHA-256 of a message in one call (FIPS 180-4, section 6.2).
package enum SHA256 {
    /// - Returns: the hash of all `parts`, one after the other.
    /// - Throws: ``IndelibleError/Code/internal`` when libcrypto fails.
    package static func hash(_ parts: [UInt8]...) throws(IndelibleError) -> Digest {
        var hasher = try SHA256Hasher()
        for part in parts { try hasher.update(part.span) }
        return try hasher.finish()
    }
}
