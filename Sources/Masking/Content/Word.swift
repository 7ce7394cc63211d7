/// A run of ASCII letters and digits.
struct Word {
    let range: Range<Int>
    let digitCount: Int
    let upperCount: Int

    /// - Parameter start: of a letter or digit.
    init(_ text: Span<UInt8>, at start: Int, before end: Int) {
        var position = start
        var digitCount = 0
        var upperCount = 0
        while position < end {
            let byte = text[position]
            if byte.isDigit {
                digitCount += 1
            } else if byte.isUpper {
                upperCount += 1
            } else if !byte.isLower {
                break
            }
            position += 1
        }
        self.range = start..<position
        self.digitCount = digitCount
        self.upperCount = upperCount
    }

    var isNumber: Bool { self.digitCount == self.range.count }
}
