/// What a cell of a table of numbers holds.
package enum DecimalCell: Equatable, Sendable {
    /// Nothing, or `nan`.
    case missing
    case number(Double)
    /// Text that is no number.
    case text

    /// Reads a decimal number, rounded once, to the nearest binary64; blanks around it do not count.
    package init(_ cell: ArraySlice<UInt8>) {
        var cell = cell
        while let first = cell.first, Self.isBlank(first) { cell.removeFirst() }
        while let last = cell.last, Self.isBlank(last) { cell.removeLast() }
        guard !cell.isEmpty else {
            self = .missing
            return
        }
        if let value = Self.short(cell) {
            self = .number(value)
            return
        }
        let text = String(decoding: cell, as: UTF8.self).lowercased()
        if text == "nan" || text == "-nan" || text == "+nan" {
            self = .missing
        } else if text.utf8.allSatisfy(Self.canStand), let value = Double(text) {
            self = .number(value)
        } else {
            self = .text
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Digits, sign, point, exponent, and the letters of `inf` and `infinity`: no hexadecimal, no NaN with a payload.
    private static func canStand(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        case UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "n"), UInt8(ascii: "f"), UInt8(ascii: "t"),
            UInt8(ascii: "y"):
            true
        default: false
        }
    }

    /// Powers of ten that binary64 holds exactly, as far as they are needed.
    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    /// A number of up to fifteen digits, with or without a point.
    ///
    /// It is a quotient of two numbers that binary64 holds exactly, hence
    /// correctly rounded. Nearly every cell is one.
    private static func short(_ cell: ArraySlice<UInt8>) -> Double? {
        var digits = cell
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        guard let first = digits.first, let last = digits.last, Self.isDigit(first), Self.isDigit(last) else {
            return nil
        }
        var value: Int64 = 0
        var fraction: Int?
        guard digits.count <= Self.powers.count else { return nil }
        for byte in digits {
            if byte == UInt8(ascii: "."), fraction == nil {
                fraction = 0
            } else if Self.isDigit(byte) {
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
                fraction = fraction.map { $0 + 1 }
            } else {
                return nil
            }
        }
        guard value < 1_000_000_000_000_000 else { return nil }
        let magnitude = Double(value) / Self.powers[fraction ?? 0]
        return isNegative ? -magnitude : magnitude
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
