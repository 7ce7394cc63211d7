// Goal: records come out whole, in order and at the right place, whatever the wrapping and however the file is damaged.
// Method: tables of small files, each read in chunks of every size; gzip made by the gzip program, cut off at every byte.

import EventFormats
import Foundation
import Primitives
import Testing

struct RecordReaderTests {
    struct File: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        /// What comes out: `line:record`, or `line!reason`.
        let items: [String]
        var testDescription: String { self.name }
    }

    static let files = [
        File(name: "empty", text: "", items: []),
        File(name: "blank", text: "\n \r\n", items: []),
        File(name: "lines", text: "{\"a\":1}\n{\"b\" : 2}\n", items: ["1:{\"a\":1}", "2:{\"b\" : 2}"]),
        File(name: "no last line end", text: "{\"a\":1}\n{\"b\":2}", items: ["1:{\"a\":1}", "2:{\"b\":2}"]),
        File(
            name: "CRLF, blank lines",
            text: "\r\n{\"a\":1}\r\n\r\n {\"b\":2} \r\n",
            items: ["2:{\"a\":1}", "4:{\"b\":2}"],
        ),
        File(name: "byte order mark", text: "\u{feff}{\"a\":1}\n", items: ["1:{\"a\":1}"]),
        File(
            name: "bad line in the middle",
            text: "{\"a\":1}\n{\"b\":\n{\"c\":3}",
            items: ["1:{\"a\":1}", "2:{\"b\":", "3:{\"c\":3}"],
        ),
        File(name: "bad first line", text: "{\"a\":\"\n{\"c\":3}\n", items: ["1:{\"a\":\"", "2:{\"c\":3}"]),
        File(name: "no JSON at all", text: "hello\nworld\n", items: ["1!expected a value, found 'h'"]),
        File(
            name: "CloudTrail on one line",
            text: "{\"Records\":[{\"a\":1},{\"b\":2}]}",
            items: ["1:{\"a\":1}", "1:{\"b\":2}"],
        ),
        File(name: "empty CloudTrail", text: "{\"Records\":[]}", items: ["1:{\"Records\":[]}"]),
        File(
            name: "CloudTrail files one after the other",
            text: "{\"Records\":[{\"a\":1}]}\n{\"Records\":[{\"b\":2},{\"c\":3}]}\n{\"d\":4}\n",
            items: ["1:{\"a\":1}", "2:{\"b\":2}", "2:{\"c\":3}", "3:{\"d\":4}"],
        ),
        File(
            name: "CloudTrail over many lines",
            text: "{\n  \"Records\": [\n    {\n \"a\": 1\n},\n    {\"b\": [\n2]}\n  ]\n}\n",
            items: ["3:{\n \"a\": 1\n}", "6:{\"b\": [\n2]}"],
        ),
        File(
            name: "broken CloudTrail over many lines keeps what stands before the fault",
            text: "{\n\"Records\": [\n{\"a\":\n1},\n{\"b\":\n2},\n{\"c\":\n",
            items: ["3:{\"a\":\n1}", "5:{\"b\":\n2}", "8!expected a value, found the end of the text"],
        ),
        File(
            name: "Kubernetes list",
            text: "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[{\"a\":1},{\"b\":2}]}\n",
            items: ["1:{\"a\":1}", "1:{\"b\":2}"],
        ),
        File(
            name: "Kubernetes list, keys sorted",
            text: "{\"apiVersion\":\"v1\",\"items\":[{\"a\":1}],\"kind\":\"EventList\"}\n",
            items: ["1:{\"a\":1}"],
        ),
        File(
            name: "items of a record",
            text: "{\"kind\":\"order\",\"items\":[{\"a\":1}]}\n",
            items: ["1:{\"kind\":\"order\",\"items\":[{\"a\":1}]}"],
        ),
        File(
            name: "broken envelope line",
            text: "{\"a\":1}\n{\"Records\":[{\"b\":2},]}\n{\"c\":3}\n",
            items: [
                "1:{\"a\":1}", "2!expected a value, found ']'", "3:{\"c\":3}",
            ],
        ),
        File(name: "array", text: "[{\"a\":1},\n{\"b\":2}]\n", items: ["1:{\"a\":1}", "2:{\"b\":2}"]),
        File(
            name: "objects over many lines",
            text: "{\n\"a\":1\n}\n{\n\"b\":2\n}\n",
            items: ["1:{\n\"a\":1\n}", "4:{\n\"b\":2\n}"],
        ),
    ]

    private static func describe(_ items: [RecordItem]) -> [String] {
        items.map { item in
            switch item {
            case .record(let record): "\(record.line):\(String(decoding: record.bytes, as: UTF8.self))"
            case .rejected(let rejected): "\(rejected.line)!\(rejected.reason)"
            }
        }
    }

    @Test(arguments: files) func reads(_ file: File) throws {
        let bytes = Array(file.text.utf8)
        for chunkByteCount in [1, 2, 3, 7, 64] {
            #expect(
                try Self.describe(readAll(bytes, chunkByteCount: chunkByteCount)) == file.items,
                "chunks of \(chunkByteCount)",
            )
        }
    }

    @Test(arguments: files) func tellsWhereRecordsLie(_ file: File) throws {
        let text = Array(file.text.utf8)
        let plain = text.starts(with: [0xef, 0xbb, 0xbf]) ? Array(text[3...]) : text
        let items = try readAll(text)
        for (position, item) in items.enumerated() {
            guard case .record(let record) = item else { continue }
            #expect(record.number == UInt64(position + 1))
            #expect(Array(plain[Int(record.byteRange.lowerBound)..<Int(record.byteRange.upperBound)]) == record.bytes)
        }
    }

    @Test func refusesUTF16() throws {
        let items = try readAll([0xff, 0xfe, 0x7b, 0x00])
        #expect(Self.describe(items) == ["1!The file is UTF-16. Convert it: iconv -f UTF-16 -t UTF-8"])
    }

    @Test func boundsLinesAndRecords() throws {
        var limits = RecordLimits()
        limits.textByteCountMax = 32
        limits.recordByteCountMax = 16
        let long = "{\"a\":\"\(String(repeating: "x", count: 40))\"}"
        let medium = "{\"b\":\"xxxxxxxxxxxx\"}"
        let items = try readAll(
            Array("{\"c\":1}\n\(long)\n\(medium)\n{\"d\":2}\n".utf8),
            chunkByteCount: 5,
            limits: limits,
        )
        #expect(
            Self.describe(items) == [
                "1:{\"c\":1}", "2!the line has more than 32 bytes",
                "3!the record has 20 bytes, more than the 16 it may have", "4:{\"d\":2}",
            ]
        )
    }

    // MARK: - gzip

    private static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "records-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "text")
        try Data(bytes).write(to: file)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-9", file.path]
        try process.run()
        process.waitUntilExit()
        return Array(try Data(contentsOf: folder.appending(path: "text.gz")))
    }

    @Test func decompresses() throws {
        let lines = (0..<5000).map { "{\"n\":\($0),\"text\":\"\($0 &* 2_654_435_761)\"}" }
        let text = Array(lines.joined(separator: "\n").utf8)
        let compressed = try Self.gzip(text)
        let expected = try readAll(text)
        #expect(expected.count == 5000)
        for chunkByteCount in [1, 1000, RecordReader.chunkByteCountMax] {
            #expect(try readAll(compressed, chunkByteCount: chunkByteCount) == expected)
        }
    }

    @Test func readsMemberAfterMember() throws {
        let members = try Self.gzip(Array("{\"a\":1}\n{\"b\"".utf8)) + Self.gzip(Array(":2}\n".utf8))
        #expect(try Self.describe(readAll(members)) == ["1:{\"a\":1}", "2:{\"b\":2}"])
    }

    @Test func reportsEveryTruncation() throws {
        let compressed = try Self.gzip(Array("{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n".utf8))
        for length in 2..<compressed.count {
            let items = try readAll(Array(compressed[..<length]))
            guard case .rejected(let rejected) = items.last else {
                Issue.record("cut to \(length) bytes, the file is taken for whole")
                continue
            }
            #expect(rejected.reason.contains("ends in the middle"), "cut to \(length) bytes")
        }
    }

    /// A changed byte may hit a field that nobody reads; otherwise it is reported, and never traps.
    @Test func survivesEveryByteChange() throws {
        let compressed = try Self.gzip(Array("{\"a\":1}\n{\"b\":2}\n".utf8))
        let whole = try readAll(compressed)
        for position in compressed.indices {
            var changed = compressed
            changed[position] ^= 0x5a
            let items = try readAll(changed)
            #expect(items == whole || Self.describe(items).contains { $0.contains("!") }, "byte \(position)")
        }
    }

    @Test func refusesABomb() throws {
        let bomb = try Self.gzip([UInt8](repeating: 0x20, count: 8 << 20))
        var limits = RecordLimits()
        limits.ratioFreeByteCount = 1 << 20
        let ratio = try readAll(bomb, limits: limits)
        #expect(Self.describe(ratio).last?.contains("more than 250 times its size") == true)
        limits = RecordLimits()
        limits.decompressedByteCountMax = 1 << 20
        let size = try readAll(bomb, limits: limits)
        #expect(Self.describe(size).last?.contains("more than 1048576 bytes") == true)
        #expect(try readAll(bomb).isEmpty)
    }
}
