package import Cryptography
package import Primitives

/// A named private key that signs notes or cosigns checkpoints.
///
/// Its text form, called skey, follows Go's `golang.org/x/mod/sumdb/note`:
/// `PRIVATE+KEY+name+keyID+base64(type || 32-byte seed)`.
package struct NoteSigner: Sendable {
    private static let prefix = "PRIVATE+KEY+"

    package let verifierKey: VerifierKey
    /// For signatures over bytes that are no note; what is signed starts with a line that says what it is.
    package let key: Ed25519.SigningKey

    package var name: String { self.verifierKey.name }

    /// Takes a 32-byte seed (RFC 8032, section 5.1.5).
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a name, a type or a seed that cannot be used.
    package init(name: String, type: KeyType, seed: [UInt8]) throws(IndelibleError) {
        guard type == .ed25519 || type == .cosignature else {
            throw IndelibleError(.unimplemented, "Keys of type \(type.byte) cannot sign here. Use an Ed25519 key.")
        }
        let key = try Ed25519.SigningKey(seed: seed)
        self.key = key
        self.verifierKey = try VerifierKey(name: name, type: type, publicKey: key.publicKey)
    }

    /// - Parameter text: one line, with or without an LF at its end.
    /// - Throws: ``IndelibleError/Code/invalidArgument``, never quoting any of the key.
    package init(privateKey text: String) throws(IndelibleError) {
        let line = text.utf8.last == UInt8(ascii: "\n") ? text.utf8.dropLast() : text.utf8[...]
        guard line.count <= VerifierKey.byteCountMax, line.starts(with: Self.prefix.utf8) else {
            throw Self.malformed
        }
        let parts = KeyName.fields(line.dropFirst(Self.prefix.utf8.count))
        guard parts.count == 3, let identifier = KeyName.identifier(hex: parts[1]),
            let blob = Base64.decode(parts[2]), let type = blob.first
        else { throw Self.malformed }
        try self.init(name: parts[0], type: KeyType(byte: type), seed: Array(blob.dropFirst()))
        guard identifier == self.verifierKey.identifier else {
            throw IndelibleError(
                .invalidArgument,
                "The private key of \(parts[0]) does not match the key ID in its file. Restore the file from a copy.",
            )
        }
    }

    /// The text form of a key, without an LF: a secret.
    ///
    /// - Throws: as ``init(name:type:seed:)``.
    package static func privateKey(name: String, type: KeyType, seed: [UInt8]) throws(IndelibleError) -> String {
        let identifier = try NoteSigner(name: name, type: type, seed: seed).verifierKey.identifier
        return "\(Self.prefix)\(name)+\(KeyName.hex(identifier))+\(Base64.encode([type.byte] + seed))"
    }

    /// A signature over a note's text.
    ///
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when the key is a cosigner's.
    package func sign(_ text: String) throws(IndelibleError) -> NoteSignature {
        guard self.verifierKey.type == .ed25519 else {
            throw IndelibleError(
                .failedPrecondition,
                "The key of \(self.name) is a cosigner's and signs no notes. Use a key of type 1.",
            )
        }
        return self.line(try self.key.sign(Array(text.utf8)))
    }

    /// A cosignature over a checkpoint, at a time in seconds since the Unix epoch.
    ///
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when the key is not a cosigner's;
    ///   ``IndelibleError/Code/outOfRange`` for another time.
    package func cosign(_ checkpoint: Checkpoint, at timestamp: UInt64) throws(IndelibleError) -> NoteSignature {
        guard self.verifierKey.type == .cosignature else {
            throw IndelibleError(
                .failedPrecondition,
                "The key of \(self.name) is a log's and cosigns no checkpoints. Use a key of type 4.",
            )
        }
        guard (1...Cosignature.timestampMax).contains(timestamp) else {
            throw IndelibleError(.outOfRange, "A cosignature cannot be made at \(timestamp) seconds. Set the clock.")
        }
        let signature = try self.key.sign(Cosignature.message(checkpoint.text, timestamp: timestamp))
        return self.line(Cosignature(timestamp: timestamp, signature: signature).bytes)
    }

    private func line(_ bytes: [UInt8]) -> NoteSignature {
        NoteSignature(name: self.name, keyIdentifier: self.verifierKey.identifier, bytes: bytes)
    }

    private static var malformed: IndelibleError {
        IndelibleError(
            .invalidArgument,
            "A private key has the form \(Self.prefix)name+8 hexadecimal digits+base64, on one line.",
        )
    }
}
