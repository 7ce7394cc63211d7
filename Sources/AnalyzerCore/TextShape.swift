/// Numbers about a text that say how it looks rather than what it says: a prompt, a script and a blob differ in them.
///
/// For a JSON record the text is its longest string, where prompts, scripts and policies stand; else all of it.
package struct TextShape: Equatable, Sendable {
    /// Bytes above 127, digits, upper case letters, white space and the rest, as shares of 64.
    package private(set) var foreign: Int32 = 0
    package private(set) var digits: Int32 = 0
    package private(set) var capitals: Int32 = 0
    package private(set) var spaces: Int32 = 0
    package private(set) var marks: Int32 = 0
    /// The binary logarithm of the number of bytes, in quarters.
    package private(set) var length: Int32 = 0
    /// 16ths of a bit per byte.
    package private(set) var entropy: Int32 = 0
    /// The magnitude of the longest run of letters and digits: long for keys and encoded blobs.
    package private(set) var longestWord: Int32 = 0
    /// The magnitude of the number of line ends, written as such or as `\n`.
    package private(set) var lines: Int32 = 0

    package init(of text: Span<UInt8>) {
        guard text.count > 0 else { return }
        var counts = [Int](repeating: 0, count: 256)
        var run = 0
        var longestRun = 0
        var lineEnds = 0
        var previous: UInt8 = 0
        for position in text.indices {
            let byte = text[position]
            counts[Int(byte)] += 1
            run = ASCII.isLetter(byte) || ASCII.isDigit(byte) ? run + 1 : 0
            longestRun = max(longestRun, run)
            if byte == 0x0a || (byte == UInt8(ascii: "n") && previous == UInt8(ascii: "\\")) { lineEnds += 1 }
            previous = byte
        }
        func share(_ isCounted: (UInt8) -> Bool) -> Int32 {
            let count = (0...UInt8.max).reduce(0) { $0 + (isCounted($1) ? counts[Int($1)] : 0) }
            return Int32(count * 64 / text.count)
        }
        self.foreign = share { $0 > 127 }
        self.digits = share(ASCII.isDigit)
        self.capitals = share(ASCII.isUpper)
        self.spaces = share { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
        self.marks = share { $0 > 0x20 && $0 < 0x7f && !ASCII.isLetter($0) && !ASCII.isDigit($0) }
        self.length = Int32(FixedPoint.log2(UInt64(text.count)) >> (FixedPoint.fractionBits - 2))
        self.entropy = FixedPoint.entropy(counts)
        self.longestWord = FixedPoint.magnitude(UInt64(longestRun))
        self.lines = FixedPoint.magnitude(UInt64(lineEnds))
    }

    /// Where the longest stretch between two quotes stands; everything when there are no quotes.
    ///
    /// Escaped quotes do not end a stretch. For a well-formed JSON text this is its longest string.
    package static func longestString(in record: Span<UInt8>) -> Range<Int> {
        var longest: Range<Int>?
        var opening: Int?
        var position = 0
        while position < record.count {
            switch record[position] {
            case UInt8(ascii: "\\"): position += 1
            case UInt8(ascii: "\""):
                if let start = opening {
                    if position - start > longest?.count ?? -1 { longest = start..<position }
                    opening = nil
                } else {
                    opening = position + 1
                }
            default: break
            }
            position += 1
        }
        return longest ?? 0..<record.count
    }
}
