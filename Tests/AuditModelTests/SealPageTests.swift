import AuditModel
import Cryptography
import Foundation
import Primitives
import Testing

/// Goal: hash, key id, seal and signature of docs/protocol.md are ours, so that whoever writes them elsewhere can compare.
///
/// Method: seal the page's entry with the page's key, and compare each line.
@Suite struct SealPageTests {
    private static func dump() throws -> [String: String] {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/protocol.md")
        let lines = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n")
        let start = try #require(lines.firstIndex(of: "```dump seal"))
        let pairs = lines[(start + 1)...].prefix { $0 != "```" }.compactMap { line in
            line.lastIndex(of: " ").map {
                (line[..<$0].trimmingCharacters(in: .whitespaces), String(line[line.index(after: $0)...]))
            }
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    @Test func aSealIsAsDocumented() throws {
        let written = try Self.dump()
        let entry = try #require(written["entry"].flatMap { Hex.decode($0) })
        let seed = try #require(written["seed"].flatMap { Hex.decode($0) })
        let key = try Ed25519.SigningKey(seed: seed)
        let collector = try CollectorKey(name: "test.example/collector", publicKey: key.publicKey)
        let leaf = LeafHash.hash(entry)
        let body = SealBody(
            collector: collector.name,
            keyID: collector.keyID,
            epoch: 1_700_000_000_000_000_000,
            sequence: 1,
            count: 1,
            // The root over one leaf is its hash.
            root: leaf,
            previous: nil,
        )
        let seal = try BatchSeal(signing: body, by: key)
        #expect(try seal.verified(by: collector) == body)
        let found = [
            "entry": Hex.encode(entry), "leaf hash": leaf.hex, "seed": Hex.encode(seed),
            "public key": Hex.encode(key.publicKey), "key id": Hex.encode(collector.keyID),
            "body": Hex.encode(seal.body), "signature": Hex.encode(seal.signature),
        ]
        let lines = found.map { "\($0) \($1)" }.sorted().joined(separator: "\n")
        #expect(written == found, "the dump seal should be:\n\(lines)")
    }
}
