import Cryptography
import Primitives
import Testing
import TransparencyLog

@Suite struct WitnessRequestTests {
    @Test func encodesAsWorkedOut() throws {
        let request = try WitnessRequest(
            oldSize: 3,
            proof: WorkedValues.digests(WorkedValues.consistency3to7),
            checkpoint: SignedCheckpoint(parsing: Array(WorkedValues.note(7).utf8)),
        )
        #expect(request.bytes.count == 386)
        #expect(
            try SHA256.hash(request.bytes).hex == "cddca9a977843dbbec202f8072de8a4a0fe6189f85359be2519ee4aea5b0e709"
        )
        #expect(try WitnessRequest(parsing: request.bytes) == request)
    }

    private static let hash = WorkedValues.consistency3to7[0]

    @Test(arguments: ["old 0\n\n", "old 0\n\(hash)\n\n", "old 9223372036854775807\n\n"])
    func readsAndWrites(head: String) throws {
        let bytes = try Array((head + WorkedValues.note(7)).utf8)
        #expect(try WitnessRequest(parsing: bytes).bytes == bytes)
    }

    @Test(arguments: [
        "", "\n", "old\n\n", "old \n\n", "old 03\n\n", "old -3\n\n", "old 3 \n\n", "Old 3\n\n", "size 3\n\n",
        "old 9223372036854775808\n\n", "old 3\n", "old 3\n\n\n", "old 3\n\(hash)\n", "old 3\nAAAA\n\n",
        "old 3\n\(hash) \n\n", "old 3\n\n\(hash)\n",
    ])
    func refuses(head: String) throws {
        let bytes = try Array((head + WorkedValues.note(7)).utf8)
        #expect { try WitnessRequest(parsing: bytes) } throws: {
            ($0 as? IndelibleError)?.code == .invalidArgument
        }
    }

    @Test func boundsTheProof() throws {
        let note = try WorkedValues.note(7)
        let body = { (count: Int) in
            Array(("old 3\n" + String(repeating: "\(Self.hash)\n", count: count) + "\n" + note).utf8)
        }
        #expect(try WitnessRequest(parsing: body(63)).proof.count == 63)
        #expect(throws: IndelibleError.self) { try WitnessRequest(parsing: body(64)) }
    }
}
