internal import COpenSSL
package import Primitives

/// Random bytes that nobody can guess.
package enum SecureRandom {
    /// - Throws: ``IndelibleError/Code/internal`` when the system's generator fails; there is no fallback.
    package static func bytes(_ count: Int) throws(IndelibleError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe RAND_bytes(&bytes, Int32(count)) == 1 else { throw IndelibleError.libcrypto("draw random bytes") }
        return bytes
    }
}
