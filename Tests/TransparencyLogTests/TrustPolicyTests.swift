import Primitives
import Testing
import TransparencyLog

@Suite struct TrustPolicyTests {
    /// Five witnesses w0 to w4, of seeds that begin with 0 to 4.
    private static func cosigner(_ number: UInt8) throws -> NoteSigner {
        try NoteSigner(
            name: "witness.example/\(number)",
            type: .cosignature,
            seed: [number] + [UInt8](repeating: 7, count: 31),
        )
    }

    private static func policy(_ rest: String) throws -> TrustPolicy {
        var text = "# A policy.\n\nlog \(WorkedValues.logKey) https://log.example/\n"
        for number in UInt8(0)..<5 { text += "witness\tw\(number)   \(try Self.cosigner(number).verifierKey)\n" }
        return try TrustPolicy(parsing: Array((text + rest).utf8))
    }

    @Test(arguments: [
        ("quorum none\n", [] as [UInt8], true),
        ("quorum w2\n", [2], true),
        ("quorum w2\n", [0, 1, 3, 4], false),
        ("group g all w0 w1\nquorum g\n", [0, 1], true),
        ("group g all w0 w1\nquorum g\n", [0], false),
        ("group g any w0 w1\nquorum g\n", [1, 4], true),
        ("group g any w0 w1\nquorum g\n", [2, 3, 4], false),
        ("group g 2 w0 w1 w2\nquorum g\n", [0, 2], true),
        ("group g 2 w0 w1 w2\nquorum g\n", [2, 3], false),
        ("group a 1 w0 w1\ngroup b 2 w2 w3\ngroup g all a b w4\nquorum g\n", [1, 2, 3, 4], true),
        ("group a 1 w0 w1\ngroup b 2 w2 w3\ngroup g all a b w4\nquorum g\n", [0, 1, 2, 3], false),
        ("group a 1 w0 w1\ngroup b 2 w2 w3\ngroup g all a b w4\nquorum g\n", [0, 1, 2, 4], false),
        ("group a 1 w0 w1\n  group b 2 w2 w3\t\n #\ngroup g any a b\nquorum g\n", [2, 3], true),
    ])
    func evaluates(rest: String, signers: [UInt8], holds: Bool) throws {
        var signed = try SignedCheckpoint(WorkedValues.checkpoint(7), signer: WorkedValues.signer)
        for number in signers { try signed.add(Self.cosigner(number).cosign(signed.checkpoint, at: 1)) }
        let policy = try Self.policy(rest)
        guard holds else {
            #expect { try policy.verify(signed.note) } throws: {
                ($0 as? IndelibleError)?.code == .unauthenticated
            }
            return
        }
        let verdict = try policy.verify(signed.note)
        #expect(verdict.checkpoint.size == 7)
        #expect(verdict.log.description == WorkedValues.logKey)
        #expect(verdict.cosignatures.count == signers.count)
    }

    @Test func anUnlistedLogIsRefusedHoweverWellWitnessed() throws {
        let stranger = try NoteSigner(name: WorkedValues.origin, type: .ed25519, seed: WorkedValues.witnessSeed)
        var signed = try SignedCheckpoint(WorkedValues.checkpoint(7), signer: stranger)
        try signed.add(Self.cosigner(0).cosign(signed.checkpoint, at: 1))
        #expect { try Self.policy("quorum w0\n").verify(signed.note) } throws: {
            ($0 as? IndelibleError)?.code == .unauthenticated
        }
    }

    @Test func aListedLogCannotSpeakForAnother() throws {
        let other = try Checkpoint(origin: "other.example/log", size: 7, root: WorkedValues.checkpoint(7).root)
        let signed = try SignedCheckpoint(other, signer: WorkedValues.signer)
        #expect { try TrustPolicy(log: WorkedValues.signer.verifierKey).verify(signed.note) } throws: {
            ($0 as? IndelibleError)?.code == .unauthenticated
        }
    }

    @Test func aForgedCosignatureSpoilsTheNote() throws {
        var signed = try SignedCheckpoint(WorkedValues.checkpoint(7), signer: WorkedValues.signer)
        let key = try Self.cosigner(0).verifierKey
        try signed.add(
            NoteSignature(name: key.name, keyIdentifier: key.identifier, bytes: [UInt8](repeating: 1, count: 72))
        )
        #expect { try Self.policy("quorum none\n").verify(signed.note) } throws: {
            ($0 as? IndelibleError)?.code == .dataLoss
        }
    }

    @Test func namesWhatItLists() throws {
        let policy = try Self.policy("group g 2 w0 w4\nquorum g\n")
        #expect(policy.logs.map(\.url) == ["https://log.example/"])
        #expect(policy.witnesses.map(\.name) == ["w0", "w1", "w2", "w3", "w4"])
        #expect(policy.groups.map(\.members) == [[.witness(0), .witness(4)]])
        #expect(policy.quorum == .group(0))
    }

    @Test(arguments: [
        "",  // No quorum line.
        "quorum none",  // No line feed.
        "quorum w9\n",
        "quorum none\nquorum none\n",
        "quorum w0 w1\n",
        "quorum\n",
        "policy none\n",
        "Quorum none\n",
        "quorum none\nlog\n",
        "quorum none\nlog nonsense\n",
        "quorum none\nlog \(WorkedValues.witnessKey)\n",
        "quorum none\nlog \(WorkedValues.logKey)\n",  // Twice.
        "quorum none\nwitness w9 \(WorkedValues.logKey)\n",
        "quorum none\nwitness w0 \(WorkedValues.witnessKey)\n",
        "quorum none\nwitness none \(WorkedValues.witnessKey)\n",
        "quorum none\nwitness w8 \(WorkedValues.witnessKey)\nwitness w9 \(WorkedValues.witnessKey)\n",
        "quorum none\ngroup g 2\n",
        "quorum none\ngroup g 0 w0\n",
        "quorum none\ngroup g 3 w0 w1\n",
        "quorum none\ngroup g -1 w0 w1\n",
        "quorum none\ngroup g most w0 w1\n",
        "quorum none\ngroup g any w0 w0\n",
        "quorum none\ngroup w0 any w1\n",
        "quorum none\ngroup none any w1\n",
        "quorum none\ngroup g any g\n",
        "quorum none\ngroup g any w0\ngroup h any w0\n",
        "quorum none\ngroup g any h\ngroup h any w0\n",
        "quorum\u{b}none\n",
        "quorum none\r\n",
    ])
    func refuses(rest: String) {
        #expect { try Self.policy(rest) } throws: { ($0 as? IndelibleError)?.code == .invalidArgument }
    }
}
