/// Classes of bytes that the detectors speak of.
extension UInt8 {
    @inline(__always) var isDigit: Bool { self &- 0x30 < 10 }
    @inline(__always) var isUpper: Bool { self &- 0x41 < 26 }
    @inline(__always) var isLower: Bool { self &- 0x61 < 26 }
    @inline(__always) var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    @inline(__always) var isAlphanumeric: Bool { self.isLetter || self.isDigit }
    @inline(__always) var isHexDigit: Bool { self.isDigit || (self | 0x20) &- 0x61 < 6 }
    /// Letters, digits, and bytes of characters beyond ASCII.
    @inline(__always) var isWordLike: Bool { self.isAlphanumeric || self >= 0x80 }
    /// Both alphabets of RFC 4648 with their padding.
    @inline(__always) var isBase64: Bool {
        self.isAlphanumeric || self == UInt8(ascii: "+") || self == UInt8(ascii: "/") || self == UInt8(ascii: "-")
            || self == UInt8(ascii: "_") || self == UInt8(ascii: "=")
    }
    @inline(__always) var isBase64URL: Bool {
        self.isAlphanumeric || self == UInt8(ascii: "-") || self == UInt8(ascii: "_")
    }
    @inline(__always) var lowercased: UInt8 { self.isUpper ? self | 0x20 : self }
    /// 0 to 9 for a digit.
    @inline(__always) var digitValue: Int { Int(self &- 0x30) }
}

extension Span<UInt8> {
    /// Whether `text` stands at `position`, before `end`.
    @inline(__always) func has(_ text: StaticString, at position: Int, before end: Int) -> Bool {
        let count = text.utf8CodeUnitCount
        guard position >= 0, position + count <= end else { return false }
        for offset in 0..<count where unsafe self[position + offset] != text.utf8Start[offset] { return false }
        return true
    }

    /// The byte at `position`, or 0 (which no detector looks for) outside `bounds`.
    @inline(__always) func byte(_ position: Int, in bounds: Range<Int>) -> UInt8 {
        bounds.contains(position) ? self[position] : 0
    }
}
