/// Finds what should not be kept, in one pass over a text.
///
/// Bytes that can begin something (a letter, a digit, `@`, `+`, `(`, `-`, `=`, `:`) start detectors that look a bounded number of
/// bytes ahead and back, so that the time is linear in the text whatever it holds. There is no regular expression here.
struct ContentScanner: Sendable {
    private let types: UInt16

    init(_ types: some Sequence<SensitiveType>) {
        self.types = types.reduce(0) { $0 | Self.bit($1) }
    }

    @inline(__always) private static func bit(_ type: SensitiveType) -> UInt16 { 1 << type.number }

    @inline(__always) func finds(_ type: SensitiveType) -> Bool { self.types & Self.bit(type) != 0 }

    /// - Parameters:
    ///   - range: the part of `text` that is looked at; nothing outside it counts.
    ///   - field: the name of the field that holds the text.
    ///   - found: gets what is found, in order and apart from one another.
    func scan(_ text: Span<UInt8>, in range: Range<Int>, field: FieldName = .none, into found: inout [Finding]) {
        var position = range.lowerBound
        /// Where the last finding ends.
        var floor = range.lowerBound
        /// Up to where runs of base64 characters have been judged.
        var judged = range.lowerBound
        let firstFinding = found.count
        while position < range.upperBound {
            let byte = text[position]
            let finding: Finding?
            if byte.isAlphanumeric {
                let word = Word(text, at: position, before: range.upperBound)
                if position >= judged {
                    let run = RandomText(text, at: position, before: range.upperBound)
                    judged = run.range.upperBound
                    if let token = self.token(text, word, run, range, field, floor) {
                        finding = token
                    } else if run.isUUID {
                        position = run.range.upperBound
                        continue
                    } else {
                        finding = self.number(text, word, range, field, floor)
                    }
                } else {
                    finding = self.keyInPath(text, word, range) ?? self.number(text, word, range, field, floor)
                }
                position = word.range.upperBound
            } else if byte == UInt8(ascii: "["),
                let token = MaskToken.end(text, at: position, before: range.upperBound)
            {
                position = token
                floor = token
                continue
            } else {
                finding = self.sign(byte, text, position, range, field, floor)
                position += 1
            }
            guard let finding else { continue }
            // An address may begin with what was taken for something else: then it is all one.
            var start = finding.range.lowerBound
            while found.count > firstFinding, let last = found.last, last.range.upperBound > start {
                start = min(start, last.range.lowerBound)
                found.removeLast()
            }
            found.append(Finding(finding.type, start..<finding.range.upperBound))
            position = max(position, finding.range.upperBound)
            floor = position
            judged = max(judged, position)
        }
    }

    /// What begins with a byte that is neither letter nor digit.
    @inline(__always)
    private func sign(
        _ byte: UInt8,
        _ text: Span<UInt8>,
        _ position: Int,
        _ range: Range<Int>,
        _ field: FieldName,
        _ floor: Int,
    ) -> Finding? {
        switch byte {
        case UInt8(ascii: "@"):
            guard self.finds(.email) else { return nil }
            // Back to the start: what was found in the local part gives way.
            return MailAddress.range(text, at: position, in: range).map { Finding(.email, $0) }
        case UInt8(ascii: "+"), UInt8(ascii: "("):
            let next = text.byte(position + 1, in: range)
            guard next.isDigit || next == UInt8(ascii: "+") || next == UInt8(ascii: "(") else { return nil }
            return self.digits(text, at: position, range, field, floor)
        case UInt8(ascii: "-"):
            guard self.finds(.privateKey) else { return nil }
            return TokenForms.privateKeyEnd(text, at: position, before: range.upperBound)
                .map { Finding(.privateKey, position..<$0) }
        case UInt8(ascii: "="), UInt8(ascii: ":"):
            if self.finds(.secret), let value = Assignment.value(text, at: position, in: range) {
                return Finding(self.kind(text, value), value)
            }
            guard byte == UInt8(ascii: ":"), self.finds(.ip), text.byte(position + 1, in: range) == byte,
                !text.byte(position - 1, in: range).isAlphanumeric
            else { return nil }
            return NetworkAddress.version6End(text, at: position, before: range.upperBound).map {
                Finding(.ip, position..<$0)
            }
        default: return nil
        }
    }

    /// An assigned value that is of a known kind is called by it.
    private func kind(_ text: Span<UInt8>, _ value: Range<Int>) -> SensitiveType {
        if self.finds(.jwt),
            TokenForms.webTokenEnd(text, at: value.lowerBound, before: value.upperBound) == value.upperBound
        {
            return .jwt
        }
        if self.finds(.apiKey), text[value.lowerBound] < 0x80,
            KeyPrefix.end(text, at: value.lowerBound, before: value.upperBound) == value.upperBound
        {
            return .apiKey
        }
        return .secret
    }

    /// What begins with a word that begins a run of base64 characters.
    private func token(
        _ text: Span<UInt8>,
        _ word: Word,
        _ run: RandomText,
        _ range: Range<Int>,
        _ field: FieldName,
        _ floor: Int,
    ) -> Finding? {
        let start = word.range.lowerBound
        if self.finds(.jwt), let end = TokenForms.webTokenEnd(text, at: start, before: range.upperBound) {
            return Finding(.jwt, start..<end)
        }
        if self.finds(.apiKey) {
            if let end = KeyPrefix.end(text, at: start, before: range.upperBound)
                ?? KeyPrefix.azureEnd(text, word, before: range.upperBound)
            {
                return Finding(.apiKey, start..<end)
            }
        }
        // Something with check digits is that, however random it looks.
        guard self.finds(.secret), run.range.count >= RandomText.byteCountMin, run.isSecret(text),
            !field.hints(text).contains(.identifier), self.iban(text, word, range) == nil
        else { return nil }
        return Finding(.secret, run.range)
    }

    /// A key that is the last part of a path, as in `user/AKIA…`: the path is one run of base64 characters.
    private func keyInPath(_ text: Span<UInt8>, _ word: Word, _ range: Range<Int>) -> Finding? {
        let start = word.range.lowerBound
        guard self.finds(.apiKey), text.byte(start - 1, in: range) == UInt8(ascii: "/") else { return nil }
        return KeyPrefix.end(text, at: start, before: range.upperBound).map { Finding(.apiKey, start..<$0) }
    }

    private func iban(_ text: Span<UInt8>, _ word: Word, _ range: Range<Int>) -> Int? {
        guard word.digitCount >= 2, word.range.count >= 4, text[word.range.lowerBound].isLetter else { return nil }
        return BankAccount.end(text, at: word.range.lowerBound, before: range.upperBound)
    }

    /// Numbers, with and without letters.
    private func number(
        _ text: Span<UInt8>,
        _ word: Word,
        _ range: Range<Int>,
        _ field: FieldName,
        _ floor: Int,
    ) -> Finding? {
        let start = word.range.lowerBound
        if self.finds(.ip), word.range.count <= 4,
            text.byte(word.range.upperBound, in: range) == UInt8(ascii: ":"), Self.isFree(text, start, range),
            let end = NetworkAddress.version6End(text, at: start, before: range.upperBound)
        {
            return Finding(.ip, start..<end)
        }
        if word.digitCount == 0, word.upperCount != 2 || word.range.count != 2 { return nil }
        guard Self.isFree(text, start, range) else { return nil }
        if self.finds(.iban), let end = self.iban(text, word, range) { return Finding(.iban, start..<end) }
        if self.finds(.nationalID), word.range.count <= 18,
            let end = NationalID.end(text, word, before: range.upperBound),
            !text.byte(end, in: range).isWordLike
        {
            return Finding(.nationalID, start..<end)
        }
        if word.isNumber || text[start].isDigit && word.range.count - word.digitCount == 1 {
            return self.digits(text, at: start, range, field, floor)
        }
        return nil
    }

    /// Whether a number may begin here: not inside another, nor inside a name.
    private static func isFree(_ text: Span<UInt8>, _ start: Int, _ range: Range<Int>) -> Bool {
        let before = text.byte(start - 1, in: range)
        if before.isWordLike || before == UInt8(ascii: "_") { return false }
        guard
            before == UInt8(ascii: "-") || before == UInt8(ascii: ".") || before == UInt8(ascii: "/")
                || before == UInt8(ascii: ":") || before == UInt8(ascii: "+")
        else { return true }
        let second = text.byte(start - 2, in: range)
        return !second.isDigit && !(second.isWordLike && before != UInt8(ascii: ":"))
    }

    private func digits(
        _ text: Span<UInt8>,
        at start: Int,
        _ range: Range<Int>,
        _ field: FieldName,
        _ floor: Int,
    ) -> Finding? {
        guard Self.isFree(text, start, range) else { return nil }
        let whole = DigitGroups(text, at: start, before: range.upperBound)
        guard whole.digits.count >= 4, whole.digits.count <= DigitGroups.digitCountMax || whole.groups.count > 1 else {
            return nil
        }
        if self.finds(.ip), whole.groups.count >= 4, whole.groups[0].separator == UInt8(ascii: ".") {
            let address = whole.prefix(4)
            let hints = field.hints(text).union(
                Hints.before(start, notBefore: max(floor, range.lowerBound), in: text)
            )
            let after = text.byte(address.end, in: range)
            if NetworkAddress.isVersion4(address, hints), !after.isWordLike,
                after != UInt8(ascii: ".") || !text.byte(address.end + 1, in: range).isDigit
            {
                return Finding(.ip, address.range)
            }
        }
        guard whole.digits.count >= 7 else { return nil }
        let hints = field.hints(text).union(Hints.before(start, notBefore: max(floor, range.lowerBound), in: text))
        for count in stride(from: whole.groups.count, to: 0, by: -1) {
            let number = whole.prefix(count)
            guard number.digits.count <= DigitGroups.digitCountMax else { continue }
            guard number.digits.count >= 7 else { break }
            // It ends where its digits do, at a space or at a mark that no digit follows.
            if count < whole.groups.count, ![0x20, 0x28].contains(whole.groups[count - 1].separator) { continue }
            if let finding = self.classify(text, number, hints, range) { return finding }
        }
        return nil
    }

    private func classify(
        _ text: Span<UInt8>,
        _ number: DigitGroups,
        _ hints: Hints,
        _ range: Range<Int>,
    ) -> Finding? {
        let next = text.byte(number.end, in: range)
        let afterNext = text.byte(number.end + 1, in: range)
        let isWhole = !next.isWordLike && next != UInt8(ascii: "_") && !(next == UInt8(ascii: ":") && afterNext.isDigit)
        if isWhole {
            let isPhoneFirst = hints.contains(.phone) && !hints.contains(.nationalID) && !hints.contains(.card)
            if isPhoneFirst, self.finds(.phone), PhoneNumber.matches(number, hints) {
                return self.phone(text, number, range)
            }
            if hints.contains(.nationalID), self.finds(.nationalID), NationalID.matches(number, hints) {
                return Finding(.nationalID, number.range)
            }
            if self.finds(.card), PaymentCard.matches(number, hints) { return Finding(.card, number.range) }
            if self.finds(.nationalID), NationalID.matches(number, hints) {
                return Finding(.nationalID, number.range)
            }
        }
        guard self.finds(.phone), isWhole || next == UInt8(ascii: "x"), PhoneNumber.matches(number, hints) else {
            return nil
        }
        let end = PhoneNumber.extensionEnd(text, after: number.end, before: range.upperBound)
        return isWhole || end > number.end ? self.phone(text, number, range) : nil
    }

    private func phone(_ text: Span<UInt8>, _ number: DigitGroups, _ range: Range<Int>) -> Finding {
        let end = PhoneNumber.extensionEnd(text, after: number.end, before: range.upperBound)
        return Finding(.phone, number.start..<end)
    }
}
