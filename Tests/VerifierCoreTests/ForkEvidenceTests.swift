import Primitives
import Simulation
import Testing
import TransparencyLog
import VerifierCore

/// Goal: two histories signed by one key are proof against it, offline, and nothing else is.
@Suite struct ForkEvidenceTests {
    private static let logs = Result { (true: try SampleLog(size: 40), forged: try SampleLog(size: 40, changing: 9)) }

    private static func evidence(at small: Int, of large: Int) throws -> ForkEvidence? {
        let logs = try Self.logs.get()
        var follower = try LogFollower(key: SampleLog.signer.verifierKey, files: SimulatedDisk(), directory: "follow")
        let batch = logs.true.batch(0..<large)
        try follower.read(batch.ranges, of: batch.bytes.span, first: 0)
        _ = try follower.check(logs.true.checkpoint(size: large).bytes)
        return try follower.evidence(against: logs.forged.checkpoint(size: small))
    }

    @Test func convictsAtEverySize() throws {
        let key = try SampleLog.signer.verifierKey
        for large in 1...33 {
            for small in 0...large {
                let evidence = try Self.evidence(at: small, of: large)
                #expect((evidence != nil) == (small > 9), "\(small) of \(large)")
                guard let evidence else { continue }
                let read = try ForkEvidence(parsing: evidence.bytes)
                #expect(read == evidence)
                #expect(try read.verify(by: [key]) == key)
            }
        }
    }

    @Test func saysNothingOfWhatWasNotVerified() throws {
        #expect(try Self.evidence(at: 20, of: 19) == nil)
        #expect(try Self.evidence(at: 20, of: 20) != nil)
    }

    @Test func provesNothingWithoutTheKeyOrTheFork() throws {
        let logs = try Self.logs.get()
        let evidence = try #require(try Self.evidence(at: 20, of: 33))
        let stranger = try NoteSigner(
            name: "log.example/other",
            type: .ed25519,
            seed: [UInt8](repeating: 9, count: 32),
        )
        let namesake = try NoteSigner(name: SampleLog.origin, type: .ed25519, seed: [UInt8](repeating: 9, count: 32))
        for key in [stranger.verifierKey, namesake.verifierKey] {
            #expect(throws: IndelibleError.self) { try evidence.verify(by: [key]) }
        }
        // The same proof with checkpoints that agree.
        let agreed = ForkEvidence(
            smaller: try logs.true.checkpoint(size: 20),
            larger: evidence.larger,
            root: evidence.root,
            proof: evidence.proof,
        )
        let key = try SampleLog.signer.verifierKey
        #expect { try agreed.verify(by: [key]) } throws: { ($0 as? IndelibleError)?.code == .failedPrecondition }
        // A root that the proof does not lead to would make a fork of any log.
        let invented = ForkEvidence(
            smaller: try logs.true.checkpoint(size: 20),
            larger: evidence.larger,
            root: .zero,
            proof: evidence.proof,
        )
        #expect { try invented.verify(by: [key]) } throws: { ($0 as? IndelibleError)?.code == .failedPrecondition }
    }

    /// Whatever byte is changed, it is refused; nothing crashes.
    @Test func refusesEveryChangedByte() throws {
        let key = try SampleLog.signer.verifierKey
        let bytes = try #require(try Self.evidence(at: 20, of: 33)).bytes
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1
            #expect(throws: IndelibleError.self, "byte \(position)") {
                try ForkEvidence(parsing: changed).verify(by: [key])
            }
            #expect(throws: IndelibleError.self, "cut at \(position)") {
                try ForkEvidence(parsing: Array(bytes.prefix(position))).verify(by: [key])
            }
        }
    }
}
