import IndelibleCommand
import Primitives
import Simulation
import Testing

/// Goal: tables are read as RFC 4180 says, wherever the pieces of a file end; what is wrong is said with its place.
///
/// Method: each text is read in one piece and byte by byte.
struct CSVReaderTests {
    struct Row: Sendable {
        let text: String
        let cells: [[String]]
    }

    static let rows = [
        Row(text: "", cells: []),
        Row(text: "a,b\n1,2\n", cells: [["a", "b"], ["1", "2"]]),
        Row(text: "a,b\r\n1,2\r\n", cells: [["a", "b"], ["1", "2"]]),
        Row(text: "1,2", cells: [["1", "2"]]),
        Row(text: "1,2\r", cells: [["1", "2"]]),
        Row(text: ",\n,,\n", cells: [["", ""], ["", "", ""]]),
        Row(text: "1\n\n\r\n2\n", cells: [["1"], ["2"]]),
        Row(text: "\"\"\n", cells: [[""]]),
        Row(text: "\"a,\"\"b\"\"\r\nc\",d\n", cells: [["a,\"b\"\r\nc", "d"]]),
        Row(text: "a\"b,c\n", cells: [["a\"b", "c"]]),
        Row(text: "\u{feff}a,b\n", cells: [["a", "b"]]),
        Row(text: "\u{ff}é\n", cells: [["\u{ff}é"]]),
    ]

    private static func read(_ text: String, pieces: Int) throws -> [[String]] {
        var reader = CSVReader(name: "t.csv")
        var cells: [[String]] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            try reader.read(bytes[start..<min(bytes.count, start + pieces)]) { row in
                cells.append((0..<row.count).map(row.text))
            }
        }
        try reader.finish { row in cells.append((0..<row.count).map(row.text)) }
        return cells
    }

    @Test(arguments: Self.rows) func readsTheSameInAnyPieces(_ row: Row) throws {
        #expect(try Self.read(row.text, pieces: 1) == row.cells)
        #expect(try Self.read(row.text, pieces: 1 << 20) == row.cells)
    }

    @Test(arguments: [
        ("1,\"2\n", "t.csv, line 1, column 2: the quotes of this cell are never closed."),
        ("1\n\"2\"3\n", "t.csv, line 2, column 1: text follows the quotes of this cell."),
        ("1\n\"\n\",\r2\n", "t.csv, line 2, column 2: a CR without LF ends this cell."),
    ]) func saysWhereItIsBroken(text: String, message: String) throws {
        let error = #expect(throws: IndelibleError.self) { try Self.read(text, pieces: 1) }
        #expect(error?.message == message)
        #expect(error?.code == .invalidArgument)
    }

    /// A file without a line end must not fill the memory.
    @Test func refusesEndlessRows() throws {
        var reader = CSVReader(name: "t.csv")
        let piece = [UInt8](repeating: UInt8(ascii: "1"), count: 1 << 20)
        for _ in 0..<CSVReader.rowByteCountMax / piece.count { try reader.read(piece[...]) { _ in } }
        let error = #expect(throws: IndelibleError.self) { try reader.read(piece[..<1]) { _ in } }
        #expect(error?.message == "t.csv, line 1, column 1: the row has more than 33554432 bytes.")
    }

    @Test(
        arguments: [
            ("", .missing), ("  ", .missing), ("nan", .missing), ("NaN", .missing), ("-nan", .missing),
            ("0", .number(0)), ("-1.5", .number(-1.5)), (" 2 ", .number(2)), ("+3", .number(3)),
            ("1e3", .number(1000)),
            (".5", .number(0.5)), ("5.", .number(5)), ("inf", .number(.infinity)), ("-Infinity", .number(-.infinity)),
            ("x", .text), ("1x", .text), ("1.2.3", .text), ("0x10", .text), ("-", .text), ("1 2", .text),
            ("nan(1)", .text),
            ("1,5", .text), ("e", .text),
        ] as [(String, DecimalCell)]
    ) func readsCells(text: String, cell: DecimalCell) {
        #expect(DecimalCell(Array(text.utf8)[...]) == cell)
    }

    /// The short way to a number must round like the long one.
    @Test(arguments: 0..<20 as Range<UInt64>) func decimalsAreRoundedOnce(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let digits = String(Int64.random(in: 0..<1_000_000_000_000_000_00, using: &random))
            var text = String(digits.prefix(Int.random(in: 1...digits.count, using: &random)))
            let point = Int.random(in: 0...text.count, using: &random)
            text.insert(contentsOf: ".", at: text.index(text.startIndex, offsetBy: point))
            if Bool.random(using: &random) { text = "-" + text }
            let value = try #require(Double(text))
            #expect(DecimalCell(Array(text.utf8)[...]) == .number(value), "\(text)")
        }
        #expect(DecimalCell(Array("-0".utf8)[...]) == .number(-0.0))
        guard case .number(let zero) = DecimalCell(Array("-0.0".utf8)[...]) else { return }
        #expect(zero.sign == .minus)
    }
}
