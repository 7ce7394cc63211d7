internal import JSONText

/// Cuts text into records: JSON lines, whole JSON documents, and the envelopes that sources wrap records in.
///
/// A text whose first line is a JSON value is read line by line, so that one bad line costs one record. Any other text is
/// tried as JSON that spans lines. Envelopes are `{"Records":[…]}` (CloudTrail; also `records`), `{"kind":"…List","items":[…]}`
/// (Kubernetes) and a bare array.
struct RecordSplitter: Sendable {
    private enum Mode: Sendable {
        /// No line is complete yet, or the first one did not stand alone.
        case undecided(searched: Int)
        case document
        case lines
    }

    private let limits: RecordLimits
    private var mode = Mode.undecided(searched: 0)
    private var buffer: [UInt8] = []
    /// Where the buffer starts in the text, and on which line.
    private var offset: UInt64 = 0
    private(set) var line = 1
    private var number: UInt64 = 0
    /// The rest of a line that grew too long is dropped up to its end.
    private var isSkipping = false
    /// What was cut off and not yet taken.
    private(set) var items: [RecordItem] = []

    init(_ limits: RecordLimits) { self.limits = limits }

    mutating func takeItems() -> [RecordItem] {
        defer { self.items = [] }
        return self.items
    }

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        self.buffer.append(contentsOf: bytes)
        if case .undecided(let searched) = self.mode { self.decide(from: searched) }
        switch self.mode {
        case .lines: self.cutLines(isEnd: false)
        case .document, .undecided:
            guard self.buffer.count > self.limits.textByteCountMax else { return }
            self.mode = .lines
            self.cutLines(isEnd: false)
        }
    }

    mutating func finish() {
        switch self.mode {
        case .lines: self.cutLines(isEnd: true)
        case .document, .undecided: self.cutDocument()
        }
    }

    /// Looks at the first line that is not blank.
    private mutating func decide(from searched: Int) {
        var start = 0
        var cursor = searched
        while let end = self.buffer[cursor...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = Self.trimmed(self.buffer, start..<end)
            if !line.isEmpty {
                self.mode = Self.isJSON(self.buffer, line) ? .lines : .document
                return
            }
            start = end + 1
            cursor = start
        }
        self.mode = .undecided(searched: start == self.buffer.count ? start : self.buffer.count)
    }

    // MARK: - Lines

    private mutating func cutLines(isEnd: Bool) {
        var start = 0
        while let end = self.buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
            self.cutLine(start..<end)
            self.line += 1
            start = end + 1
        }
        if isEnd, start < self.buffer.count {
            self.cutLine(start..<self.buffer.count)
            start = self.buffer.count
        }
        if self.buffer.count - start > self.limits.textByteCountMax {
            if !self.isSkipping { self.rejectLine("the line has more than \(self.limits.textByteCountMax) bytes") }
            self.isSkipping = true
            start = self.buffer.count
        }
        self.offset += UInt64(start)
        self.buffer.removeSubrange(..<start)
    }

    private mutating func cutLine(_ range: Range<Int>) {
        let range = Self.trimmed(self.buffer, range)
        guard !self.isSkipping else {
            self.isSkipping = false
            return
        }
        guard !range.isEmpty else { return }
        guard Self.mayBeEnvelope(self.buffer, range) else { return self.emit(range, line: self.line) }
        let line = self.line
        var cut = Cut(lineStart: range.lowerBound, line: line)
        do throws(JSONError) {
            var reader = self.reader(range)
            cut.add(try Envelope.ranges(of: &reader), in: self.buffer)
            try reader.finish()
        } catch {
            return self.rejectLine(error.reason)
        }
        for record in cut.records { self.emit(record.range, line: record.line) }
    }

    private mutating func rejectLine(_ reason: String) {
        self.number += 1
        self.items.append(.rejected(RejectedRecord(number: self.number, line: self.line, reason: reason)))
    }

    private mutating func emit(_ range: Range<Int>, line: Int) {
        self.number += 1
        guard range.count <= self.limits.recordByteCountMax else {
            let reason =
                "the record has \(range.count) bytes, more than the \(self.limits.recordByteCountMax) it may have"
            self.items.append(.rejected(RejectedRecord(number: self.number, line: line, reason: reason)))
            return
        }
        let start = self.offset + UInt64(range.lowerBound)
        self.items.append(
            .record(
                RawRecord(
                    bytes: Array(self.buffer[range]),
                    number: self.number,
                    line: line,
                    byteRange: start..<start + UInt64(range.count),
                )
            )
        )
    }

    // MARK: - Documents

    /// The buffer is the whole text.
    ///
    /// What stands before a fault is kept. A text with a fault in which some line is a JSON object by itself was meant as
    /// JSON lines.
    private mutating func cutDocument() {
        var reader = self.reader(self.buffer.indices)
        var cut = Cut(lineStart: 0, line: self.line)
        do throws(JSONError) {
            while !reader.isAtEnd {
                cut.add(try Envelope.ranges(of: &reader, partial: &cut.salvaged), in: self.buffer)
            }
        } catch {
            if self.hasObjectLine() {
                self.mode = .lines
                return self.cutLines(isEnd: true)
            }
            cut.add(cut.salvaged, in: self.buffer)
            for record in cut.records { self.emit(record.range, line: record.line) }
            self.number += 1
            self.items.append(
                .rejected(RejectedRecord(number: self.number, line: error.line, reason: error.reason))
            )
            return
        }
        for record in cut.records { self.emit(record.range, line: record.line) }
    }

    private func hasObjectLine() -> Bool {
        self.buffer.split(separator: UInt8(ascii: "\n")).contains { line in
            let range = Self.trimmed(self.buffer, line.startIndex..<line.endIndex)
            return !range.isEmpty && self.buffer[range.lowerBound] == UInt8(ascii: "{") && range.count > 2
                && Self.isJSON(self.buffer, range)
        }
    }

    private func reader(_ range: Range<Int>) -> JSONReader {
        JSONReader(
            self.buffer,
            in: range,
            options: JSONOptions(byteCountMax: .max, valueCountMax: .max, loneSurrogates: .replace),
        )
    }

    // MARK: - Bytes

    private static func isJSON(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        do throws(JSONError) {
            var reader = JSONReader(
                bytes,
                in: range,
                options: JSONOptions(valueCountMax: .max, loneSurrogates: .replace),
            )
            try reader.skipValue()
            try reader.finish()
            return true
        } catch {
            return false
        }
    }

    private static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a }
        var range = range
        while let byte = range.isEmpty ? nil : bytes[range.upperBound - 1], isBlank(byte) {
            range = range.lowerBound..<range.upperBound - 1
        }
        while let byte = range.isEmpty ? nil : bytes[range.lowerBound], isBlank(byte) {
            range = range.lowerBound + 1..<range.upperBound
        }
        return range
    }

    /// Cheap and sure to see an envelope, whose list is among its first members.
    private static func mayBeEnvelope(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard bytes[range.lowerBound] == UInt8(ascii: "{") else { return bytes[range.lowerBound] == UInt8(ascii: "[") }
        let end = min(range.upperBound, range.lowerBound + Self.envelopeHeadByteCount)
        // Marks are quoted names; a search that looks for the quote first is done in some hundred instructions.
        for start in range.lowerBound..<end where bytes[start] == UInt8(ascii: "\"") {
            if Envelope.marks.contains(where: { bytes[start..<end].starts(with: $0) }) { return true }
        }
        return false
    }

    /// Bytes at the front of a line in which an envelope names its list.
    private static let envelopeHeadByteCount = 512
}

/// Records found in a text, with the lines on which they begin.
private struct Cut {
    private(set) var records: [(range: Range<Int>, line: Int)] = []
    /// Elements of an envelope that turned out to be broken further on.
    var salvaged: [Range<Int>] = []
    private var cursor: Int
    private var line: Int

    init(lineStart: Int, line: Int) {
        self.cursor = lineStart
        self.line = line
    }

    mutating func add(_ ranges: [Range<Int>], in bytes: [UInt8]) {
        for range in ranges {
            self.line += bytes[self.cursor..<range.lowerBound].count { $0 == UInt8(ascii: "\n") }
            self.cursor = range.lowerBound
            self.records.append((range, self.line))
        }
    }
}
