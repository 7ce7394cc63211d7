// Goal: the hashes that others computed. Sources: the test tree of Certificate Transparency (certificate-transparency-go
// and RFC 9162 implementations share it), and a log of `entry-0`, `entry-1`, … that Go's sumdb tools accepted.
import Cryptography
import MerkleTree
import Primitives
import Testing

struct PublishedVectorTests {
    private static func digest(_ hex: String) throws -> Digest {
        let bytes = try #require(Hex.decode(hex))
        return try #require(Digest(bytes))
    }

    private static func digest(base64: String) throws -> Digest {
        let bytes = try #require(Base64.decode(base64))
        return try #require(Digest(bytes))
    }

    private static let inputs = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]

    private static let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    private static func certificateTransparencyTree() throws -> ReferenceTree {
        let entries = try Self.inputs.map { try #require(Hex.decode($0)) }
        return ReferenceTree(leaves: entries.map { LeafHash.hash($0) })
    }

    @Test func certificateTransparencyRoots() throws {
        let leaves = try Self.certificateTransparencyTree().leaves
        for (position, root) in Self.roots.enumerated() {
            #expect(try Frontier.root(of: Array(leaves.prefix(position + 1))) == Self.digest(root))
        }
    }

    @Test func certificateTransparencyProofs() throws {
        let tree = try Self.certificateTransparencyTree()
        let inclusion = try [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ].map { try Self.digest($0) }
        #expect(try tree.inclusionProof(index: 5, size: 8).hashes == inclusion)
        let sixToEight = try [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ].map { try Self.digest($0) }
        #expect(try tree.consistencyProof(from: 6, to: 8).hashes == sixToEight)
        let twoToFive = try [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ].map { try Self.digest($0) }
        #expect(try tree.consistencyProof(from: 2, to: 5).hashes == twoToFive)
    }

    private static let entryRoots: [(size: Int, root: String)] = [
        (1, "QHZrIDNCkCb1PVRQJnmoOXBrR0H43K86i7pfQbX/4HU="),
        (2, "LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk="),
        (3, "pkvybgkSj2/i/m+LLYyAHhZrV8BHp82bK4Ceepai8cs="),
        (4, "JWueiCXl03CkrgBdCQHqKRl34pJ/XPjj5yZg3QlRnts="),
        (5, "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw="),
        (6, "CHg6Uj0mBIDeLM8JdtdBHtitrwb3XVpd4iVMWPlo7Kk="),
        (7, "kTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWF0="),
        (256, "+F9OrTQIBxC00egIMBVDqquBqgTeuIWZNQ3Cak8vWN4="),
        (257, "kYsc7GTzF8duPPVcBTaEHAOe/wZ3LruIKM58F2Aotaw="),
        (600, "fw7HciyvSO/Y8D+Z1XRXP3pHqOl81IAgW5hI0ARuH+Y="),
        (70_000, "pipUvjMpT/1aXExjf9dUYwtxqJLoNW46Zmpcin/9FRg="),
    ]

    @Test func rootsOfNumberedEntries() throws {
        var frontier = Frontier()
        for (size, root) in Self.entryRoots {
            let leaves = (Int(frontier.size)..<size).map { LeafHash.hash(Array("entry-\($0)".utf8)) }
            frontier.append(contentsOf: leaves)
            #expect(try frontier.root() == Self.digest(base64: root), "size \(size)")
        }
    }

    @Test func proofsOfNumberedEntries() throws {
        let tree = ReferenceTree(size: 7, salt: "entry-")
        let inclusion = try [
            "UUFYUnUVBkx7vTW0TJ8Rrdz8OLQ5VU/Juw2LfGYcPo8=", "DP2ldv9LKeozw6/a7tG9Y362VLKKBDAvyrX9fbB4Acw=",
            "JWueiCXl03CkrgBdCQHqKRl34pJ/XPjj5yZg3QlRnts=",
        ].map { try Self.digest(base64: $0) }
        #expect(try tree.inclusionProof(index: 4, size: 7).hashes == inclusion)
        let threeToSeven = try [
            "BJ19zbVrz+vTEzBMmDnxlqPUtu873AsIKY+TrIGR8Kg=", "J0ebarMh0u5HdFL2i6UndI6GPK/o+9HfK/idFXDRtpc=",
            "LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk=", "5CnFtcyqlSPDcpfxhGdm+QMTfoIZXFGZ5r5XEw0QBsg=",
        ].map { try Self.digest(base64: $0) }
        #expect(try tree.consistencyProof(from: 3, to: 7).hashes == threeToSeven)
        #expect(try tree.consistencyProof(from: 4, to: 7).hashes == [threeToSeven[3]])
    }

    @Test func proofsOfSeventyThousandEntries() throws {
        let tree = StoredTree(leaves: (0..<70_000).map { LeafHash.hash(Array("entry-\($0)".utf8)) })
        let inclusion = try tree.inclusionProof(index: 12_345, size: 70_000).hashes
        #expect(inclusion.count == 17)
        #expect(
            try SHA256.hash(inclusion.flatMap(\.bytes))
                == Self.digest("4122958f72d7aa09dfee580704be8fd216bb327da7bcfbb4e6e30cd39822e8c2")
        )
        let consistency = try tree.consistencyProof(from: 600, to: 70_000).hashes
        #expect(consistency.count == 15)
        #expect(
            try SHA256.hash(consistency.flatMap(\.bytes))
                == Self.digest("ced73c0127888f4d30acb4e756055bb3782fdc5aca5dfb0d623740f21e611bdf")
        )
        let perfect = try tree.consistencyProof(from: 65_536, to: 70_000).hashes
        #expect(try perfect == [Self.digest(base64: "E2Q0/KKy8TKzBQWXnNyBpuLLljobIQ9/faFfL1pvGrw=")])
        #expect(
            try tree.hash(level: 16, index: 0)
                == Self.digest("df2c606d114416fa600bf3495152e09e39e8be3d0e2e5501c352826539abda8e")
        )
    }
}

/// All perfect subtrees of a larger tree, each computed once.
private struct StoredTree: NodeSource {
    private var levels: [[Digest]]

    init(leaves: [Digest]) {
        self.levels = [leaves]
        while let below = self.levels.last, below.count > 1 {
            self.levels.append(
                (0..<below.count / 2).map { NodeHash.hash(left: below[2 * $0], right: below[2 * $0 + 1]) }
            )
        }
    }

    func hash(level: UInt8, index: UInt64) throws(IndelibleError) -> Digest {
        guard Int(level) < self.levels.count, index < self.levels[Int(level)].count else {
            throw IndelibleError(.internal, "Asked beyond the tree.")
        }
        return self.levels[Int(level)][Int(index)]
    }
}
