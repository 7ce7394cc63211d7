/// Reads JSON text value by value (RFC 8259), strictly, in one pass, without copying what it skips.
///
/// ``read(_:options:)`` builds the tree of a whole text. For texts too large for a tree, or whose raw bytes matter, drive it:
///
///     try reader.readObject { key, reader throws(JSONError) in
///         guard key == "Records" else { return _ = try reader.skipValue() }
///         try reader.readArray { reader throws(JSONError) in ranges.append(try reader.skipValue()) }
///     }
///
/// Every method skips white space before its value and leaves the reader directly after it.
package struct JSONReader: Sendable {
    package enum Kind: Sendable, Equatable {
        case null, bool, number, string, array, object
    }

    package let bytes: [UInt8]
    package let end: Int
    package let options: JSONOptions
    /// Index into ``bytes`` of the next byte to read.
    package internal(set) var position: Int
    private var depth = 0
    private var valueCount = 0

    /// - Parameters:
    ///   - bytes: the buffer, which the reader keeps.
    ///   - range: the part of `bytes` that is the text; all of it when `nil`.
    ///   - options: what is accepted, and the bounds.
    package init(_ bytes: [UInt8], in range: Range<Int>? = nil, options: JSONOptions = .strict) {
        let range = range ?? bytes.indices
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "the text lies outside its buffer")
        self.bytes = bytes
        self.position = range.lowerBound
        self.end = range.upperBound
        self.options = options
    }

    /// The one value that `bytes` holds, with nothing but white space around it.
    package static func read(
        _ bytes: [UInt8],
        in range: Range<Int>? = nil,
        options: JSONOptions = .strict,
    ) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes, in: range, options: options)
        try reader.checkStart()
        let value = try reader.readValue()
        try reader.finish()
        return value
    }

    /// Refuses a text that is too long, or that opens with a byte order mark (RFC 8259, section 8.1).
    package func checkStart() throws(JSONError) {
        guard self.end - self.position <= self.options.byteCountMax else {
            throw self.failure("the text has more than \(self.options.byteCountMax) bytes, the most that are read")
        }
        guard self.end - self.position < 3 || self.bytes[self.position..<self.position + 3] != [0xef, 0xbb, 0xbf] else {
            throw self.failure("it starts with a byte order mark; remove the first three bytes")
        }
    }

    /// Whether only white space is left.
    package var isAtEnd: Bool { mutating get { self.peekByte() == nil } }

    /// Refuses anything but white space from here to the end.
    package mutating func finish() throws(JSONError) {
        if let byte = self.peekByte() {
            throw self.failure("expected the end of the text, found \(Self.name(byte))")
        }
    }

    /// What the next value is, judged by its first byte.
    package mutating func peek() throws(JSONError) -> Kind {
        switch self.peekByte() {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        case let byte? where byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") < 10: .number
        case let byte: throw self.failure("expected a value, found \(Self.name(byte))")
        }
    }

    package mutating func readValue() throws(JSONError) -> JSONValue {
        switch try self.peek() {
        case .null:
            try self.readNull()
            return .null
        case .bool: return .bool(try self.readBool())
        case .number: return .number(try self.readNumber())
        case .string: return .string(try self.readString())
        case .array:
            var elements: [JSONValue] = []
            try self.readArray { reader throws(JSONError) in elements.append(try reader.readValue()) }
            return .array(elements)
        case .object:
            var object = JSONObject()
            let refuses = self.options.duplicateKeys == .refuse
            try self.readObject { key, reader throws(JSONError) in
                guard object.append(key, try reader.readValue()) || !refuses else {
                    throw reader.failure("the name \(JSONWriter.quoted(key)) occurs twice in one object")
                }
            }
            return .object(object)
        }
    }

    /// Checks one value as strictly as ``readValue()``, except for duplicate names, and builds nothing.
    ///
    /// - Returns: where its bytes lie in ``bytes``, white space around it not included.
    @discardableResult
    package mutating func skipValue() throws(JSONError) -> Range<Int> {
        let kind = try self.peek()
        let start = self.position
        switch kind {
        case .null: try self.readNull()
        case .bool: _ = try self.readBool()
        case .number: _ = try self.scanNumber()
        case .string: try self.skipString()
        case .array: try self.readArray { reader throws(JSONError) in try reader.skipValue() }
        case .object:
            try self.readMembers { reader throws(JSONError) in
                try reader.skipString()
                try reader.readColon()
                try reader.skipValue()
            }
        }
        return start..<self.position
    }

    package mutating func readNull() throws(JSONError) { try self.readLiteral("null") }

    package mutating func readBool() throws(JSONError) -> Bool {
        let isTrue = self.peekByte() == UInt8(ascii: "t")
        try self.readLiteral(isTrue ? "true" : "false")
        return isTrue
    }

    package mutating func readNumber() throws(JSONError) -> JSONNumber {
        let range = try self.scanNumber()
        return JSONNumber(checked: String(decoding: self.bytes[range], as: UTF8.self))
    }

    /// - Parameter element: reads or skips exactly one value.
    /// - Throws: ``JSONError`` when the next value is not an array, and what `element` throws.
    package mutating func readArray(
        _ element: (inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try self.enter(UInt8(ascii: "["), "an array")
        if self.take(UInt8(ascii: "]")) { return self.leave() }
        repeat {
            let start = self.position
            try element(&self)
            precondition(self.position > start, "the closure must read or skip each element")
        } while try self.takeComma(orEnd: UInt8(ascii: "]"))
        self.leave()
    }

    /// - Parameter member: is given each name, and reads or skips exactly one value.
    /// - Throws: ``JSONError`` when the next value is not an object, and what `member` throws.
    package mutating func readObject(
        _ member: (String, inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try self.readMembers { reader throws(JSONError) in
            let key = try reader.readString()
            try reader.readColon()
            let start = reader.position
            try member(key, &reader)
            precondition(reader.position > start, "the closure must read or skip each member's value")
        }
    }

    /// An error at the next byte, for readers that want particular JSON; `reason` has no full stop.
    package func failure(_ reason: String) -> JSONError { self.failure(reason, at: self.position) }

    /// An error at `offset`; costs a pass over the text to count its lines.
    package func failure(_ reason: String, at offset: Int) -> JSONError {
        let before = self.bytes[..<min(offset, self.end)]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return JSONError(
            offset: offset,
            line: 1 + before.count { $0 == UInt8(ascii: "\n") },
            column: 1 + before[lineStart...].count { $0 & 0xc0 != 0x80 },
            reason: reason,
        )
    }
}

// MARK: - Structure

extension JSONReader {
    /// Skips white space (RFC 8259, section 2); `nil` at the end.
    mutating func peekByte() -> UInt8? {
        while self.position < self.end {
            let byte = self.bytes[self.position]
            switch byte {
            case 0x20, 0x0a, 0x0d, 0x09: self.position += 1
            default: return byte
            }
        }
        return nil
    }

    private mutating func readMembers(
        _ member: (inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try self.enter(UInt8(ascii: "{"), "an object")
        if self.take(UInt8(ascii: "}")) { return self.leave() }
        repeat {
            guard self.peekByte() == UInt8(ascii: "\"") else {
                throw self.failure("expected a name in quotes, found \(Self.name(self.peekByte()))")
            }
            try member(&self)
        } while try self.takeComma(orEnd: UInt8(ascii: "}"))
        self.leave()
    }

    private mutating func enter(_ opening: UInt8, _ what: String) throws(JSONError) {
        guard self.peekByte() == opening else {
            throw self.failure("expected \(what), found \(Self.name(self.peekByte()))")
        }
        guard self.depth < self.options.depthMax else {
            throw self.failure("arrays and objects are nested more than \(self.options.depthMax) deep")
        }
        try self.countValue()
        self.position += 1
        self.depth += 1
    }

    private mutating func leave() { self.depth -= 1 }

    mutating func countValue() throws(JSONError) {
        guard self.valueCount < self.options.valueCountMax else {
            throw self.failure("the text holds more than \(self.options.valueCountMax) values")
        }
        self.valueCount += 1
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.peekByte() == byte else { return false }
        self.position += 1
        return true
    }

    /// - Returns: true after a comma, false after `closing`.
    private mutating func takeComma(orEnd closing: UInt8) throws(JSONError) -> Bool {
        if self.take(UInt8(ascii: ",")) { return true }
        guard self.take(closing) else {
            throw self.failure("expected a comma or \(Self.name(closing)), found \(Self.name(self.peekByte()))")
        }
        return false
    }

    private mutating func readColon() throws(JSONError) {
        guard self.take(UInt8(ascii: ":")) else {
            throw self.failure("expected a colon after the name, found \(Self.name(self.peekByte()))")
        }
    }

    private mutating func readLiteral(_ literal: StaticString) throws(JSONError) {
        _ = self.peekByte()
        try self.countValue()
        let start = self.position
        let text = "\(literal)"
        for expected in text.utf8 {
            guard self.position < self.end, self.bytes[self.position] == expected else {
                throw self.failure("expected \(text)", at: start)
            }
            self.position += 1
        }
    }

    /// How an error calls the byte that it met.
    static func name(_ byte: UInt8?) -> String {
        switch byte {
        case nil: "the end of the text"
        case let byte? where (0x21...0x7e).contains(byte): "'\(Character(Unicode.Scalar(byte)))'"
        case let byte?: "byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
        }
    }
}
