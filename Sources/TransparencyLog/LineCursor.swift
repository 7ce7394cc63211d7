internal import Primitives

/// Takes lines off the front of a text whose every line must end in LF.
struct LineCursor {
    private static let lineFeed = UInt8(ascii: "\n")

    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.rest = bytes[...] }

    init(_ text: String) { self.init(Array(text.utf8)) }

    /// The next line without its LF.
    ///
    /// - Returns: `nil` at the end, and when what is left has no LF or is not UTF-8: look at ``rest`` to tell them apart.
    mutating func next() -> String? {
        guard let end = self.rest.firstIndex(of: Self.lineFeed),
            let line = String(validating: self.rest[..<end], as: UTF8.self)
        else { return nil }
        self.rest = self.rest[(end + 1)...]
        return line
    }
}

/// The formats' number: ASCII digits, no sign, no leading zeros, and within the signed 64 bits that Go's tools use.
enum Decimal {
    static let max = UInt64(Int64.max)

    static func parse(_ text: some StringProtocol) -> UInt64? {
        let digits = text.utf8
        guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1, digits.count <= 19 else {
            return nil
        }
        var value: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + UInt64(digit - UInt8(ascii: "0"))  // 19 nines fit in 64 bits.
        }
        return value <= Self.max ? value : nil
    }
}

extension Digest {
    /// A hash as a line of the formats has it: 44 characters of canonical base64.
    init?(base64 text: some StringProtocol) {
        guard let bytes = Base64.decode(text) else { return nil }
        self.init(bytes)
    }

    var base64: String { Base64.encode(self.bytes) }
}

extension String {
    /// Byte equality: `==` also equates texts that only look alike (canonical equivalence), which no format here does.
    package func hasSameBytes(as other: String) -> Bool { self.utf8.elementsEqual(other.utf8) }
}
