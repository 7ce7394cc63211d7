package import Primitives

/// The body of a request to a witness: a checkpoint, and the proof that it continues the last one (C2SP tlog-witness,
/// "add-checkpoint").
package struct WitnessRequest: Equatable, Sendable {
    package static let hashCountMax = 63
    /// Bytes of a whole body.
    package static let byteCountMax = 128 * 1024

    /// Size of the checkpoint that the witness last cosigned; 0 when there is none.
    package let oldSize: UInt64
    /// Consistency proof from `oldSize` to the checkpoint's size.
    package let proof: [Digest]
    package let checkpoint: SignedCheckpoint

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the proof is longer than any can be.
    package init(oldSize: UInt64, proof: [Digest], checkpoint: SignedCheckpoint) throws(IndelibleError) {
        guard proof.count <= Self.hashCountMax, oldSize <= Checkpoint.sizeMax else {
            throw IndelibleError(.invalidArgument, "A consistency proof may have \(Self.hashCountMax) hashes.")
        }
        self.oldSize = oldSize
        self.proof = proof
        self.checkpoint = checkpoint
    }

    /// - Throws: ``IndelibleError/Code/invalidArgument``.
    package init(parsing bytes: [UInt8]) throws(IndelibleError) {
        guard bytes.count <= Self.byteCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "A request may have \(Self.byteCountMax) bytes. Send only the log's own signature lines.",
            )
        }
        var cursor = LineCursor(bytes)
        guard let first = cursor.next(), first.utf8.starts(with: "old ".utf8),
            let oldSize = Decimal.parse(first.dropFirst(4))
        else { throw IndelibleError(.invalidArgument, "The first line must be 'old ' and a size in decimal.") }
        var proof: [Digest] = []
        while let line = cursor.next(), !line.isEmpty {
            guard proof.count < Self.hashCountMax, let hash = Digest(base64: line) else {
                throw IndelibleError(
                    .invalidArgument,
                    "After the first line come at most \(Self.hashCountMax) lines of base64 of a 32-byte hash.",
                )
            }
            proof.append(hash)
        }
        try self.init(oldSize: oldSize, proof: proof, checkpoint: SignedCheckpoint(parsing: Array(cursor.rest)))
    }

    package var bytes: [UInt8] {
        let head = self.proof.reduce(into: "old \(self.oldSize)\n") { $0 += $1.base64 + "\n" }
        return Array((head + "\n" + self.checkpoint.note.serialized).utf8)
    }
}
