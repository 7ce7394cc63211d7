/// Numbers about a prompt that say how it looks rather than what it says.
///
/// Of a call of a model's JSON record the longest string is taken for the prompt; without strings, all of it. Other events
/// have no shape: what their longest string happens to be tells the data set they are from, and little else.
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

    package init() {}

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
        var kinds: InlineArray<6, Int> = InlineArray(repeating: 0)
        for (byte, count) in counts.enumerated() where count > 0 { kinds[Self.kind(UInt8(byte))] += count }
        func share(_ kind: Int) -> Int32 { Int32(kinds[kind] * 64 / text.count) }
        self.foreign = share(1)
        self.digits = share(2)
        self.capitals = share(3)
        self.spaces = share(4)
        self.marks = share(5)
        self.length = Int32(FixedPoint.log2(UInt64(text.count)) >> (FixedPoint.fractionBits - 2))
        self.entropy = FixedPoint.entropy(counts)
        self.longestWord = FixedPoint.magnitude(UInt64(longestRun))
        self.lines = FixedPoint.magnitude(UInt64(lineEnds))
    }

    /// 1 for foreign, 2 for digits, 3 for capitals, 4 for white space, 5 for marks, 0 for all others.
    private static func kind(_ byte: UInt8) -> Int {
        if byte > 127 { return 1 }
        if ASCII.isDigit(byte) { return 2 }
        if ASCII.isLetter(byte) { return ASCII.isUpper(byte) ? 3 : 0 }
        if byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { return 4 }
        return byte > 0x20 && byte < 0x7f ? 5 : 0
    }

    /// Where the longest stretch between two quotes stands; everything when there are no quotes.
    ///
    /// Escaped quotes do not end a stretch. For a well-formed JSON text this is its longest string, names of browsers left out.
    package static func longestString(in record: Span<UInt8>) -> Range<Int> {
        var longest: Range<Int>?
        var opening: Int?
        var position = 0
        while position < record.count {
            switch record[position] {
            case UInt8(ascii: "\\"): position += 1
            case UInt8(ascii: "\""):
                if let start = opening {
                    let isLonger = position - start > longest?.count ?? -1
                    if isLonger, !Self.isBrowser(record, start..<position) { longest = start..<position }
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

    /// What user agents begin with: they are longer than many a prompt.
    private static let browser = Array("Mozilla/".utf8)

    private static func isBrowser(_ record: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count >= Self.browser.count else { return false }
        return Self.browser.indices.allSatisfy { record[range.lowerBound + $0] == Self.browser[$0] }
    }
}
