import Cryptography
import Foundation
import Primitives
import Testing
import TransparencyLog

/// Goal: files that other implementations made and accepted read as they do there.
///
/// Method: they are not part of this repository; where they are absent, the suite is skipped, and says so.
@Suite(.enabled(if: SharedVectors.directory != nil, "no shared vectors: set INDELIBLE_SHARED"))
struct SharedVectorTests {
    private let log: VerifierKey
    private let witness: VerifierKey

    init() throws {
        self.log = try VerifierKey(parsing: SharedVectors.line("log.vkey"))
        self.witness = try VerifierKey(parsing: SharedVectors.line("wit.vkey"))
    }

    @Test func keysAreAsWorkedOut() {
        #expect(self.log.description == WorkedValues.logKey)
        #expect(self.witness.description == WorkedValues.witnessKey)
    }

    @Test func checkpointVerifies() throws {
        let bytes = try SharedVectors.bytes("log7/checkpoint")
        let note = try SignedNote(parsing: bytes)
        #expect(try note.verified(by: [self.log, self.witness]).count == 2)
        #expect(try SignedCheckpoint(note).checkpoint.size == 7)
        #expect(note.bytes == bytes)
    }

    @Test func everyFileOfTheLogIsNamed() throws {
        for tile in TileGrowth(from: 0, to: 7) {
            let bytes = try SharedVectors.bytes("log7/\(tile)")
            switch tile.content {
            case .hashes: #expect(bytes.count == tile.width * Digest.byteCount)
            case .entries:
                let entries = try EntryBundle.ranges(in: bytes, count: tile.width).map { bytes[$0] }
                #expect(entries.map { String(decoding: $0, as: UTF8.self) } == (0..<7).map { "entry-\($0)" })
            }
        }
    }

    @Test(arguments: ["req0to3.txt", "req3to7.txt"]) func requestsRoundTrip(name: String) throws {
        let bytes = try SharedVectors.bytes(name)
        let request = try WitnessRequest(parsing: bytes)
        #expect(request.bytes == bytes)
        #expect(try request.checkpoint.note.verified(by: [self.log]).count == 1)
    }

    @Test func proofRoundTrips() throws {
        let bytes = try SharedVectors.bytes("proof4of7.tlog-proof")
        #expect(try TLogProof(parsing: bytes).bytes == bytes)
    }

    /// A signature of a type that this build does not verify, over the same checkpoint.
    @Test func carriesPostQuantumCosignatures() throws {
        let line = try SharedVectors.line("mldsa_line.txt") + "\n"
        let note = try SignedNote(parsing: SharedVectors.bytes("log7/checkpoint") + Array(line.utf8))
        let last = try #require(note.signatures.last)
        #expect(last.keyIdentifier == 0xc6e2_0533)
        #expect(last.bytes.count == 2428)
        #expect(last.line == line)
        #expect(try note.verified(by: [self.log, self.witness]).count == 2)
    }
}

/// The folder with vectors: in `$INDELIBLE_SHARED`, or in `../shared` beside the repository.
private enum SharedVectors {
    static let directory: URL? = {
        let beside = URL(filePath: #filePath).appending(path: "../../../../shared").standardizedFileURL
        let root = ProcessInfo.processInfo.environment["INDELIBLE_SHARED"].map { URL(filePath: $0) } ?? beside
        let directory = root.appending(path: "vectors/tlog")
        return FileManager.default.fileExists(atPath: directory.path) ? directory : nil
    }()

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: #require(Self.directory).appending(path: name)))
    }

    static func line(_ name: String) throws -> String {
        try String(decoding: Self.bytes(name), as: UTF8.self).trimmingCharacters(in: .newlines)
    }
}
