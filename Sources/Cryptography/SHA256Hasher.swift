internal import COpenSSL
package import Primitives

/// Incremental SHA-256 over libcrypto (FIPS 180-4, section 6.2).
///
/// Owns one `EVP_MD_CTX`. ``finish()`` consumes the hasher, so use after finalisation does not compile.
@safe package struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer

    /// The algorithm, looked up once: OpenSSL 3 would look it up anew for every hash, which takes longer than a short one.
    ///
    /// `@unchecked Sendable`: `EVP_MD` is reference counted and immutable. Held for as long as the process runs.
    @safe private final class Algorithm: @unchecked Sendable {
        /// `nil` when libcrypto has no SHA-256; starting a hash says so.
        let pointer: OpaquePointer?

        static let sha256 = Algorithm()

        private init() { unsafe self.pointer = EVP_MD_fetch(nil, "SHA256", nil) }
    }

    /// - Throws: ``IndelibleError/Code/internal`` when libcrypto is out of memory or has SHA-256 disabled.
    package init() throws(IndelibleError) {
        let context = unsafe EVP_MD_CTX_new()
        guard let context = unsafe context, unsafe EVP_DigestInit_ex(context, Algorithm.sha256.pointer, nil) == 1 else {
            unsafe EVP_MD_CTX_free(context)  // Accepts NULL.
            throw IndelibleError.libcrypto("start SHA-256")
        }
        unsafe self.context = context  // Last: a throwing init must not own anything yet.
    }

    deinit { unsafe EVP_MD_CTX_free(self.context) }

    package mutating func update(_ bytes: Span<UInt8>) throws(IndelibleError) {
        let status = unsafe bytes.withUnsafeBufferPointer {
            unsafe EVP_DigestUpdate(self.context, $0.baseAddress, $0.count)
        }
        guard status == 1 else { throw IndelibleError.libcrypto("hash \(bytes.count) bytes") }
    }

    package consuming func finish() throws(IndelibleError) -> Digest {
        var output = [UInt8](repeating: 0, count: Digest.byteCount)
        let status = unsafe output.withUnsafeMutableBufferPointer {
            unsafe EVP_DigestFinal_ex(self.context, $0.baseAddress, nil)
        }
        guard status == 1, let digest = Digest(output) else { throw IndelibleError.libcrypto("finish SHA-256") }
        return digest
    }
}

extension IndelibleError {
    /// Takes the oldest entry off libcrypto's per-thread error queue and empties the rest.
    package static func libcrypto(_ attempted: String) -> IndelibleError {
        let packed = ERR_get_error()
        ERR_clear_error()
        return IndelibleError(
            .internal,
            "Could not \(attempted). Check the OpenSSL installation (error \(packed)).",
        )
    }
}
