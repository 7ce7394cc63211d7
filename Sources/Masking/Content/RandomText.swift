/// Text that looks drawn at random: a secret that no prefix gives away.
///
/// Letters of both cases and digits follow each other without the order that words, paths and identifiers have. Hexadecimal text
/// (hashes, UUIDs, trace ids) is never taken for a secret here; beside a name such as `password` everything is.
struct RandomText {
    static let byteCountMin = 20
    /// Longer text is a document, such as a certificate or an image.
    static let byteCountMax = 512
    /// Of 100 neighbouring pairs, those of two kinds: random base64 has 64, words have 10 to 30, AWS's published example has 41.
    private static let changePercentMin = 41
    /// Bits a character, in hundredths; random text of 20 characters has 410, of 64 it has 530.
    private static let entropyMin = 3.6

    let range: Range<Int>
    private var changes = 0
    private var upperCount = 0
    private var lowerCount = 0
    private var digitCount = 0
    private var hyphenCount = 0
    private var hexDigitCount = 0
    private var separatorCount = 0
    /// Capitals that follow a capital; names in CamelCase have hardly any.
    private var capitalPairCount = 0

    /// The run of base64 characters from `start` on.
    init(_ text: Span<UInt8>, at start: Int, before end: Int) {
        var position = start
        var previous = UInt8(255)
        while position < end {
            let byte = text[position]
            let kind: UInt8
            if byte.isLower {
                kind = 0
                self.lowerCount += 1
            } else if byte.isUpper {
                kind = 1
                if previous == 1 { self.capitalPairCount += 1 }
                self.upperCount += 1
            } else if byte.isDigit {
                kind = 2
                self.digitCount += 1
            } else if byte == UInt8(ascii: "="), position + 1 < end, text[position + 1] != byte,
                text[position + 1].isBase64
            {
                break  // Padding stands at the end; this gives a name its value.
            } else if byte.isBase64 {
                kind = 3
                self.separatorCount += 1
                if byte == UInt8(ascii: "-") { self.hyphenCount += 1 }
            } else {
                break
            }
            if kind != previous { self.changes += 1 }
            if byte.isHexDigit { self.hexDigitCount += 1 }
            previous = kind
            position += 1
        }
        self.range = start..<position
    }

    /// RFC 9562: five groups of hexadecimal digits.
    var isUUID: Bool { self.range.count == 36 && self.hyphenCount == 4 && self.hexDigitCount == 32 }

    func isSecret(_ text: Span<UInt8>) -> Bool {
        let count = self.range.count
        guard count >= Self.byteCountMin, count <= Self.byteCountMax, self.upperCount > 1, self.lowerCount > 1,
            self.digitCount > 0, self.capitalPairCount > 0 || self.digitCount > 2, self.separatorCount * 6 <= count,
            (self.changes - 1) * 100 >= Self.changePercentMin * (count - 1)
        else { return false }
        return !Self.isDigest(text, self.range) && Self.entropy(text, self.range) >= Self.entropyMin
    }

    /// `sha256-…`, `SHA256:…`: a hash that says so (Subresource Integrity, SSH fingerprints).
    private static func isDigest(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        ["sha256-", "sha384-", "sha512-"].contains { name in
            name.utf8.enumerated().allSatisfy { text[range.lowerBound + $0.offset] == $0.element }
        }
            || range.lowerBound > 3 && text[range.lowerBound - 1] == UInt8(ascii: ":")
                && (text.has("SHA256", at: range.lowerBound - 7, before: range.lowerBound)
                    || text.has("sha256", at: range.lowerBound - 7, before: range.lowerBound)
                    || text.has("sha512", at: range.lowerBound - 7, before: range.lowerBound))
    }

    /// Shannon's, in bits a character, over the characters as they are distributed.
    private static func entropy(_ text: Span<UInt8>, _ range: Range<Int>) -> Double {
        var counts = [UInt16](repeating: 0, count: 128)
        for position in range { counts[Int(text[position] & 0x7f)] += 1 }
        let total = Double(range.count)
        return counts.reduce(0) { sum, count in
            count == 0 ? sum : sum + Double(count) / total * Self.log2(total / Double(count))
        }
    }

    /// Good to three digits, which is more than the bound needs; there is no libm below the services.
    private static func log2(_ value: Double) -> Double {
        // log2(m) for 1 ≤ m < 2 by the first terms of 2/ln 2 · artanh((m-1)/(m+1)).
        let ratio = (value.significand - 1) / (value.significand + 1)
        let square = ratio * ratio
        return Double(value.exponent) + 2.885390 * ratio
            * (1 + square / 3 + square * square / 5 + square * square * square / 7)
    }
}
