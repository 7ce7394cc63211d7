internal import COpenSSL
package import Primitives

/// Ed25519 signatures (RFC 8032, section 5.1), pure mode.
package enum Ed25519 {
    package static let publicKeyByteCount = 32
    package static let seedByteCount = 32
    package static let signatureByteCount = 64

    /// Signs; keeps its seed inside libcrypto.
    ///
    /// `@unchecked Sendable`: `EVP_PKEY` is reference counted and immutable after creation, and each signature uses a
    /// context of its own.
    @safe package final class SigningKey: @unchecked Sendable {
        private let key: OpaquePointer
        package let publicKey: [UInt8]

        /// - Parameter seed: the 32 bytes of RFC 8032, section 5.1.5.
        /// - Throws: ``IndelibleError/Code/invalidArgument`` when `seed` has another length.
        package init(seed: [UInt8]) throws(IndelibleError) {
            guard seed.count == Ed25519.seedByteCount else {
                throw IndelibleError(.invalidArgument, "An Ed25519 seed has 32 bytes, this one has \(seed.count).")
            }
            let key = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
            guard let key = unsafe key else { throw IndelibleError.libcrypto("load an Ed25519 seed") }
            var publicKey = [UInt8](repeating: 0, count: Ed25519.publicKeyByteCount)
            var count = publicKey.count
            guard unsafe EVP_PKEY_get_raw_public_key(key, &publicKey, &count) == 1, count == publicKey.count else {
                unsafe EVP_PKEY_free(key)
                throw IndelibleError.libcrypto("derive an Ed25519 public key")
            }
            self.publicKey = publicKey
            unsafe self.key = key
        }

        deinit { unsafe EVP_PKEY_free(self.key) }

        /// - Returns: 64 bytes; the same message always gives the same signature.
        package func sign(_ message: [UInt8]) throws(IndelibleError) -> [UInt8] {
            let context = unsafe EVP_MD_CTX_new()
            defer { unsafe EVP_MD_CTX_free(context) }
            var signature = [UInt8](repeating: 0, count: Ed25519.signatureByteCount)
            var count = signature.count
            guard unsafe EVP_DigestSignInit(context, nil, nil, nil, self.key) == 1,
                unsafe EVP_DigestSign(context, &signature, &count, message, message.count) == 1
            else { throw IndelibleError.libcrypto("sign \(message.count) bytes") }
            return signature
        }
    }

    /// Verifies; keeps its key inside libcrypto, for signers that are met again and again.
    ///
    /// `@unchecked Sendable`: as ``SigningKey``.
    @safe package final class VerifyKey: @unchecked Sendable {
        private let key: OpaquePointer
        package let publicKey: [UInt8]

        /// - Parameter publicKey: the 32 bytes of RFC 8032, section 5.1.5; whether they are a point is found out by verifying.
        /// - Throws: ``IndelibleError/Code/invalidArgument`` when it has another length.
        package init(_ publicKey: [UInt8]) throws(IndelibleError) {
            guard publicKey.count == Ed25519.publicKeyByteCount else {
                throw IndelibleError(
                    .invalidArgument,
                    "An Ed25519 public key has 32 bytes, this one has \(publicKey.count).",
                )
            }
            let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
            guard let key = unsafe key else { throw IndelibleError.libcrypto("load an Ed25519 public key") }
            self.publicKey = publicKey
            unsafe self.key = key
        }

        deinit { unsafe EVP_PKEY_free(self.key) }

        /// - Returns: whether `signature` is by the holder of the key over `message`; `false` for a wrong length.
        package func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
            guard signature.count == Ed25519.signatureByteCount else { return false }
            let context = unsafe EVP_MD_CTX_new()
            defer { unsafe EVP_MD_CTX_free(context) }
            let valid =
                unsafe EVP_DigestVerifyInit(context, nil, nil, nil, self.key) == 1
                && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
            if !valid { ERR_clear_error() }
            return valid
        }
    }

    /// - Returns: whether `signature` is by the holder of `publicKey` over `message`; `false` for wrong lengths.
    package static func verify(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool {
        guard let key = try? VerifyKey(publicKey) else { return false }
        return key.verify(signature, of: message)
    }
}
