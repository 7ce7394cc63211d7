/// IP addresses, version 4 (dotted) and 6 (RFC 4291, section 2.2).
enum NetworkAddress {
    static func isVersion4(_ number: DigitGroups, _ hints: Hints) -> Bool {
        let shape = number.shape
        guard !number.hasPlus, !number.hasParentheses, shape.count == 4, number.isSeparated(by: "."),
            !hints.contains(.version)
        else { return false }
        var start = 0
        for count in shape {
            guard count <= 3, CheckDigits.number(number.digits[start..<start + count]) <= 255,
                count == 1 || number.digits[start] != 0
            else { return false }
            start += count
        }
        return true
    }

    /// Where the address that starts at `start` ends; one without any digit is taken for names with colons between them.
    static func version6End(_ text: Span<UInt8>, at start: Int, before limit: Int) -> Int? {
        var position = start
        var end = start
        var groupCount = 0
        var hasGap = false
        var hasDigit = false
        var awaitsColon = false
        scan: while position < limit {
            if text.has("::", at: position, before: limit) {
                guard !hasGap else { break scan }
                hasGap = true
                awaitsColon = false
                position += 2
                end = position
            } else if text[position] == UInt8(ascii: ":") {
                guard awaitsColon else { break scan }
                awaitsColon = false
                position += 1
            } else {
                let group = position
                while position < limit, position - group < 5, text[position].isHexDigit {
                    hasDigit = hasDigit || text[position].isDigit
                    position += 1
                }
                guard !awaitsColon, groupCount < 8, (1...4).contains(position - group) else { break scan }
                groupCount += 1
                awaitsColon = true
                end = position
            }
        }
        let next = text.byte(end, in: 0..<limit)
        guard hasDigit, hasGap ? (1...7).contains(groupCount) : groupCount == 8, !next.isWordLike,
            next != UInt8(ascii: ":") || !text.byte(end + 1, in: 0..<limit).isHexDigit
        else { return nil }
        return end
    }
}
