import Cryptography
import Primitives
import Testing
import TransparencyLog

@Suite struct TLogProofTests {
    private static func proof(extra: [UInt8]? = nil) throws -> TLogProof {
        try TLogProof(
            index: 4,
            hashes: WorkedValues.digests(WorkedValues.inclusion4in7),
            checkpoint: SignedCheckpoint(parsing: Array(WorkedValues.note(7, witnessed: true).utf8)),
            extra: extra,
        )
    }

    @Test func encodesAsWorkedOut() throws {
        let bytes = try Self.proof().bytes
        #expect(bytes.count == 494)
        #expect(try SHA256.hash(bytes).hex == "f5720f7678f579e149bd062dd40a802ca7e254bfcf11690f9887f3d4aee44600")
        #expect(try TLogProof(parsing: bytes) == Self.proof())
    }

    @Test func verifiesAsWorkedOut() throws {
        let leaf = try SHA256.hash([0], Array("entry-4".utf8))
        let text = """
            log \(WorkedValues.logKey)
            witness w1 \(WorkedValues.witnessKey)
            quorum w1

            """
        let policy = try TrustPolicy(parsing: Array(text.utf8))
        let verdict = try Self.proof().verify(leafHash: leaf, policy: policy)
        #expect(verdict.checkpoint.size == 7)
        #expect(verdict.cosignatures.map(\.timestamp) == [WorkedValues.witnessTime])
        #expect {
            try Self.proof().verify(leafHash: SHA256.hash([0], Array("entry-5".utf8)), policy: policy)
        } throws: {
            ($0 as? IndelibleError)?.code == .dataLoss
        }
        let moved = try TLogProof(index: 5, hashes: Self.proof().hashes, checkpoint: Self.proof().checkpoint)
        #expect(throws: IndelibleError.self) { try moved.verify(leafHash: leaf, policy: policy) }
        let unwitnessed = try TLogProof(
            index: 4,
            hashes: Self.proof().hashes,
            checkpoint: SignedCheckpoint(parsing: Array(WorkedValues.note(7).utf8)),
        )
        #expect { try unwitnessed.verify(leafHash: leaf, policy: policy) } throws: {
            ($0 as? IndelibleError)?.code == .unauthenticated
        }
    }

    @Test(arguments: [[], [1], [UInt8](repeating: 0xff, count: TLogProof.extraByteCountMax)] as [[UInt8]])
    func carriesExtraBytes(extra: [UInt8]) throws {
        let proof = try Self.proof(extra: extra)
        #expect(try TLogProof(parsing: proof.bytes) == proof)
    }

    @Test(arguments: [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("c2sp.org/tlog-proof@v1\n", ""),
        ("index 4", "index 04"),
        ("index 4", "index -4"),
        ("index 4", "index 7"),  // Not in a tree of 7.
        ("index 4", "index 9223372036854775808"),
        ("index 4\n", ""),
        ("index 4\n", "index 4\nindex 4\n"),
        ("index 4\n", "index 4\nextra AAAA\n"),
        ("index 4\n", "extra AAA\nindex 4\n"),
        ("index 4\n", "extra AAAA\nextra AAAA\nindex 4\n"),
        ("nts=\n\n", "nts=\n"),
        ("nts=\n\n", "nts=\n\n\n"),
        ("DP2ldv9LKeozw6/a7tG9Y362VLKKBDAvyrX9fbB4Acw=", "DP2ldv9LKeozw6/a7tG9Y362VLKKBDAvyrX9fbB4Ac=="),
    ])
    func refuses(old: String, new: String) throws {
        let text = try String(decoding: Self.proof().bytes, as: UTF8.self)
        let range = try #require(text.firstRange(of: old))
        let changed = text.replacingCharacters(in: range, with: new)
        #expect { try TLogProof(parsing: Array(changed.utf8)) } throws: {
            ($0 as? IndelibleError)?.code == .invalidArgument
        }
    }
}

extension String {
    fileprivate func firstRange(of part: String) -> Range<Index>? { self.ranges(of: part).first }

    fileprivate func replacingCharacters(in range: Range<Index>, with new: String) -> String {
        var copy = self
        copy.replaceSubrange(range, with: new)
        return copy
    }
}
