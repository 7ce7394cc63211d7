import Foundation
import LedgerCore
import MerkleTree
import Platform
import Primitives
import Storage
import Testing
import TransparencyLog

/// Goal: a log of production shape works on this machine's file system, past the page cache where that is possible.
@Suite struct PosixLogTests {
    static let batchByteCount = 40
    static let batchCount = 5_000

    private static func append(_ log: Log, batch number: Int) throws {
        var items: [AppendBatch.Item] = []
        var bytes: [UInt8] = []
        for position in 0..<self.batchCount {
            items.append(
                .init(offset: UInt32(bytes.count), byteCount: 40, kind: 3, slot: UInt8(truncatingIfNeeded: position))
            )
            let serial = UInt64(number * self.batchCount + position)
            bytes += unsafe withUnsafeBytes(of: serial.bigEndian) { unsafe Array($0) }
            bytes += [UInt8](repeating: UInt8(truncatingIfNeeded: serial), count: self.batchByteCount - 8)
        }
        let id = try #require(ProducerID([1]))
        let first = UInt64(number * self.batchCount + 1)
        let batch = AppendBatch(producers: [.init(id: id, epoch: 1, firstSequence: first)], items: items)
        let outcome = try unsafe bytes.withUnsafeBytes { try unsafe log.stage.stage(batch, from: $0) }
        #expect(outcome == .staged(first: first - 1, count: self.batchCount))
        while try log.committer.commit(at: 1) != nil {}
    }

    @Test func keepsALogOfProductionShape() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "indelible-log-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try PosixFileSystem(root: folder.path, create: true)
        let configuration = LogConfiguration(origin: "test.example/log")
        let salt = [UInt8](repeating: 9, count: 16)
        var log = try Log(on: files, configuration: configuration, salt: salt, now: 1)
        for number in 0..<28 { try Self.append(log, batch: number) }
        while try log.sealer.seal() {}
        #expect(log.reader.size == 140_000 && log.reader.sealedSize == 131_072)
        let publisher = try CheckpointPublisher(log, signer: Log.signer())
        let signed = try #require(try publisher.publish())
        let second = #expect(throws: IndelibleError.self) {
            try Log(on: files, configuration: configuration, salt: salt, now: 1)
        }
        #expect(second?.code == .failedPrecondition)
        log.close()

        let unseen = try PosixFileSystem(root: folder.path)
        log = try Log(on: unseen, configuration: configuration, salt: salt, now: 1)
        #expect(log.reader.head.root == signed.checkpoint.root && log.reader.size == 140_000)
        for index in [0, 65_535, 65_536, 131_071, 131_072, 139_999] as [UInt64] {
            let entry = try log.reader.entry(index)
            #expect(entry.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } == index)
            let proof = try log.reader.inclusionProof(index, size: 140_000)
            #expect(proof.verify(leaf: leafHashes([entry])[0], root: signed.checkpoint.root))
        }
        #expect(try log.reader.tile(level: 1, 1, width: 256).count == 8_192)
        try Self.append(log, batch: 28)
        log.close()
        var findings: [LogFinding] = []
        let summary = try LogCheck(unseen, key: Log.signer().verifierKey).run { findings.append($0) }
        #expect(findings == [] && summary.entryCount == 145_000)
        let mode = try FileManager.default.attributesOfItem(
            atPath: folder.appending(path: "segments/000000000000.seg").path
        )
        #expect(mode[.posixPermissions] as? Int == 0o444)
    }
}
