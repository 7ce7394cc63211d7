/// Escapes of JSON strings (RFC 8259, section 7), for texts whose meaning is scanned.
enum JSONEscapes {
    /// What the inside of a string means; bytes that are no proper escape stand for themselves.
    static func meaning(_ text: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = text[position]
            guard byte == UInt8(ascii: "\\"), position + 1 < range.upperBound else {
                bytes.append(byte)
                position += 1
                continue
            }
            position += 2
            switch text[position - 1] {
            case UInt8(ascii: "n"): bytes.append(0x0a)
            case UInt8(ascii: "r"): bytes.append(0x0d)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0c)
            case UInt8(ascii: "u"):
                guard let unit = Self.unit(text, position, range.upperBound) else {
                    bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "u")])
                    continue
                }
                position += 4
                var scalar = unit
                if (0xd800..<0xdc00).contains(unit), position + 6 <= range.upperBound,
                    text[position] == UInt8(ascii: "\\"),
                    text[position + 1] == UInt8(ascii: "u"), let low = Self.unit(text, position + 2, range.upperBound),
                    (0xdc00..<0xe000).contains(low)
                {
                    scalar = 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
                    position += 6
                }
                bytes.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{fffd}").utf8)
            case let other: bytes.append(other)
            }
        }
        return bytes
    }

    private static func unit(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> UInt32? {
        guard start + 4 <= end else { return nil }
        var value: UInt32 = 0
        for position in start..<start + 4 {
            let byte = text[position]
            guard byte.isHexDigit else { return nil }
            value = value << 4 | UInt32(byte.isDigit ? byte - 0x30 : (byte | 0x20) - 0x57)
        }
        return value
    }

    /// Writes what must be escaped as an escape.
    static func append(_ text: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        let digits: StaticString = "0123456789abcdef"
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x0a: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case 0x00..<0x20, 0x7f:
                bytes.append(contentsOf: [0x5c, 0x75, 0x30, 0x30])  // \u00
                unsafe bytes.append(digits.utf8Start[Int(byte >> 4)])
                unsafe bytes.append(digits.utf8Start[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
    }
}
