package import Primitives

/// A checkpoint and the note that carries it.
package struct SignedCheckpoint: Equatable, Sendable {
    package let checkpoint: Checkpoint
    /// The log's signature first, as far as we write them, then cosignatures.
    package private(set) var note: SignedNote

    /// Signs a checkpoint.
    ///
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when `signer` holds a cosigner's key.
    package init(_ checkpoint: Checkpoint, signer: NoteSigner) throws(IndelibleError) {
        self.checkpoint = checkpoint
        self.note = try SignedNote(text: checkpoint.text, signatures: [try signer.sign(checkpoint.text)])
    }

    /// Reads a checkpoint and verifies nothing.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument``.
    package init(parsing bytes: [UInt8]) throws(IndelibleError) {
        try self.init(SignedNote(parsing: bytes))
    }

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the note's text is not a checkpoint.
    package init(_ note: SignedNote) throws(IndelibleError) {
        self.checkpoint = try Checkpoint(parsing: note.text)
        self.note = note
    }

    /// Reads a checkpoint that must be signed by the log that it names.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument``; ``IndelibleError/Code/unauthenticated`` without a signature by
    ///   `key`, or with another origin than its name; ``IndelibleError/Code/dataLoss`` when that does not verify.
    package init(parsing bytes: [UInt8], signedBy key: VerifierKey) throws(IndelibleError) {
        let note = try SignedNote(parsing: bytes)
        _ = try note.verified(by: [key])
        try self.init(note)
        guard self.checkpoint.origin.hasSameBytes(as: key.name) else {
            throw IndelibleError(
                .unauthenticated,
                "The checkpoint is of \(self.checkpoint.origin), not of \(key.name), whose key signed it.",
            )
        }
    }

    package var bytes: [UInt8] { self.note.bytes }

    /// Adds a cosignature, in the place of an earlier one by the same key.
    ///
    /// - Throws: ``IndelibleError/Code/resourceExhausted`` when the note is full.
    package mutating func add(_ signature: NoteSignature) throws(IndelibleError) {
        try self.note.add(signature)
    }

    /// The same checkpoint with only the signature lines that `keys` account for; what a witness is sent, and keeps.
    ///
    /// - Throws: as ``SignedNote/verified(by:)``.
    package func reduced(to keys: [VerifierKey]) throws(IndelibleError) -> SignedCheckpoint {
        try SignedCheckpoint(
            SignedNote(text: self.note.text, signatures: self.note.verified(by: keys).map(\.signature))
        )
    }
}
