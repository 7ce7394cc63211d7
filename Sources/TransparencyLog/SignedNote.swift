package import Primitives

/// A text with signature lines under it (C2SP signed-note).
///
/// Parsing proves nothing: use the text only after ``verified(by:)``. What parses is written back byte for byte the same.
package struct SignedNote: Sendable {
    /// Bytes of a whole note.
    package static let byteCountMax = 1_000_000
    /// The specification wants at least 16.
    package static let signatureCountMax = 100

    /// The signed text; ends in LF.
    package let text: String
    package private(set) var signatures: [NoteSignature]

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `text` cannot stand in a note, or has no signature.
    package init(text: String, signatures: [NoteSignature]) throws(IndelibleError) {
        try Self.check(text)
        guard text.utf8.last == UInt8(ascii: "\n") else {
            throw IndelibleError(.invalidArgument, "The text of a note must end in a line feed.")
        }
        guard !signatures.isEmpty else { throw IndelibleError(.invalidArgument, "A note needs a signature.") }
        self.text = text
        self.signatures = []
        for signature in signatures { try self.add(signature) }
    }

    /// - Throws: ``IndelibleError/Code/invalidArgument``, saying which rule is broken.
    package init(parsing bytes: [UInt8]) throws(IndelibleError) {
        guard bytes.count <= Self.byteCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "A note may have \(Self.byteCountMax) bytes, this one has \(bytes.count).",
            )
        }
        guard let separator = Self.separator(in: bytes) else {
            throw IndelibleError(.invalidArgument, "A note needs an empty line between its text and its signatures.")
        }
        guard let text = String(validating: bytes[...separator], as: UTF8.self) else {
            throw IndelibleError(.invalidArgument, "A note must be UTF-8.")
        }
        try Self.check(text)
        self.text = text
        self.signatures = try Self.signatureLines(Array(bytes[(separator + 2)...]))
    }

    /// Reads signature lines alone, as a witness answers them.
    ///
    /// - Parameter bytes: 1 to ``signatureCountMax`` lines, each with its LF.
    /// - Returns: the lines in their order, not verified.
    /// - Throws: ``IndelibleError/Code/invalidArgument``.
    package static func signatureLines(_ bytes: [UInt8]) throws(IndelibleError) -> [NoteSignature] {
        var cursor = LineCursor(bytes)
        var signatures: [NoteSignature] = []
        while let line = cursor.next() {
            guard signatures.count < Self.signatureCountMax else {
                throw IndelibleError(.invalidArgument, "A note may have \(Self.signatureCountMax) signatures.")
            }
            signatures.append(try NoteSignature(parsing: line))
        }
        guard cursor.rest.isEmpty, !signatures.isEmpty else {
            throw IndelibleError(.invalidArgument, "A note must end in UTF-8 signature lines with a line feed each.")
        }
        return signatures
    }

    package var serialized: String { self.signatures.reduce(into: self.text + "\n") { $0 += $1.line } }

    package var bytes: [UInt8] { Array(self.serialized.utf8) }

    /// Appends a signature, or puts it in the place of the same key's earlier one.
    ///
    /// - Throws: ``IndelibleError/Code/resourceExhausted`` when the note has ``signatureCountMax`` already.
    package mutating func add(_ signature: NoteSignature) throws(IndelibleError) {
        if let position = self.signatures.firstIndex(where: { $0.isBySameKey(as: signature) }) {
            self.signatures[position] = signature
            return
        }
        guard self.signatures.count < Self.signatureCountMax else {
            throw IndelibleError(.resourceExhausted, "A note may have \(Self.signatureCountMax) signatures.")
        }
        self.signatures.append(signature)
    }

    /// The signatures by `keys`, in the order of their lines, one for each key.
    ///
    /// Lines by other keys are ignored, as are those of types that this build does not know.
    ///
    /// - Throws: ``IndelibleError/Code/dataLoss`` when a line by one of `keys` does not verify, whatever the others say;
    ///   ``IndelibleError/Code/unauthenticated`` when none is by any of `keys`.
    package func verified(by keys: [VerifierKey]) throws(IndelibleError) -> [VerifiedSignature] {
        let verified = try self.checked(by: keys)
        guard !verified.isEmpty else {
            throw IndelibleError(
                .unauthenticated,
                "None of the note's \(self.signatures.count) signatures is by a known key. Check the verifier keys in use.",
            )
        }
        return verified
    }

    /// As ``verified(by:)``, but none at all is an answer too.
    package func checked(by keys: [VerifierKey]) throws(IndelibleError) -> [VerifiedSignature] {
        var verified: [VerifiedSignature] = []
        for signature in self.signatures {
            guard let key = keys.first(where: { $0.isNamed(in: signature) && $0.isVerifiable }) else { continue }
            guard let result = key.verify(signature, over: self.text) else {
                throw IndelibleError(.dataLoss, "The note's signature by \(key.name) does not verify.")
            }
            if !verified.contains(where: { $0.key == key }) { verified.append(result) }
        }
        return verified
    }

    /// Position of the last LF that another follows.
    private static func separator(in bytes: [UInt8]) -> Int? {
        let lineFeed = UInt8(ascii: "\n")
        return bytes.indices.dropLast().last { bytes[$0] == lineFeed && bytes[$0 + 1] == lineFeed }
    }

    private static func check(_ text: String) throws(IndelibleError) {
        guard text.utf8.allSatisfy({ $0 >= 0x20 || $0 == UInt8(ascii: "\n") }) else {
            throw IndelibleError(.invalidArgument, "The text of a note has no control characters but line feeds.")
        }
    }
}

extension SignedNote: Equatable {
    package static func == (left: SignedNote, right: SignedNote) -> Bool {
        left.text.hasSameBytes(as: right.text) && left.signatures == right.signatures
    }
}

/// A signature that verified.
package struct VerifiedSignature: Equatable, Sendable {
    package let key: VerifierKey
    package let signature: NoteSignature
    /// Seconds since the Unix epoch at which a cosigner signed; `nil` for a log's own signature, which has no time.
    package let timestamp: UInt64?
}
