internal import Cryptography
package import Primitives

/// The public side of a key that seals batches.
package struct CollectorKey: Hashable, Sendable {
    /// Name that stamps and seals carry; valid as a key name of C2SP signed-note.
    package let name: String
    /// 32 bytes, Ed25519.
    package let publicKey: [UInt8]
    /// First 4 bytes of SHA-256(name || LF || 0x01 || public key), as in C2SP signed-note.
    package let keyID: [UInt8]

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the name is empty, longer than 255 bytes or has white space or
    ///   a plus sign, or the key does not have 32 bytes.
    package init(name: String, publicKey: [UInt8]) throws(IndelibleError) {
        guard !name.isEmpty, name.utf8.count <= Self.nameByteCountMax,
            !name.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0 == "+" || $0 == "\0" })
        else {
            throw IndelibleError(
                .invalidArgument,
                "A collector's name has 1 to \(Self.nameByteCountMax) bytes without white space or '+'. Choose another.",
            )
        }
        guard publicKey.count == Ed25519.publicKeyByteCount else {
            throw IndelibleError(
                .invalidArgument,
                "An Ed25519 public key has \(Ed25519.publicKeyByteCount) bytes, this one has \(publicKey.count).",
            )
        }
        self.name = name
        self.publicKey = publicKey
        self.keyID = try Array(SHA256.hash(Array(name.utf8), [0x0a, 0x01], publicKey).bytes.prefix(4))
    }

    package static let nameByteCountMax = 255

    /// The verifier key of C2SP signed-note: `name+hex(key id)+base64(0x01 || public key)`.
    package var verifierKey: String {
        "\(self.name)+\(Hex.encode(self.keyID))+\(Base64.encode([0x01] + self.publicKey))"
    }
}
