internal import COpenSSL
package import Primitives

/// Authenticated encryption with AES-256-GCM (NIST SP 800-38D).
///
/// A sealed message is `nonce (12) ‖ ciphertext ‖ tag (16)`. Nonces are random, so one key may seal at most 2³²
/// messages (section 8.3).
package enum AEAD {
    package static let keyByteCount = 32
    package static let nonceByteCount = 12
    package static let tagByteCount = 16
    /// What sealing adds to a message.
    package static let overheadByteCount = nonceByteCount + tagByteCount
    /// The longest message that libcrypto takes in one call.
    package static let messageByteCountMax = Int(Int32.max) - overheadByteCount

    /// Encrypts and authenticates under a random nonce.
    ///
    /// - Parameters:
    ///   - message: At most ``messageByteCountMax`` bytes.
    ///   - key: ``keyByteCount`` bytes.
    ///   - context: Authenticated and not encrypted: what the message belongs to.
    /// - Returns: ``overheadByteCount`` more bytes than `message` has.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a key or message of a wrong length.
    package static func seal(
        _ message: [UInt8],
        key: [UInt8],
        context: [UInt8] = [],
    ) throws(IndelibleError) -> [UInt8] {
        try Self.seal(message, key: key, nonce: SecureRandom.bytes(Self.nonceByteCount), context: context)
    }

    /// Seals with a nonce that the caller guarantees to be new for `key`.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a key, nonce or message of a wrong length.
    package static func seal(
        _ message: [UInt8],
        key: [UInt8],
        nonce: [UInt8],
        context: [UInt8],
    ) throws(IndelibleError) -> [UInt8] {
        try Self.checkLengths(key: key, nonce: nonce, context: context, messageByteCount: message.count)
        let cipher = unsafe EVP_CIPHER_CTX_new()
        defer { unsafe EVP_CIPHER_CTX_free(cipher) }
        var count: Int32 = 0
        var ciphertext = [UInt8](repeating: 0, count: message.count)
        var tag = [UInt8](repeating: 0, count: Self.tagByteCount)
        guard unsafe EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            unsafe EVP_EncryptUpdate(cipher, nil, &count, context, Int32(context.count)) == 1,
            unsafe EVP_EncryptUpdate(cipher, &ciphertext, &count, message, Int32(message.count)) == 1,
            unsafe EVP_EncryptFinal_ex(cipher, nil, &count) == 1,
            unsafe EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1
        else { throw IndelibleError.libcrypto("seal \(message.count) bytes") }
        return nonce + ciphertext + tag
    }

    /// - Returns: the message that was sealed with the same key and context.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when `sealed` is too short, was altered, or belongs to another key or
    ///   context; ``IndelibleError/Code/invalidArgument`` for a key of a wrong length.
    package static func open(
        _ sealed: [UInt8],
        key: [UInt8],
        context: [UInt8] = [],
    ) throws(IndelibleError) -> [UInt8] {
        let refusal = IndelibleError(
            .dataLoss,
            "Could not open \(sealed.count) sealed bytes: they were altered, or the key is not the one that sealed them.",
        )
        guard sealed.count >= Self.overheadByteCount else { throw refusal }
        let nonce = Array(sealed.prefix(Self.nonceByteCount))
        let ciphertext = Array(sealed.dropFirst(Self.nonceByteCount).dropLast(Self.tagByteCount))
        var tag = Array(sealed.suffix(Self.tagByteCount))
        try Self.checkLengths(key: key, nonce: nonce, context: context, messageByteCount: ciphertext.count)
        let cipher = unsafe EVP_CIPHER_CTX_new()
        defer { unsafe EVP_CIPHER_CTX_free(cipher) }
        var count: Int32 = 0
        var message = [UInt8](repeating: 0, count: ciphertext.count)
        guard unsafe EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            unsafe EVP_DecryptUpdate(cipher, nil, &count, context, Int32(context.count)) == 1,
            unsafe EVP_DecryptUpdate(cipher, &message, &count, ciphertext, Int32(ciphertext.count)) == 1,
            unsafe EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1
        else { throw IndelibleError.libcrypto("open \(sealed.count) bytes") }
        guard unsafe EVP_DecryptFinal_ex(cipher, nil, &count) == 1 else {
            ERR_clear_error()
            throw refusal
        }
        return message
    }

    private static func checkLengths(
        key: [UInt8],
        nonce: [UInt8],
        context: [UInt8],
        messageByteCount: Int,
    ) throws(IndelibleError) {
        guard key.count == Self.keyByteCount, nonce.count == Self.nonceByteCount else {
            throw IndelibleError(
                .invalidArgument,
                "AES-256-GCM takes a key of 32 bytes and a nonce of 12, not of \(key.count) and \(nonce.count).",
            )
        }
        guard max(messageByteCount, context.count) <= Self.messageByteCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "At most \(Self.messageByteCountMax) bytes can be sealed in one piece, not \(messageByteCount).",
            )
        }
    }
}
