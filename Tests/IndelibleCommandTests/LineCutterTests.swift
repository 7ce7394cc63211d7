import IndelibleCommand
import Primitives
import Testing

/// Goal: a growing file is cut into the same numbered lines however it is read.
@Suite struct LineCutterTests {
    private static let text = "a\r\n\n  \nbcd\n0123456789abcdef\nlast\nopen"

    @Test(arguments: 1...40) func cutsTheSameLinesWhateverIsReadAtOnce(size: Int) {
        var cutter = LineCutter(number: 5, offset: 100, lineByteCountMax: 8)
        let bytes = Array(Self.text.utf8)
        var lines: [LineCutter.Line] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            lines += cutter.append(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        let expected: [(UInt64, String?, UInt64)] = [
            (5, "a", 103), (6, "bcd", 111), (7, nil, 128), (8, "last", 133),
        ]
        #expect(lines.map(\.number) == expected.map(\.0))
        #expect(lines.map(\.bytes) == expected.map { $0.1.map { Array($0.utf8) } })
        #expect(lines.map(\.end) == expected.map(\.2))
        let last = cutter.finish()
        #expect(last == LineCutter.Line(number: 9, bytes: Array("open".utf8), end: 137))
        #expect(cutter.finish() == nil)
    }

    @Test func goesOnWhereItStopped() {
        var cutter = LineCutter(number: 1, offset: 0, lineByteCountMax: 100)
        let first = cutter.append(Array("one\ntwo\nthr".utf8))
        #expect(first.last?.end == 8)
        var next = LineCutter(number: 3, offset: 8, lineByteCountMax: 100)
        #expect(next.append(Array("three\n".utf8)) == [.init(number: 3, bytes: Array("three".utf8), end: 14)])
    }
}

/// Goal: what is remembered of a file is read back as it was written, and damage is not taken for a position.
@Suite struct TailPositionTests {
    @Test func isReadBack() throws {
        var position = TailPosition(producer: [UInt8](repeating: 7, count: 16), epoch: 3)
        #expect(try TailPosition(parsing: Array(position.text.utf8), what: "state") == position)
        position.nextNumber = 12
        position.offset = 99
        position.file = FileMark(device: 1, inode: 2, headByteCount: 9, head: .zero)
        #expect(try TailPosition(parsing: Array(position.text.utf8), what: "state") == position)
    }

    @Test(arguments: ["", "{}", "{\"version\":1}", "[1]"]) func refusesDamage(_ text: String) {
        #expect(throws: (any Error).self) { try TailPosition(parsing: Array(text.utf8), what: "state") }
    }
}
