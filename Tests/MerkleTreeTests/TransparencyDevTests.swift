import Foundation
import JSONText
import MerkleTree
import Primitives
import Testing

/// Goal: accept and refuse what the Go library `transparency-dev/merkle` accepts and refuses.
///
/// Method: its own 196 test cases, in `vectors/tlog/transparency-dev-merkle-proofs.json` of the folder in
/// `$INDELIBLE_SHARED`, or of `../shared` beside the repository. Where they are absent, the suite is skipped, and says so.
@Suite(.enabled(if: SharedVectors.file != nil, "no shared vectors: set INDELIBLE_SHARED"))
struct TransparencyDevTests {
    private static func cases(_ kind: String) throws -> [JSONValue] {
        let bytes = Array(try Data(contentsOf: #require(SharedVectors.file)))
        return try #require(try JSONValue(parsing: bytes)[kind]?.array)
    }

    /// A hash that is missing or not 32 bytes long cannot even be represented here: `nil`, which refuses the proof.
    private static func digest(_ value: JSONValue?) -> Digest? {
        value?.string.flatMap { Base64.decode($0) }.flatMap { Digest($0) }
    }

    private static func hashes(_ row: JSONValue) -> [Digest]? {
        let hashes = row["proof"]?.array ?? []
        let digests = hashes.compactMap { Self.digest($0) }
        return digests.count == hashes.count ? digests : nil
    }

    private static func inclusionHolds(_ row: JSONValue) throws -> Bool {
        let index = try #require(row["leafIdx"]?.number?.uint64)
        let size = try #require(row["treeSize"]?.number?.uint64)
        guard let leaf = Self.digest(row["leafHash"]), let root = Self.digest(row["root"]),
            let hashes = Self.hashes(row)
        else { return false }
        return InclusionProof(index: index, size: size, hashes: hashes).verify(leaf: leaf, root: root)
    }

    private static func consistencyHolds(_ row: JSONValue) throws -> Bool {
        let oldSize = try #require(row["size1"]?.number?.uint64)
        let newSize = try #require(row["size2"]?.number?.uint64)
        guard let old = Self.digest(row["root1"]), let new = Self.digest(row["root2"]), let hashes = Self.hashes(row)
        else { return false }
        return ConsistencyProof(oldSize: oldSize, newSize: newSize, hashes: hashes).verify(oldRoot: old, newRoot: new)
    }

    @Test func inclusion() throws {
        let rows = try Self.cases("inclusion")
        #expect(rows.count == 98)
        for row in rows {
            #expect(try Self.inclusionHolds(row) == (row["wantErr"] == false), "\(row["file"]?.string ?? "")")
        }
    }

    @Test func consistency() throws {
        let rows = try Self.cases("consistency")
        #expect(rows.count == 98)
        for row in rows {
            let file = row["file"]?.string ?? ""
            // Accepted there for two equal roots that say "don't care": no hash at all, so it cannot be asked here.
            if file.hasSuffix("/sizes-are-equal-one-and-proof-is-empty.json") { continue }
            #expect(try Self.consistencyHolds(row) == (row["wantErr"] == false), "\(file)")
        }
    }
}

private enum SharedVectors {
    static let file: URL? = {
        let beside = URL(filePath: #filePath).appending(path: "../../../../shared").standardizedFileURL
        let root = ProcessInfo.processInfo.environment["INDELIBLE_SHARED"].map { URL(filePath: $0) } ?? beside
        let file = root.appending(path: "vectors/tlog/transparency-dev-merkle-proofs.json")
        return FileManager.default.fileExists(atPath: file.path) ? file : nil
    }()
}
