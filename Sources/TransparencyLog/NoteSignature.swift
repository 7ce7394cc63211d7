package import Primitives

/// One signature line of a note: who says to have signed, and the signature.
///
/// Nothing in it is verified.
package struct NoteSignature: Sendable {
    /// The line's first three bytes are U+2014, an em dash.
    static let prefix = "\u{2014} "

    package let name: String
    /// Tells keys of one name apart; see ``VerifierKey/identifier``.
    package let keyIdentifier: UInt32
    /// What the key's type says, never empty: 64 bytes for Ed25519, 72 for a cosignature.
    package let bytes: [UInt8]

    package init(name: String, keyIdentifier: UInt32, bytes: [UInt8]) {
        precondition(KeyName.isValid(name) && !bytes.isEmpty, "a signature line needs a key name and a signature")
        self.name = name
        self.keyIdentifier = keyIdentifier
        self.bytes = bytes
    }

    /// - Parameter line: without its LF.
    /// - Throws: ``IndelibleError/Code/invalidArgument``.
    package init(parsing line: String) throws(IndelibleError) {
        guard line.utf8.starts(with: Self.prefix.utf8) else {
            throw IndelibleError(.invalidArgument, "A signature line starts with an em dash (U+2014) and one space.")
        }
        let fields = line.utf8.dropFirst(Self.prefix.utf8.count)
            .split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard fields.count == 2, let name = String(fields[0]), let encoded = String(fields[1]), KeyName.isValid(name)
        else {
            throw IndelibleError(
                .invalidArgument,
                "A signature line must be an em dash, a key name without white space and '+', and base64.",
            )
        }
        guard let blob = Base64.decode(encoded), blob.count > 4 else {
            throw IndelibleError(
                .invalidArgument,
                "The signature line of \(name) must hold canonical base64 of a 4-byte key ID and a signature.",
            )
        }
        self.init(
            name: name,
            keyIdentifier: blob.prefix(4).reduce(0) { $0 << 8 | UInt32($1) },
            bytes: Array(blob.dropFirst(4)),
        )
    }

    /// The line with its LF, as it stands in a note.
    package var line: String {
        "\(Self.prefix)\(self.name) \(Base64.encode(KeyName.bytes(self.keyIdentifier) + self.bytes))\n"
    }

    /// Whether both lines are by a key of the same name and identifier.
    package func isBySameKey(as other: NoteSignature) -> Bool {
        self.keyIdentifier == other.keyIdentifier && self.name.hasSameBytes(as: other.name)
    }
}

extension NoteSignature: Equatable {
    package static func == (left: NoteSignature, right: NoteSignature) -> Bool {
        left.isBySameKey(as: right) && left.bytes == right.bytes
    }
}
