// Numbers and strings: the parts of the grammar that are made of characters (RFC 8259, sections 6 and 7).

extension JSONReader {
    /// - Returns: the range of a well-formed number.
    mutating func scanNumber() throws(JSONError) -> Range<Int> {
        _ = self.peekByte()
        try self.countValue()
        let start = self.position
        if self.byteHere == UInt8(ascii: "-") { self.position += 1 }
        if self.byteHere == UInt8(ascii: "0") {
            self.position += 1
            guard !Self.isDigit(self.byteHere) else { throw self.failure("a number must not start with 0") }
        } else {
            try self.skipDigits()
        }
        if self.byteHere == UInt8(ascii: ".") {
            self.position += 1
            try self.skipDigits()
        }
        if let byte = self.byteHere, byte | 0x20 == UInt8(ascii: "e") {
            self.position += 1
            if let sign = self.byteHere, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { self.position += 1 }
            try self.skipDigits()
        }
        return start..<self.position
    }

    package mutating func readString() throws(JSONError) -> String {
        let string = try self.scanString()
        if string.hasEscapes { return try self.unescape(string.content) }
        return try self.text(string)
    }

    /// As strict as ``readString()``.
    mutating func skipString() throws(JSONError) {
        let string = try self.scanString()
        if string.hasEscapes {
            _ = try self.unescape(string.content)
        } else if !string.isASCII {
            _ = try self.text(string)
        }
    }

    private func text(_ string: ScannedString) throws(JSONError) -> String {
        let bytes = self.bytes.span.extracting(string.content)
        guard !string.isASCII else {
            return unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
        }
        do { return String(copying: try UTF8Span(validating: bytes)) } catch {
            throw self.invalidUTF8(in: string.content)
        }
    }

    /// The byte at ``position``, white space included; `nil` at the end.
    private var byteHere: UInt8? { self.position < self.end ? self.bytes[self.position] : nil }

    private static func isDigit(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return byte &- UInt8(ascii: "0") < 10
    }

    private mutating func skipDigits() throws(JSONError) {
        guard Self.isDigit(self.byteHere) else {
            throw self.failure("expected a digit, found \(Self.name(self.byteHere))")
        }
        while self.position < self.end, self.bytes[self.position] &- UInt8(ascii: "0") < 10 { self.position += 1 }
    }

    private struct ScannedString {
        /// Between the quotes.
        let content: Range<Int>
        /// Whether a backslash is in it.
        let hasEscapes: Bool
        /// Of what is not escaped.
        let isASCII: Bool
    }

    /// Finds the closing quote and moves past it.
    private mutating func scanString() throws(JSONError) -> ScannedString {
        guard self.peekByte() == UInt8(ascii: "\"") else {
            throw self.failure("expected a string, found \(Self.name(self.peekByte()))")
        }
        try self.countValue()
        let opening = self.position
        let end = self.end
        var hasEscapes = false
        var seen: UInt8 = 0
        let closing = unsafe self.bytes.withUnsafeBufferPointer { bytes in
            var cursor = opening + 1
            while cursor < end {
                let byte = unsafe bytes[cursor]
                guard byte >= 0x20, byte != UInt8(ascii: "\"") else { return cursor }
                seen |= byte
                guard byte == UInt8(ascii: "\\") else {
                    cursor += 1
                    continue
                }
                hasEscapes = true
                cursor += 2
            }
            return end
        }
        guard closing < end else {
            throw self.failure("the string that starts here has no closing quote", at: opening)
        }
        guard self.bytes[closing] == UInt8(ascii: "\"") else {
            throw self.failure(
                "control character \(Self.name(self.bytes[closing])) in a string must be escaped",
                at: closing,
            )
        }
        self.position = closing + 1
        return ScannedString(content: opening + 1..<closing, hasEscapes: hasEscapes, isASCII: seen < 0x80)
    }

    private func unescape(_ content: Range<Int>) throws(JSONError) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(content.count)
        var cursor = content.lowerBound
        while cursor < content.upperBound {
            let byte = self.bytes[cursor]
            guard byte == UInt8(ascii: "\\") else {
                output.append(byte)
                cursor += 1
                continue
            }
            cursor += 2
            switch self.bytes[cursor - 1] {  // In range: the scan has stepped over it.
            case UInt8(ascii: "\""): output.append(UInt8(ascii: "\""))
            case UInt8(ascii: "\\"): output.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "/"): output.append(UInt8(ascii: "/"))
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0c)
            case UInt8(ascii: "n"): output.append(0x0a)
            case UInt8(ascii: "r"): output.append(0x0d)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"):
                let scalar = try self.unicodeEscape(&cursor, before: content.upperBound)
                output.append(contentsOf: String(Character(scalar)).utf8)
            case let other:
                throw self.failure("\\ cannot be followed by \(Self.name(other))", at: cursor - 2)
            }
        }
        guard let text = String(validating: output, as: UTF8.self) else { throw self.invalidUTF8(in: content) }
        return text
    }

    /// Reads the digits after `\u`, and the second half of a surrogate pair.
    private func unicodeEscape(_ cursor: inout Int, before end: Int) throws(JSONError) -> Unicode.Scalar {
        let start = cursor - 2
        let unit = try self.hexadecimal(cursor, before: end)
        cursor += 4
        if let scalar = Unicode.Scalar(unit) { return scalar }
        if unit < 0xdc00, cursor + 6 <= end, self.bytes[cursor] == UInt8(ascii: "\\"),
            self.bytes[cursor + 1] == UInt8(ascii: "u")
        {
            let low = try self.hexadecimal(cursor + 2, before: end)
            if (0xdc00...0xdfff).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
            {
                cursor += 6
                return scalar
            }
        }
        guard self.options.loneSurrogates == .replace else {
            throw self.failure("half of a surrogate pair without its other half", at: start)
        }
        return "\u{fffd}"
    }

    private func hexadecimal(_ start: Int, before end: Int) throws(JSONError) -> UInt32 {
        guard start + 4 <= end else {
            throw self.failure("\\u must be followed by four hexadecimal digits", at: start - 2)
        }
        var value: UInt32 = 0
        for byte in self.bytes[start..<start + 4] {
            guard let digit = Self.hexadecimalDigit(byte) else {
                throw self.failure("\\u must be followed by four hexadecimal digits", at: start - 2)
            }
            value = value << 4 | digit
        }
        return value
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private func invalidUTF8(in content: Range<Int>) -> JSONError {
        var valid = content.lowerBound
        var decoder = UTF8()
        var iterator = self.bytes[content].makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { valid += UTF8.width(scalar) }
        return self.failure("the string is not valid UTF-8", at: valid)
    }
}
