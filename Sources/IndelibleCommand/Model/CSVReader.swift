package import Primitives

/// Rows of cells out of comma-separated text that comes in pieces (RFC 4180).
///
/// Lines end with LF or CRLF; a cell in double quotes may hold commas, line ends and doubled quotes; a byte order mark at
/// the start is passed over. Only the row being read is held. Lines without any text are passed over; a cell that is
/// really empty in a column of its own is written `""`.
package struct CSVReader {
    /// One row, valid until the next one.
    package struct Row {
        /// Where the row begins, from 1.
        package fileprivate(set) var line = 1
        /// The cells' bytes without their quotes, one after the other.
        fileprivate var bytes: [UInt8] = []
        /// Where each cell ends in ``bytes``.
        fileprivate var ends: [Int] = []

        package var count: Int { self.ends.count }

        /// The bytes of a cell, without its quotes.
        package subscript(_ column: Int) -> ArraySlice<UInt8> {
            self.bytes[(column == 0 ? 0 : self.ends[column - 1])..<self.ends[column]]
        }

        package func text(_ column: Int) -> String { String(decoding: self[column], as: UTF8.self) }
    }

    /// Bytes of one row: a million cells of 32 bytes.
    package static let rowByteCountMax = 32 << 20

    private enum State {
        case cellStart
        case plain
        case quoted
        /// A quote inside quotes: the end of the cell, or the first half of a doubled one.
        case quote
        /// A CR that must be followed by LF.
        case carriageReturn
    }

    private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]

    private let name: String
    private var state = State.cellStart
    private var row = Row()
    private var line = 1
    /// Bytes of the byte order mark seen so far; `nil` once the first other byte has come.
    private var markCount: Int? = 0
    private var hasText = false

    /// - Parameter name: the file, for messages.
    package init(name: String) { self.name = name }

    /// Reads on, and hands out each row that is complete.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with file, line and column; whatever `body` throws.
    package mutating func read(
        _ bytes: ArraySlice<UInt8>,
        _ body: (Row) throws(IndelibleError) -> Void,
    ) throws(IndelibleError) {
        for byte in bytes {
            if let count = self.markCount {
                if count < Self.mark.count, byte == Self.mark[count] {
                    self.markCount = count + 1
                    continue
                }
                self.markCount = nil
                for byte in Self.mark.prefix(count) where count < Self.mark.count { try self.take(byte, body) }
            }
            try self.take(byte, body)
        }
    }

    /// Hands out a last row that has no line end.
    ///
    /// - Throws: as ``read(_:_:)``.
    package mutating func finish(_ body: (Row) throws(IndelibleError) -> Void) throws(IndelibleError) {
        switch self.state {
        case .quoted: throw self.refusal("the quotes of this cell are never closed")
        case .carriageReturn: try self.endRow(body)
        case .cellStart, .plain, .quote:
            if self.hasText { try self.endRow(body) }
        }
    }

    private mutating func take(
        _ byte: UInt8,
        _ body: (Row) throws(IndelibleError) -> Void,
    ) throws(IndelibleError) {
        if self.state == .quoted {
            if byte == UInt8(ascii: "\"") { self.state = .quote } else { try self.append(byte) }
            if byte == UInt8(ascii: "\n") { self.line += 1 }
            return
        }
        switch byte {
        case UInt8(ascii: "\n"): return try self.endRow(body)
        case _ where self.state == .carriageReturn: throw self.refusal("a CR without LF ends this cell")
        case UInt8(ascii: "\r"): self.state = .carriageReturn
        case UInt8(ascii: ","):
            self.row.ends.append(self.row.bytes.count)
            self.hasText = true
            self.state = .cellStart
        case UInt8(ascii: "\"") where self.state == .cellStart:
            self.hasText = true
            self.state = .quoted
        case UInt8(ascii: "\"") where self.state == .quote:
            try self.append(byte)
            self.state = .quoted
        case _ where self.state == .quote: throw self.refusal("text follows the quotes of this cell")
        default:
            self.hasText = true
            try self.append(byte)
            self.state = .plain
        }
    }

    private mutating func append(_ byte: UInt8) throws(IndelibleError) {
        guard self.row.bytes.count < Self.rowByteCountMax else {
            throw self.refusal("the row has more than \(Self.rowByteCountMax) bytes")
        }
        self.row.bytes.append(byte)
    }

    private mutating func endRow(_ body: (Row) throws(IndelibleError) -> Void) throws(IndelibleError) {
        if self.hasText {
            self.row.ends.append(self.row.bytes.count)
            try body(self.row)
            self.row.bytes.removeAll(keepingCapacity: true)
            self.row.ends.removeAll(keepingCapacity: true)
        }
        self.hasText = false
        self.state = .cellStart
        self.line += 1
        self.row.line = self.line
    }

    private func refusal(_ reason: String) -> IndelibleError {
        .cell(self.name, line: self.row.line, column: self.row.count + 1, reason)
    }
}

extension IndelibleError {
    /// A cell that cannot be read; `column` counts cells from 1.
    static func cell(_ file: String, line: Int, column: Int, _ reason: String) -> IndelibleError {
        IndelibleError(.invalidArgument, "\(file), line \(line), column \(column): \(reason).")
    }
}
