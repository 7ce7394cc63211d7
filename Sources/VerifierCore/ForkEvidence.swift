internal import Cryptography
internal import MerkleTree
package import Primitives
package import TransparencyLog

/// Two checkpoints that one log signed and that cannot both be true, with all that it takes to see so offline.
///
/// The proof shows which root the larger tree has at the smaller one's size; the log signed another. Text form:
///
///     indelible.dev/fork-evidence@v1
///     root <base64 of the larger tree's root at the smaller size>
///     <base64 of a hash of the consistency proof>      0 to 63 lines
///     (an empty line, the signed smaller checkpoint, an empty line, the signed larger checkpoint)
package struct ForkEvidence: Equatable, Sendable {
    /// Bytes of the text form.
    package static let byteCountMax = 2 * SignedNote.byteCountMax + 8192
    private static let header = "indelible.dev/fork-evidence@v1"
    private static let hashCountMax = WitnessRequest.hashCountMax

    package let smaller: SignedCheckpoint
    package let larger: SignedCheckpoint
    /// What the larger tree's first entries, as many as the smaller tree has, lead to.
    package let root: Digest
    /// The consistency proof from ``root`` to the larger tree; empty for checkpoints of one size.
    package let proof: [Digest]

    package init(smaller: SignedCheckpoint, larger: SignedCheckpoint, root: Digest, proof: [Digest]) {
        self.smaller = smaller
        self.larger = larger
        self.root = root
        self.proof = proof
    }

    /// - Throws: ``IndelibleError/Code/invalidArgument``; nothing is verified yet.
    package init(parsing bytes: [UInt8]) throws(IndelibleError) {
        guard bytes.count <= Self.byteCountMax, let text = String(validating: bytes, as: UTF8.self) else {
            throw Self.malformed("it is UTF-8 of at most \(Self.byteCountMax) bytes")
        }
        // No line of a checkpoint is empty, and none of its signatures.
        let parts = text.split(separator: "\n\n", omittingEmptySubsequences: false)
        let lines = parts[0].split(separator: "\n", omittingEmptySubsequences: false)
        guard parts.count == 5, lines.count >= 2, lines.count <= 2 + Self.hashCountMax, lines[0] == Self.header,
            lines[1].hasPrefix("root "), let root = Base64.decode(lines[1].dropFirst(5)).flatMap({ Digest($0) })
        else { throw Self.malformed("a head with a root, and two signed checkpoints, stand between empty lines") }
        var proof: [Digest] = []
        for line in lines[2...] {
            guard let hash = Base64.decode(line).flatMap({ Digest($0) }) else {
                throw Self.malformed("a proof has a base64 hash on each line")
            }
            proof.append(hash)
        }
        self.root = root
        self.proof = proof
        self.smaller = try SignedCheckpoint(parsing: Array("\(parts[1])\n\n\(parts[2])\n".utf8))
        self.larger = try SignedCheckpoint(parsing: Array("\(parts[3])\n\n\(parts[4])".utf8))
    }

    package var bytes: [UInt8] {
        var text = "\(Self.header)\nroot \(Base64.encode(self.root.bytes))\n"
        for hash in self.proof { text += Base64.encode(hash.bytes) + "\n" }
        return Array((text + "\n\(self.smaller.note.serialized)\n\(self.larger.note.serialized)").utf8)
    }

    /// Checks that one of `keys` signed both checkpoints, and that they contradict each other.
    ///
    /// - Returns: The key.
    /// - Throws: ``IndelibleError/Code/unauthenticated`` or ``IndelibleError/Code/dataLoss`` when the signatures do not
    ///   hold, ``IndelibleError/Code/failedPrecondition`` when nothing is contradicted.
    @discardableResult
    package func verify(by keys: [VerifierKey]) throws(IndelibleError) -> VerifierKey {
        let (small, large) = (self.smaller.checkpoint, self.larger.checkpoint)
        guard let key = keys.first(where: { $0.name.hasSameBytes(as: small.origin) }) else {
            throw IndelibleError(.unauthenticated, "The evidence is about \(small.origin), whose key is not known.")
        }
        for signed in [self.smaller, self.larger] {
            _ = try SignedCheckpoint(parsing: signed.bytes, signedBy: key)
        }
        let proof = ConsistencyProof(oldSize: small.size, newSize: large.size, hashes: self.proof)
        guard proof.verify(oldRoot: self.root, newRoot: large.root) else {
            throw IndelibleError(.failedPrecondition, "The proof does not lead to the larger checkpoint's root.")
        }
        guard self.root != small.root else {
            throw IndelibleError(.failedPrecondition, "The two checkpoints are of one history.")
        }
        return key
    }

    /// Names the contradiction.
    ///
    /// - Parameters:
    ///   - index: The first entry that differs, if it is known.
    ///   - path: Where the evidence is kept.
    package func finding(index: UInt64? = nil, path: String? = nil) -> Finding {
        Finding(
            .forked,
            index: index,
            path: path,
            expected: "at size \(self.smaller.checkpoint.size) root \(self.root.hex)",
            found: "at size \(self.smaller.checkpoint.size) root \(self.smaller.checkpoint.root.hex)",
        )
    }

    private static func malformed(_ rule: String) -> IndelibleError {
        IndelibleError(.invalidArgument, "This is no evidence of a fork: \(rule).")
    }
}
