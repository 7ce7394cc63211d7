/// Telephone numbers: international (ITU-T E.164) and the national forms that can be told from other numbers.
///
/// Digits without a plus, parentheses or the shape of a national form are one only beside a word such as `phone`.
enum PhoneNumber {
    static func matches(_ number: DigitGroups, _ hints: Hints) -> Bool {
        let digits = number.digits
        let shape = number.shape
        guard (7...17).contains(digits.count) else { return false }
        if number.hasPlus { return (8...16).contains(digits.count) && digits[0] > 0 }
        guard !Self.isDate(number, shape), !Self.isAddress(number, shape) else { return false }
        if hints.contains(.phone) { return digits.count <= 16 }
        guard !hints.contains(.card), !hints.contains(.nationalID) else { return false }
        if digits[0] == 0, digits[1] == 0 {
            return digits[2] > 0 && shape.count > 1 && (11...17).contains(digits.count)
        }
        if number.hasParentheses { return (2...5).contains(shape[0]) && (8...13).contains(digits.count) }
        return Self.isNorthAmerican(number, shape) || Self.hasTrunkPrefix(number, shape)
    }

    /// `298-925-9791`, `298.925.9791`, `1-764-686-9589`.
    private static func isNorthAmerican(_ number: DigitGroups, _ shape: [Int]) -> Bool {
        let start = shape.count == 4 && number.digits[0] == 1 ? 1 : 0
        guard shape.dropFirst(start) == [3, 3, 4], shape.count == start + 3,
            number.isSeparated(by: "-") || number.isSeparated(by: ".") || number.isSeparated(by: " ")
        else { return false }
        return number.digits[start] >= 2 && number.digits[start + 3] >= 2
    }

    /// `0118 496 0982`, `05 45 23 28 60`, `08-982 597 91`, `05366/97251027`.
    private static func hasTrunkPrefix(_ number: DigitGroups, _ shape: [Int]) -> Bool {
        number.digits[0] == 0 && number.digits[1] != 0 && (2...6).contains(shape.count)
            && (10...12).contains(number.digits.count)
            && (2...5).contains(shape[0]) && shape.dropFirst().allSatisfy { $0 >= 2 }
            && (number.isSeparated(by: " -/") || shape == [2, 2, 2, 2, 2])
    }

    private static func isDate(_ number: DigitGroups, _ shape: [Int]) -> Bool {
        let digits = number.digits
        if shape.starts(with: [4, 2, 2]) {
            return [19, 20].contains(CheckDigits.number(digits.prefix(2))) && CheckDigits.number(digits[4..<6]) <= 12
        }
        return shape.starts(with: [2, 2, 4]) && [19, 20].contains(CheckDigits.number(digits[4..<6]))
            && CheckDigits.number(digits.prefix(2)) <= 31
    }

    /// Four numbers with dots are an address or a version.
    private static func isAddress(_ number: DigitGroups, _ shape: [Int]) -> Bool {
        shape.count == 4 && number.isSeparated(by: ".") && shape.allSatisfy { $0 <= 3 }
    }

    /// Where a number's extension ends: ` x123`, `x123`, ` ext. 123`.
    static func extensionEnd(_ text: Span<UInt8>, after end: Int, before limit: Int) -> Int {
        var position = end
        if position < limit, text[position] == 0x20 { position += 1 }
        if text.has("ext", at: position, before: limit) {
            position += 3
            if position < limit, text[position] == UInt8(ascii: ".") { position += 1 }
            if position < limit, text[position] == 0x20 { position += 1 }
        } else if position < limit, text[position] == UInt8(ascii: "x") {
            position += 1
        } else {
            return end
        }
        let digits = position
        while position < limit, position - digits < 7, text[position].isDigit { position += 1 }
        return (1...6).contains(position - digits) ? position : end
    }
}
