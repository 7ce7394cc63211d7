internal import MerkleTree
package import Primitives

/// Everything that shows offline that an entry is in a log: a `.tlog-proof` file (C2SP tlog-proof).
package struct TLogProof: Equatable, Sendable {
    private static let header = "c2sp.org/tlog-proof@v1"
    /// No tree that a checkpoint can name needs more.
    package static let hashCountMax = 63
    /// Bytes that may ride along, not authenticated by anything.
    package static let extraByteCountMax = 64 * 1024
    package static let byteCountMax = SignedNote.byteCountMax + 2 * extraByteCountMax

    /// Rides along unauthenticated; `nil` when there is no such line.
    package let extra: [UInt8]?
    /// Zero-based.
    package let index: UInt64
    /// Inclusion proof, the leaf's sibling first.
    package let hashes: [Digest]
    package let checkpoint: SignedCheckpoint

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when a part is longer than any can be.
    package init(
        index: UInt64,
        hashes: [Digest],
        checkpoint: SignedCheckpoint,
        extra: [UInt8]? = nil,
    ) throws(IndelibleError) {
        guard hashes.count <= Self.hashCountMax, index < checkpoint.checkpoint.size else {
            throw IndelibleError(
                .invalidArgument,
                "The proof does not fit: index \(index), \(hashes.count) hashes, size \(checkpoint.checkpoint.size).",
            )
        }
        guard extra?.count ?? 0 <= Self.extraByteCountMax else {
            throw IndelibleError(.invalidArgument, "A proof's extra data may have \(Self.extraByteCountMax) bytes.")
        }
        self.extra = extra
        self.index = index
        self.hashes = hashes
        self.checkpoint = checkpoint
    }

    /// Reads a proof and verifies nothing.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument``.
    package init(parsing bytes: [UInt8]) throws(IndelibleError) {
        guard bytes.count <= Self.byteCountMax else {
            throw IndelibleError(.invalidArgument, "A proof may have \(Self.byteCountMax) bytes.")
        }
        var cursor = LineCursor(bytes)
        guard cursor.next()?.hasSameBytes(as: Self.header) == true else {
            throw IndelibleError(.invalidArgument, "The first line of a proof must be '\(Self.header)'.")
        }
        var line = cursor.next()
        var extra: [UInt8]?
        if let text = line, text.utf8.starts(with: "extra ".utf8) {
            guard let decoded = Base64.decode(text.dropFirst(6)) else {
                throw IndelibleError(.invalidArgument, "The proof's extra line must be canonical base64.")
            }
            extra = decoded
            line = cursor.next()
        }
        guard let text = line, text.utf8.starts(with: "index ".utf8), let index = Decimal.parse(text.dropFirst(6))
        else { throw IndelibleError(.invalidArgument, "A proof needs a line 'index ' with a number in decimal.") }
        var hashes: [Digest] = []
        while let line = cursor.next(), !line.isEmpty {
            guard hashes.count < Self.hashCountMax, let hash = Digest(base64: line) else {
                throw IndelibleError(
                    .invalidArgument,
                    "After the index come at most \(Self.hashCountMax) lines of base64 of a 32-byte hash.",
                )
            }
            hashes.append(hash)
        }
        let checkpoint = try SignedCheckpoint(parsing: Array(cursor.rest))
        try self.init(index: index, hashes: hashes, checkpoint: checkpoint, extra: extra)
    }

    package var bytes: [UInt8] {
        var text = Self.header + "\n"
        if let extra { text += "extra \(Base64.encode(extra))\n" }
        text += "index \(self.index)\n"
        for hash in self.hashes { text += hash.base64 + "\n" }
        return Array((text + "\n" + self.checkpoint.note.serialized).utf8)
    }

    /// Checks the log's signature, the witnesses' quorum, and the path from the leaf to the root.
    ///
    /// - Parameters:
    ///   - leafHash: Computed from an entry that the caller has from elsewhere.
    ///   - policy: Whose word counts.
    /// - Returns: Who vouches for it.
    /// - Throws: ``IndelibleError/Code/unauthenticated`` and ``IndelibleError/Code/dataLoss`` as
    ///   ``TrustPolicy/verify(_:)``; ``IndelibleError/Code/dataLoss`` when the leaf is not in that tree.
    @discardableResult
    package func verify(leafHash: Digest, policy: TrustPolicy) throws(IndelibleError) -> TrustPolicy.Verdict {
        let verdict = try policy.verify(self.checkpoint.note)
        let inclusion = InclusionProof(index: self.index, size: verdict.checkpoint.size, hashes: self.hashes)
        guard inclusion.verify(leaf: leafHash, root: verdict.checkpoint.root) else {
            throw IndelibleError(
                .dataLoss,
                "The entry is not entry \(self.index) of \(verdict.checkpoint.origin), as this proof and its checkpoint have it.",
            )
        }
        return verdict
    }
}
