// Goal: a frontier has the root and the tile hashes of its leaves, however they arrive.
// Method: one by one and in batches of every size from every start, with every kernel, against ReferenceTree.
import Cryptography
import MerkleTree
import Primitives
import Testing

struct FrontierTests {
    private struct Report: Hashable {
        let level: UInt8
        let index: UInt64
        let hash: Digest
    }

    /// Appends `leaves` in one batch and says which tile hashes were reported.
    private static func append(
        _ leaves: ArraySlice<Digest>,
        to frontier: inout Frontier,
        kernel: HashKernel = .best,
        scratch: inout [UInt8],
    ) -> [Report] {
        var reports: [Report] = []
        let bytes = leaves.flatMap(\.bytes)
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe frontier.append(leafHashes: bytes, kernel: kernel, scratch: &scratch) { level, first, hashes in
                for position in 0..<hashes.count / 32 {
                    let hash = unsafe Digest(copying: UnsafeRawBufferPointer(rebasing: hashes[(32 * position)...]))
                    reports.append(Report(level: level, index: first + UInt64(position), hash: hash))
                }
            }
        }
        return reports
    }

    @Test func onePerAppend() throws {
        let tree = ReferenceTree(size: 130)
        var frontier = Frontier()
        #expect(frontier.root() == EmptyTree.root)
        for size in 1...130 {
            frontier.append(tree.leaves[size - 1])
            #expect(frontier.size == UInt64(size))
            #expect(try frontier.root() == tree.root(size: size))
            #expect(try frontier == tree.frontier(size: UInt64(size)))
        }
    }

    @Test(arguments: HashKernel.available) func everyBatchFromEveryStart(kernel: HashKernel) throws {
        let tree = ReferenceTree(size: 80)
        let frontiers = try (0...80).map { try tree.frontier(size: UInt64($0)) }
        var scratch: [UInt8] = []
        for start in 0...40 {
            for count in 0...40 {
                var frontier = frontiers[start]
                let leaves = tree.leaves[start..<start + count]
                #expect(Self.append(leaves, to: &frontier, kernel: kernel, scratch: &scratch).isEmpty)
                #expect(frontier == frontiers[start + count], "\(count) leaves after \(start), \(kernel.name)")
            }
        }
    }

    @Test func tileHashesAreReportedOnceAndInOrder() throws {
        // Two tiles of level 1 and a hash of level 2 take 65,536 leaves; repeating one leaf keeps the reference cheap.
        let leaf = LeafHash.hash([0x5a])
        let leaves = [Digest](repeating: leaf, count: 66_000)
        var perfect = [leaf]
        for _ in 0..<16 {
            perfect.append(NodeHash.hash(left: perfect[perfect.count - 1], right: perfect[perfect.count - 1]))
        }
        for batch in [1, 255, 256, 257, 1_000, 65_535, 66_000] {
            var frontier = Frontier()
            var scratch: [UInt8] = []
            var reports: [Report] = []
            var start = 0
            while start < leaves.count {
                let end = min(start + batch, leaves.count)
                reports += Self.append(leaves[start..<end], to: &frontier, scratch: &scratch)
                start = end
            }
            let first = reports.filter { $0.level == 1 }
            #expect(first == (0..<257).map { Report(level: 1, index: $0, hash: perfect[8]) })
            #expect(reports.filter { $0.level != 1 } == [Report(level: 2, index: 0, hash: perfect[16])])
            #expect(frontier.hashes.first == perfect[16])
        }
    }

    @Test func growsFromAnyStoredState() throws {
        let tree = ReferenceTree(size: 600)
        for size in [0, 1, 255, 256, 257, 511, 599] {
            var frontier = try Frontier(size: UInt64(size), hashes: tree.frontier(size: UInt64(size)).hashes)
            var scratch: [UInt8] = []
            let reports = Self.append(tree.leaves[size...], to: &frontier, scratch: &scratch)
            #expect(try frontier.root() == tree.root(size: 600))
            let expected = try (UInt64(size / 256)..<2).map {
                Report(level: 1, index: $0, hash: try tree.hash(level: 8, index: $0))
            }
            #expect(reports == expected)
        }
    }

    @Test func serialisesAndRefusesWhatDoesNotFit() throws {
        let frontier = try ReferenceTree(size: 11).frontier(size: 11)
        let bytes = frontier.serialized()
        #expect(Array(bytes.prefix(8)) == [0, 0, 0, 0, 0, 0, 0, 11])
        #expect(bytes.count == 8 + 3 * 32)
        #expect(try Frontier(serialized: bytes) == frontier)
        #expect(try Frontier(serialized: Frontier().serialized()) == Frontier())
        for count in 0..<bytes.count {
            #expect(throws: IndelibleError.self) { try Frontier(serialized: Array(bytes.prefix(count))) }
        }
        #expect(throws: IndelibleError.self) { try Frontier(serialized: bytes + [0]) }
        #expect(throws: IndelibleError.self) { try Frontier(size: 12, hashes: frontier.hashes) }
        #expect(throws: IndelibleError.self) {
            try Frontier(size: .max, hashes: [Digest](repeating: .zero, count: 64))
        }
    }
}
