import Primitives
import Simulation
import Testing
import TransparencyLog

extension RealProcesses {
    /// Goal: whatever somebody does to the files of a log is found, called what it is, and placed where it is.
    ///
    /// Method: a ledger and a verifier write a log; each case tampers with a copy of their files, as a seed says, and asks
    /// whoever claims to notice: `indelible fsck` and `indelible verify`, as people run them, more than 300 times; the
    /// verifier's memory; a ledger that starts. INDELIBLE_SEED and
    /// INDELIBLE_TAMPERINGS (how many times all cases are run) choose others.
    struct Tampering {
        static let seed = UInt64(Environment.number("INDELIBLE_SEED", otherwise: 1))
        static let roundCount = Environment.number("INDELIBLE_TAMPERINGS", otherwise: 1)

        @Test func isFoundAndNamed() async throws {
            let scene = try await TamperScene()
            #expect(try scene.fsck(TamperCopy(of: "ledger", in: scene.directory)) == nil)
            #expect(try scene.verify(TamperCopy(of: "tiles", in: scene.directory)) == nil)
            let own = try TamperCopy(of: "ledger", in: scene.directory, sharing: false)
            #expect(try scene.remembered(own) == (nil, nil))
            var random = SplitMix64(seed: Self.seed)
            var caseCount = 0
            for _ in 0..<Self.roundCount {
                caseCount += try await Self.tamperWithFiles(scene, &random)
                caseCount += try Self.forge(scene, &random)
                try Self.replaceTheKey(scene)
            }
            #expect(caseCount >= 400 * Self.roundCount)
            try await Self.tamperUnderRealProcesses(scene, &random)
        }

        private static func forge(_ scene: TamperScene, _ random: inout SplitMix64) throws -> Int {
            var caseCount = 0
            for forgery in Forgery.all {
                for number in 0..<forgery.count {
                    let comment: Comment = "\(forgery.name), case \(number), seed \(Self.seed)"
                    let (items, first) = forgery.forge(scene.items, &random)
                    let keyless = try scene.forge(items, signer: nil)
                    #expect(try scene.refusal(keyless)?.code == .dataLoss, comment)
                    let expected =
                        items.count < scene.items.count ? Detection("journal", items.count) : .init("checkpoint", nil)
                    #expect(try scene.fsck(keyless) == expected, comment)
                    try keyless.remove()

                    // The log alone does not know any better; whoever watched it does.
                    let signed = try scene.forge(items, signer: scene.signer)
                    #expect(try scene.fsck(signed) == nil, comment)
                    let (checkpoint, entry) = try scene.remembered(signed)
                    if items.count < scene.items.count {
                        #expect(checkpoint == Detection("truncated", items.count) && entry == nil, comment)
                    } else {
                        let kind = items.count == scene.items.count ? "forked" : "root-wrong"
                        #expect(
                            checkpoint == Detection(kind, nil) && entry == Detection(forgery.kind, first),
                            comment,
                        )
                        let isSealed = first < TamperScene.sizeYesterday || items.count == scene.items.count
                        if isSealed { #expect(try scene.seals(signed)?.kind == "seal-invalid", comment) }
                    }
                    try signed.remove()
                    caseCount += 2
                }
            }
            return caseCount
        }

        private static func replaceTheKey(_ scene: TamperScene) throws {
            let stranger = try NoteSigner(
                name: TestLedger.origin,
                type: .ed25519,
                seed: [UInt8](repeating: 9, count: 32),
            )
            let copy = try scene.forge(scene.items, signer: stranger)
            #expect(try scene.fsck(copy) == Detection("checkpoint", nil))
            #expect(try scene.remembered(copy).checkpoint == Detection("checkpoint-invalid", nil))
            #expect(try scene.refusal(copy)?.code == .unauthenticated)
            try copy.remove()
        }
    }
}
