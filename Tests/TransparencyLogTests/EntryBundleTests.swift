import Cryptography
import Primitives
import Testing
import TransparencyLog

@Suite struct EntryBundleTests {
    @Test func encodesAsWorkedOut() throws {
        let bundle = try EntryBundle.encode((0..<3).map { Array("entry-\($0)".utf8) })
        #expect(Hex.encode(bundle) == "0007656e7472792d300007656e7472792d310007656e7472792d32")
        #expect(try EntryBundle.ranges(in: bundle, count: 3) == [2..<9, 11..<18, 20..<27])
    }

    @Test func encodesTheShortestAndTheLongestEntry() throws {
        let longest = [UInt8](repeating: UInt8(ascii: "A"), count: EntryBundle.entryByteCountMax)
        let bundle = try EntryBundle.encode([[], longest])
        #expect(bundle.count == 65_539)
        #expect(Hex.encode(Array(bundle.prefix(4))) == "0000ffff")
        #expect(
            try SHA256.hash(bundle).hex == "338b5b0549a22b009ac2bc4439a74f41faaeefb1f161461b87e5892aac8f11d6"
        )
        #expect(try EntryBundle.ranges(in: bundle, count: 2) == [2..<2, 4..<65_539])
        #expect(throws: IndelibleError.self) { try EntryBundle.encode([longest + [0]]) }
    }

    @Test func encodesAtMost256() throws {
        let full = try EntryBundle.encode([[UInt8]](repeating: [1], count: 256))
        #expect(try EntryBundle.ranges(in: full, count: 256).count == 256)
        #expect(throws: IndelibleError.self) { try EntryBundle.encode([[UInt8]](repeating: [1], count: 257)) }
        #expect(throws: IndelibleError.self) { try EntryBundle.ranges(in: full + [0, 1, 1], count: 256) }
        #expect(throws: IndelibleError.self) { try EntryBundle.ranges(in: full, count: 255) }
    }

    @Test(arguments: [
        ("", 1), ("00", 1), ("0001", 1), ("000261", 1), ("00016100", 1), ("000161", 2), ("000161", 0), ("ffff", 1),
    ])
    func refuses(hex: String, count: Int) throws {
        let bundle = try #require(Hex.decode(hex))
        #expect { try EntryBundle.ranges(in: bundle, count: count) } throws: {
            ($0 as? IndelibleError)?.code == .invalidArgument
        }
    }
}
