import Foundation
import LedgerCore
import Primitives
import Simulation
import Storage
import Testing

/// Goal: the bytes on the disk are those that docs/formats.md shows.
///
/// Method: make a log with nothing left to chance and compare with each dump of the page.
@Suite struct FormatTests {
    static let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/formats.md")

    /// The lines of the block that starts with this fence.
    static func dump(_ name: String) throws -> [String] {
        let lines = try String(contentsOf: Self.page, encoding: .utf8).components(separatedBy: "\n")
        let start = try #require(lines.firstIndex(of: "```dump \(name)"))
        return Array(lines[(start + 1)...].prefix { $0 != "```" })
    }

    static func hexDump(_ bytes: ArraySlice<UInt8>) -> [String] {
        stride(from: bytes.startIndex, to: bytes.endIndex, by: 32).map { start in
            let row = Array(bytes[start..<min(start + 32, bytes.endIndex)])
            let offset = String(start - bytes.startIndex)
            return String(repeating: " ", count: 4 - offset.count) + offset + "  " + Hex.encode(row)
        }
    }

    @Test func bytesAreAsDocumented() throws {
        let disk = SimulatedDisk()
        let log = try Log.small(on: disk, segmentEntryCount: 16)
        _ = try log.append(TestBatch(producer: 1, firstSequence: 1, count: 2, byteCountMax: 1))
        _ = try log.append(TestBatch(producer: 1, firstSequence: 3, count: 14, byteCountMax: 1))
        try log.sealAll()
        let identity = try #require(try disk.readAll("identity", byteCountMax: 4096))
        let lines = String(decoding: identity, as: UTF8.self).split(separator: "\n").map(String.init)
        try Self.check("identity", lines)
        let journal = try #require(try disk.readAll("journal/00000001.jnl", byteCountMax: 1 << 20))
        try Self.check("frame", Self.hexDump(journal[..<320]))
        let segment = try #require(try disk.readAll("segments/000000000000.seg", byteCountMax: 1 << 20))
        try Self.check("manifest", Self.hexDump(segment[..<320]))
    }

    private static func check(_ name: String, _ found: [String]) throws {
        let written = try Self.dump(name)
        #expect(written == found, "the dump \(name) should be:\n\(found.joined(separator: "\n"))")
    }
}
