/// Digits with single separators between them, as people write numbers: `+49 (0)89 1234-567`, `4111 1111 1111 1111`.
struct DigitGroups {
    struct Group {
        /// Digits up to and with this group.
        var digitEnd: Int
        /// Where its text ends.
        var end: Int
        /// What stands between it and the next group; the last one if several do, 0 at the end.
        var separator: UInt8
    }

    /// Digits that are looked at: more are no number of any kind that we know.
    static let digitCountMax = 24
    static let groupCountMax = 8

    /// Values 0 to 9.
    private(set) var digits: [UInt8] = []
    private(set) var groups: [Group] = []
    private(set) var start: Int
    private(set) var hasPlus = false
    /// The first group stands in parentheses, perhaps after a plus.
    private(set) var hasParentheses = false

    /// Reads from a plus, an opening parenthesis or a digit on.
    init(_ text: Span<UInt8>, at start: Int, before end: Int) {
        self.start = start
        var position = start
        if text[position] == UInt8(ascii: "(") {
            self.hasParentheses = true
            position += 1
        }
        if position < end, text[position] == UInt8(ascii: "+") {
            self.hasPlus = true
            position += 1
            if position < end, text[position] == UInt8(ascii: "(") { position += 1 }
        }
        defer { self.dropLoneParenthesis() }
        self.digits.reserveCapacity(Self.digitCountMax)
        while position < end, text[position].isDigit, self.groups.count < Self.groupCountMax {
            while position < end, text[position].isDigit, self.digits.count <= Self.digitCountMax {
                self.digits.append(text[position] &- 0x30)
                position += 1
            }
            var separator: UInt8 = 0
            let groupEnd = position
            while position < end, position - groupEnd < 3, Self.isSeparator(text[position]) {
                // A parenthesis counts over the space or hyphen beside it.
                separator = separator == UInt8(ascii: ")") ? separator : text[position]
                position += 1
            }
            let goesOn = position < end && text[position].isDigit
            self.groups.append(Group(digitEnd: self.digits.count, end: groupEnd, separator: goesOn ? separator : 0))
            if !goesOn || self.digits.count > Self.digitCountMax { return }
        }
    }

    /// A parenthesis that closes after the first group belongs to the number; another to the text around it.
    private mutating func dropLoneParenthesis() {
        guard self.hasParentheses, self.groups.first?.separator != UInt8(ascii: ")") else { return }
        self.hasParentheses = false
        self.start += 1
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/")
            || byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")")
    }

    /// Its first `count` groups.
    func prefix(_ count: Int) -> DigitGroups {
        guard count < self.groups.count else { return self }
        var part = self
        part.groups.removeLast(self.groups.count - count)
        part.groups[count - 1].separator = 0
        part.digits.removeLast(self.digits.count - part.groups[count - 1].digitEnd)
        return part
    }

    var end: Int { self.groups.last?.end ?? self.start }
    var range: Range<Int> { self.start..<self.end }
    /// Digits of each group.
    var shape: [Int] {
        self.groups.indices.map { self.groups[$0].digitEnd - ($0 == 0 ? 0 : self.groups[$0 - 1].digitEnd) }
    }
    /// Whether every separator is one of `separators`.
    func isSeparated(by separators: StaticString) -> Bool {
        self.groups.dropLast().allSatisfy { group in
            unsafe UnsafeBufferPointer(start: separators.utf8Start, count: separators.utf8CodeUnitCount)
                .contains(group.separator)
        }
    }
}
