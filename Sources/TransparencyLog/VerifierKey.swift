internal import Cryptography
package import Primitives

/// A named public key: `name+keyID+base64(type || key)`, called vkey (C2SP signed-note, "Verifier keys").
package struct VerifierKey: Sendable {
    /// Bytes of the text form; the longest registered key (ML-DSA-44) needs about 2,100.
    package static let byteCountMax = 4096

    package let name: String
    package let type: KeyType
    package let publicKey: [UInt8]
    /// First four bytes, big-endian, of a hash over name, type and key.
    package let identifier: UInt32

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the name or the length of the key is not allowed.
    package init(name: String, type: KeyType, publicKey: [UInt8]) throws(IndelibleError) {
        guard KeyName.isValid(name) else {
            throw IndelibleError(
                .invalidArgument,
                "A key name has 1 to \(KeyName.byteCountMax) bytes and neither white space nor '+'.",
            )
        }
        let isKnown = type == .ed25519 || type == .cosignature
        guard isKnown ? publicKey.count == Ed25519.publicKeyByteCount : !publicKey.isEmpty else {
            throw IndelibleError(
                .invalidArgument,
                "The key of \(name) has \(publicKey.count) bytes; an Ed25519 key has \(Ed25519.publicKeyByteCount).",
            )
        }
        self.name = name
        self.type = type
        self.publicKey = publicKey
        self.identifier = try KeyName.identifier(name, type: type.byte, publicKey: publicKey)
    }

    /// - Throws: ``IndelibleError/Code/invalidArgument``; also when the key ID is not the one that name and key give.
    package init(parsing text: String) throws(IndelibleError) {
        let parts = KeyName.fields(text.utf8[...])
        guard text.utf8.count <= Self.byteCountMax, parts.count == 3,
            let identifier = KeyName.identifier(hex: parts[1]),
            let blob = Base64.decode(parts[2]), let type = blob.first
        else {
            throw IndelibleError(
                .invalidArgument,
                "A verifier key has the form name+8 hexadecimal digits+base64, on one line without white space.",
            )
        }
        try self.init(name: parts[0], type: KeyType(byte: type), publicKey: Array(blob.dropFirst()))
        guard identifier == self.identifier else {
            throw IndelibleError(
                .invalidArgument,
                "The verifier key of \(name) says ID \(KeyName.hex(identifier)), but its key has "
                    + "\(KeyName.hex(self.identifier)). Copy it again.",
            )
        }
    }

    /// Whether this build can verify signatures of the key's type.
    package var isVerifiable: Bool {
        switch self.type {
        case .ed25519, .cosignature: true
        case .unknown: false
        }
    }

    /// Whether a signature line names this key.
    package func isNamed(in signature: NoteSignature) -> Bool {
        self.identifier == signature.keyIdentifier && self.name.hasSameBytes(as: signature.name)
    }

    /// - Returns: `nil` when `signature` is not this key's over `text`.
    package func verify(_ signature: NoteSignature, over text: String) -> VerifiedSignature? {
        guard self.isNamed(in: signature) else { return nil }
        switch self.type {
        case .ed25519:
            guard Ed25519.verify(signature.bytes, of: Array(text.utf8), by: self.publicKey) else { return nil }
            return VerifiedSignature(key: self, signature: signature, timestamp: nil)
        case .cosignature:
            guard let cosignature = Cosignature(signature.bytes),
                Ed25519.verify(
                    cosignature.signature,
                    of: Cosignature.message(text, timestamp: cosignature.timestamp),
                    by: self.publicKey,
                )
            else { return nil }
            return VerifiedSignature(key: self, signature: signature, timestamp: cosignature.timestamp)
        case .unknown:
            return nil
        }
    }
}

extension VerifierKey: CustomStringConvertible {
    /// The vkey.
    package var description: String {
        "\(self.name)+\(KeyName.hex(self.identifier))+\(Base64.encode([self.type.byte] + self.publicKey))"
    }
}

extension VerifierKey: Equatable {
    package static func == (left: VerifierKey, right: VerifierKey) -> Bool {
        left.identifier == right.identifier && left.type == right.type && left.publicKey == right.publicKey
            && left.name.hasSameBytes(as: right.name)
    }
}
