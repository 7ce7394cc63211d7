/// Numbers by which states know people.
///
/// Found: Brazil CPF, Canada SIN, China resident identity number, Finland HETU, France NIR, Germany tax id, Italy codice fiscale,
/// Netherlands BSN, Poland PESEL, Spain DNI and NIE, Sweden personnummer, United Kingdom NINO, United States SSN. Those that a
/// random number of the same length would often pass for (SIN, BSN, an SSN without hyphens) need a word beside them.
enum NationalID {
    /// Numbers of digits only.
    static func matches(_ number: DigitGroups, _ hints: Hints) -> Bool {
        guard !number.hasPlus, !number.hasParentheses else { return false }
        let digits = number.digits
        let shape = number.shape
        let isPlain = shape.count == 1
        let isHinted = hints.contains(.nationalID)
        switch digits.count {
        case 9:
            if shape == [3, 2, 4], number.isSeparated(by: "-") || isHinted { return Self.isSocialSecurity(digits) }
            if shape == [3, 3, 3], number.isSeparated(by: " -") {
                return isHinted && CheckDigits.luhn(digits) && digits[0] != 8
            }
            return isPlain && isHinted
                && (Self.isSocialSecurity(digits) || CheckDigits.luhn(digits) || Self.isDutch(digits))
        case 10: return shape == [6, 4] && number.isSeparated(by: "-") && Self.isSwedish(digits)
        case 11:
            if isPlain, hints.contains(.counter), !isHinted { return false }
            if isPlain { return Self.isGerman(digits) || Self.isPolish(digits) || Self.isBrazilian(digits) }
            return shape == [3, 3, 3, 2] && Self.isBrazilian(digits) || shape == [2, 3, 3, 3] && Self.isGerman(digits)
        case 12: return shape == [8, 4] && number.isSeparated(by: "-") && Self.isSwedish(Array(digits.dropFirst(2)))
        case 15: return (isPlain || shape == [1, 2, 2, 2, 3, 3, 2]) && Self.isFrench(digits)
        case 18: return isPlain && Self.isChinese(digits.dropLast(), check: Int(digits[17]))
        default: return false
        }
    }

    /// Since 2011 areas are drawn at random, but never 000, 666 or from 900 on.
    private static func isSocialSecurity(_ digits: [UInt8]) -> Bool {
        let area = CheckDigits.number(digits.prefix(3))
        return area != 0 && area != 666 && area < 900 && (digits[3], digits[4]) != (0, 0)
            && CheckDigits.number(digits.suffix(4)) != 0
    }

    private static func isDutch(_ digits: [UInt8]) -> Bool {
        CheckDigits.weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]).isMultiple(of: 11)
    }

    private static func isSwedish(_ digits: [UInt8]) -> Bool {
        CheckDigits.isDate(day: CheckDigits.number(digits[4..<6]) % 60, month: CheckDigits.number(digits[2..<4]))
            && CheckDigits.luhn(digits)
    }

    /// Among the first ten digits one occurs twice or three times, and another not at all.
    private static func isGerman(_ digits: [UInt8]) -> Bool {
        var counts = [Int](repeating: 0, count: 10)
        for digit in digits.prefix(10) { counts[Int(digit)] += 1 }
        let repeated = counts.filter { $0 > 1 }
        return digits[0] != 0 && repeated.count == 1 && repeated[0] <= 3 && CheckDigits.mod11And10(digits)
    }

    /// Births from 1900 to 2039: the century is added to the month.
    private static func isPolish(_ digits: [UInt8]) -> Bool {
        let month = CheckDigits.number(digits[2..<4])
        return (month <= 12 || month <= 32 && digits[0] < 4)
            && CheckDigits.isDate(day: CheckDigits.number(digits[4..<6]), month: month > 20 ? month - 20 : month)
            && CheckDigits.weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).isMultiple(of: 10)
    }

    private static func isBrazilian(_ digits: [UInt8]) -> Bool {
        guard !digits.allSatisfy({ $0 == digits[0] }) else { return false }
        return [9, 10].allSatisfy { count in
            let sum = CheckDigits.weighted(digits.prefix(count), Array((2...count + 1).reversed()))
            return (sum * 10 % 11) % 10 == Int(digits[count])
        }
    }

    /// Sex, year and month of birth, place, number, and 97 less the rest.
    private static func isFrench(_ digits: [UInt8]) -> Bool {
        let month = CheckDigits.number(digits[3..<5])
        return (1...4).contains(digits[0]) && ((1...12).contains(month) || (20...42).contains(month) || month >= 50)
            && CheckDigits.number(digits.prefix(13)) % 97 + CheckDigits.number(digits.suffix(2)) == 97
    }

    /// Area, date of birth, number, and ISO/IEC 7064 MOD 11-2, in which 10 is written X.
    private static func isChinese(_ digits: some Collection<UInt8>, check: Int) -> Bool {
        let digits = Array(digits)
        guard digits[0] > 0, (18...20).contains(CheckDigits.number(digits[6..<8])),
            CheckDigits.isDate(day: CheckDigits.number(digits[12..<14]), month: CheckDigits.number(digits[10..<12]))
        else { return false }
        let sum = CheckDigits.weighted(digits, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
        return (12 - sum % 11) % 11 == check
    }
}

// MARK: - With letters

extension NationalID {
    /// Where an id that starts with the word `word` ends, for those with letters; `nil` when there is none.
    static func end(_ text: Span<UInt8>, _ word: Word, before limit: Int) -> Int? {
        let count = word.range.count
        let start = word.range.lowerBound
        switch count {
        case 2 where word.upperCount == 2 && text.byte(word.range.upperBound, in: 0..<limit) == 0x20,
            9 where word.digitCount == 6:
            if let end = Self.britishEnd(text, at: start, before: limit) { return end }
        default: break
        }
        if count == 9, Self.isSpanish(text, at: start) { return word.range.upperBound }
        if count == 11 || count == 6 { return Self.finnishEnd(text, at: start, before: limit) }
        if count == 16, Self.isItalian(text, at: start) { return word.range.upperBound }
        if count == 18, word.digitCount == 17, text[start + 17] | 0x20 == UInt8(ascii: "x") {
            let digits = (start..<start + 17).map { text[$0] &- 0x30 }
            return digits.allSatisfy { $0 < 10 } && Self.isChinese(digits, check: 10) ? word.range.upperBound : nil
        }
        return nil
    }

    /// BG, GB, KN, NK, NT, TN, ZZ.
    private static let neverIssued: Set<UInt16> = [0x4247, 0x4742, 0x4b4e, 0x4e4b, 0x4e54, 0x544e, 0x5a5a]

    /// Two letters, six digits, A to D; perhaps with spaces after each pair or around the digits (HMRC, NIM39110).
    private static func britishEnd(_ text: Span<UInt8>, at start: Int, before limit: Int) -> Int? {
        let (first, second) = (text[start], text[start + 1])
        let neverFirst: [UInt8] = Array("DFIQUV".utf8)
        guard first.isUpper, second.isUpper, !neverFirst.contains(first), !neverFirst.contains(second),
            second != UInt8(ascii: "O"), !Self.neverIssued.contains(UInt16(first) << 8 | UInt16(second))
        else { return nil }
        var position = start + 2
        var digitCount = 0
        while position < limit, position - start < 13 {
            if text[position].isDigit, digitCount < 6 {
                digitCount += 1
            } else if text[position] != 0x20 || !digitCount.isMultiple(of: 2) {
                break
            }
            position += 1
        }
        guard digitCount == 6, position < limit, (UInt8(ascii: "A")...UInt8(ascii: "D")).contains(text[position]),
            !text.byte(position + 1, in: 0..<limit).isWordLike
        else { return nil }
        return position + 1
    }

    /// DNI: eight digits; NIE: X, Y or Z for the first one; a letter by the remainder of 23.
    private static func isSpanish(_ text: Span<UInt8>, at start: Int) -> Bool {
        let letters: StaticString = "TRWAGMYFPDXBNJZSQVHLCKE"
        let lead = text[start]
        var number = 0
        if lead.isDigit {
            number = lead.digitValue
        } else {
            guard (UInt8(ascii: "X")...UInt8(ascii: "Z")).contains(lead) else { return false }
            number = Int(lead - UInt8(ascii: "X"))
        }
        for position in start + 1..<start + 8 {
            guard text[position].isDigit else { return false }
            number = number * 10 + text[position].digitValue
        }
        return unsafe text[start + 8] == letters.utf8Start[number % 23]
    }

    /// HETU: date, century mark, number and a letter by the remainder of 31.
    private static func finnishEnd(_ text: Span<UInt8>, at start: Int, before limit: Int) -> Int? {
        let end = start + 11
        let letters: StaticString = "0123456789ABCDEFHJKLMNPRSTUVWXY"
        guard end <= limit, !text.byte(end, in: 0..<limit).isWordLike else { return nil }
        let mark = text[start + 6]
        guard mark == UInt8(ascii: "-") || mark == UInt8(ascii: "+") || mark.isUpper else {
            return nil
        }
        var number = 0
        for position in start..<start + 10 where position != start + 6 {
            guard text[position].isDigit else { return nil }
            number = number * 10 + text[position].digitValue
        }
        let date = number / 1000
        guard CheckDigits.isDate(day: date / 10_000, month: date / 100 % 100) else { return nil }
        return unsafe text[start + 10] == letters.utf8Start[number % 31] ? end : nil
    }

    /// Six letters, and numbers in which letters may stand for digits (omocodia); the last letter checks the others.
    private static func isItalian(_ text: Span<UInt8>, at start: Int) -> Bool {
        let odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
        let omocodia = Array("LMNPQRSTUV".utf8)
        var sum = 0
        for offset in 0..<16 {
            let byte = text[start + offset] & (text[start + offset].isLetter ? 0xdf : 0xff)
            let wantsDigit = [6, 7, 9, 10, 12, 13, 14].contains(offset)
            guard wantsDigit ? byte.isDigit || omocodia.contains(byte) : byte.isUpper else { return false }
            let value = byte.isDigit ? byte.digitValue : Int(byte - UInt8(ascii: "A"))
            if offset == 15 { return sum % 26 == value }
            sum += offset & 1 == 0 ? odd[value] : value
        }
        return false
    }
}
