// Goal: every kernel gives libcrypto's digests, for every length, alignment and mixture, and puts back what it borrows.
// Method: all lengths to 300 and random ones to 65,535 in bundles of u16be-prefixed entries, against SHA256Hasher.
import CHashing
import Cryptography
import Primitives
import Testing

/// Entries behind their two-byte lengths, as they lie in an entry bundle (C2SP tlog-tiles).
private struct Bundle {
    var bytes: [UInt8]
    var offsets: [UInt32] = []
    let lengths: [UInt32]

    /// - Parameter alignment: bytes before the first length.
    init(lengths: [Int], alignment: Int = 0, random: inout SplitMix64) {
        self.lengths = lengths.map { UInt32($0) }
        self.bytes = random.bytes(alignment)
        for length in lengths {
            self.bytes += [UInt8(length >> 8), UInt8(length & 0xff)]
            self.offsets.append(UInt32(self.bytes.count))
            self.bytes += random.bytes(length)
        }
    }

    func expectedLeaves() throws -> [UInt8] {
        var leaves: [UInt8] = []
        for (offset, length) in zip(self.offsets, self.lengths) {
            leaves += try SHA256.hash([0x00], Array(self.bytes[Int(offset)..<Int(offset + length)])).bytes
        }
        return leaves
    }

    func leaves(_ kernel: HashKernel) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: self.lengths.count * Digest.byteCount)
        unsafe kernel.leafHashes(
            base: self.bytes,
            offsets: self.offsets,
            lengths: self.lengths,
            count: self.lengths.count,
            out: &out,
        )
        return out
    }

    mutating func leavesInPlace(_ kernel: HashKernel) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: self.lengths.count * Digest.byteCount)
        unsafe kernel.leafHashesPrefixed(
            base: &self.bytes,
            offsets: self.offsets,
            lengths: self.lengths,
            count: self.lengths.count,
            out: &out,
        )
        return out
    }
}

struct HashKernelTests {
    private static func check(_ bundle: Bundle, _ kernel: HashKernel, _ what: String) throws {
        var bundle = bundle
        let untouched = bundle.bytes
        let expected = try bundle.expectedLeaves()
        #expect(bundle.leaves(kernel) == expected, "\(kernel.name), \(what)")
        #expect(bundle.leavesInPlace(kernel) == expected, "\(kernel.name), in place, \(what)")
        #expect(bundle.bytes == untouched, "\(kernel.name) must put back what it borrows, \(what)")
    }

    @Test func selfCheckPassesAndTheBestIsTheLastThatIsAvailable() throws {
        #expect(ind_sha256_self_check() == 0)
        #expect(HashKernel.available.first == .portable)
        #expect(HashKernel.best == HashKernel.available.last)
        for kernel in HashKernel.available { #expect(try HashKernel.named(kernel.name) == kernel) }
        #expect(throws: IndelibleError.self) { try HashKernel.named("md5") }
    }

    @Test(arguments: HashKernel.available) func everyShortLength(kernel: HashKernel) throws {
        var random = SplitMix64(seed: 1)
        try Self.check(Bundle(lengths: Array(0...300), random: &random), kernel, "ascending")
        try Self.check(Bundle(lengths: Array((0...300).reversed()), random: &random), kernel, "descending")
        for length in 0...300 {
            try Self.check(Bundle(lengths: [length], random: &random), kernel, "\(length) alone")
        }
    }

    @Test(arguments: HashKernel.available) func everyCountOfEqualLengths(kernel: HashKernel) throws {
        var random = SplitMix64(seed: 2)
        for length in [0, 1, 54, 55, 62, 63, 64, 126, 127, 128, 500] {
            for count in 0...40 {
                let bundle = Bundle(lengths: [Int](repeating: length, count: count), random: &random)
                try Self.check(bundle, kernel, "\(count) of \(length)")
            }
        }
    }

    @Test(arguments: HashKernel.available) func everyAlignment(kernel: HashKernel) throws {
        var random = SplitMix64(seed: 3)
        for alignment in 0..<64 {
            let lengths = (0..<19).map { _ in random.below(400) }
            try Self.check(Bundle(lengths: lengths, alignment: alignment, random: &random), kernel, "at \(alignment)")
        }
    }

    @Test(arguments: HashKernel.available, 0..<24 as Range<UInt64>)
    func lanesAreRefilledInAnyMixture(kernel: HashKernel, seed: UInt64) throws {
        var random = SplitMix64(seed: 100 + seed)
        let bounds = [1, 64, 200, 1_000, 65_536]
        let lengths = (0..<random.below(120)).map { _ in
            // Mostly short ones, so that a long one sees its neighbours come and go.
            random.below(bounds[random.below(8) == 0 ? 4 : random.below(4)])
        }
        try Self.check(Bundle(lengths: lengths, random: &random), kernel, "seed \(seed)")
    }

    @Test(arguments: HashKernel.available) func theLongestEntries(kernel: HashKernel) throws {
        var random = SplitMix64(seed: 4)
        let lengths = [65_535, 0, 65_534, 65_471, 65_472, 1, 65_535, 65_408, 40_000, 55]
        try Self.check(Bundle(lengths: lengths, random: &random), kernel, "long")
    }

    /// Nothing outside the entries may be read: they end where the array does, and ASan runs this too.
    @Test(arguments: HashKernel.available) func entriesMayOverlapAndRepeat(kernel: HashKernel) throws {
        var random = SplitMix64(seed: 5)
        let bytes = random.bytes(700)
        let offsets: [UInt32] = [0, 0, 1, 699, 700, 200, 200, 0, 636, 637, 572, 100, 300, 0, 64, 63, 1, 0]
        let lengths = offsets.map { 700 - $0 }
        var out = [UInt8](repeating: 0, count: offsets.count * Digest.byteCount)
        unsafe kernel.leafHashes(base: bytes, offsets: offsets, lengths: lengths, count: offsets.count, out: &out)
        for (position, offset) in offsets.enumerated() {
            let expected = try SHA256.hash([0x00], Array(bytes[Int(offset)...])).bytes
            #expect(Array(out[32 * position..<32 * position + 32]) == expected)
        }
    }

    @Test(arguments: HashKernel.available) func everyCountOfNodes(kernel: HashKernel) throws {
        var random = SplitMix64(seed: 6)
        for count in 0...50 {
            let children = random.bytes(64 * count)
            let expected = try (0..<count).flatMap {
                try SHA256.hash([0x01], Array(children[64 * $0..<64 * $0 + 64])).bytes
            }
            var out = [UInt8](repeating: 0, count: 32 * count)
            unsafe kernel.nodeHashes(children: children, count: count, out: &out)
            #expect(out == expected, "\(kernel.name), \(count) nodes")

            // Over the children themselves, and one digest later.
            for shift in [0, 32] {
                var buffer = children + [UInt8](repeating: 0, count: 64)
                unsafe buffer.withUnsafeMutableBufferPointer { buffer in
                    guard let start = buffer.baseAddress else { return }
                    unsafe kernel.nodeHashes(children: start, count: count, out: start + shift)
                }
                #expect(Array(buffer[shift..<shift + 32 * count]) == expected, "\(kernel.name), in place at \(shift)")
            }
        }
    }

    @Test func singleHashesAreTheSame() throws {
        var random = SplitMix64(seed: 7)
        for length in Array(0...300) + [65_535] {
            let entry = random.bytes(length)
            #expect(try LeafHash.hash(entry) == SHA256.hash([0x00], entry))
        }
        let digests = try (0..<20).map { _ in try #require(Digest(random.bytes(32))) }
        for (left, right) in zip(digests, digests.reversed()) {
            #expect(try NodeHash.hash(left: left, right: right) == SHA256.hash([0x01], left.bytes, right.bytes))
        }
    }

    @Test(arguments: HashKernel.available) func hashesOfStretchesAreThoseOfTheirBytes(kernel: HashKernel) {
        var random = SplitMix64(seed: 11)
        let bytes = random.bytes(3_000)
        for count in [0, 1, 15, 16, 17, 40] {
            let ranges = (0..<count).map { _ in
                let start = Int.random(in: 0...3_000, using: &random)
                return start..<Int.random(in: start...3_000, using: &random)
            }
            #expect(kernel.leafHashes(in: bytes.span, ranges) == ranges.map { LeafHash.hash(Array(bytes[$0])) })
        }
    }

    @Test func publishedEdgeEntries() {
        #expect(LeafHash.hash([]).hex == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
        let longest = [UInt8](repeating: UInt8(ascii: "A"), count: 65_535)
        #expect(LeafHash.hash(longest).hex == "66f4bb8628de0c02394b290668fa550f364f47030a22f9146bedde7e5f850ede")
    }
}
