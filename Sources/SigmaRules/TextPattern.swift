/// A text with wildcards, compared with texts of events.
///
/// Case counts only in ASCII letters, and only when the rule says `cased`: so the answer is the same on every machine.
package struct TextPattern: Sendable, Hashable {
    /// One step of a pattern.
    enum Token: Sendable, Hashable {
        case byte(UInt8)
        /// `?`: one character.
        case one
        /// `*`: any text, also none.
        case many
    }

    private enum Shape: Sendable, Hashable {
        case exact, prefix, suffix, contains, glob
    }

    let tokens: [Token]
    let isCased: Bool
    private let shape: Shape
    /// The bytes between wildcards, unless the shape is `glob`.
    private let literal: [UInt8]

    /// - Parameter tokens: their letters in lower case unless `isCased`.
    init(_ tokens: [Token], isCased: Bool) {
        var reduced: [Token] = []
        for token in tokens where token != .many || reduced.last != .many {
            if case .byte(let byte) = token, !isCased {
                reduced.append(.byte(Letters.folded(byte)))
            } else {
                reduced.append(token)
            }
        }
        let isOpenAtStart = reduced.first == .many
        let isOpenAtEnd = reduced.last == .many
        let inner = reduced.dropFirst(isOpenAtStart ? 1 : 0).dropLast(isOpenAtEnd && reduced.count > 1 ? 1 : 0)
        let literal = inner.compactMap { token in
            guard case .byte(let byte) = token else { return nil as UInt8? }
            return byte
        }
        self.tokens = reduced
        self.isCased = isCased
        if literal.count < inner.count {
            self.shape = .glob
        } else if isOpenAtStart {
            self.shape = isOpenAtEnd ? .contains : .suffix
        } else {
            self.shape = isOpenAtEnd ? .prefix : .exact
        }
        self.literal = self.shape == .glob ? [] : literal
    }

    /// The whole text that the pattern stands for; `nil` when it has wildcards.
    var exact: [UInt8]? { self.shape == .exact ? self.literal : nil }

    /// - Parameter text: in lower case unless the pattern is cased.
    func matches(_ text: [UInt8]) -> Bool {
        switch self.shape {
        case .exact: text == self.literal
        case .prefix: text.starts(with: self.literal)
        case .suffix: text.count >= self.literal.count && text.suffix(self.literal.count).elementsEqual(self.literal)
        case .contains: Self.contains(text.span, self.literal.span)
        case .glob: self.matchesSteps(text)
        }
    }

    private static func contains(_ text: Span<UInt8>, _ literal: Span<UInt8>) -> Bool {
        guard literal.count > 0 else { return true }
        guard text.count >= literal.count else { return false }
        let first = literal[0]
        for start in 0...(text.count - literal.count) where text[start] == first {
            var length = 1
            while length < literal.count, text[start + length] == literal[length] { length += 1 }
            if length == literal.count { return true }
        }
        return false
    }

    /// At most a step for each pair of a byte and a token: only the last `*` is ever tried again.
    private func matchesSteps(_ text: [UInt8]) -> Bool {
        var position = 0
        var token = 0
        var retry: (token: Int, position: Int)?
        while position < text.count {
            if token < self.tokens.count {
                switch self.tokens[token] {
                case .many:
                    retry = (token, position)
                    token += 1
                    continue
                case .one:
                    position = Letters.end(ofCharacterAt: position, in: text)
                    token += 1
                    continue
                case .byte(let byte):
                    if byte == text[position] {
                        position += 1
                        token += 1
                        continue
                    }
                }
            }
            guard let last = retry else { return false }
            retry = (last.token, last.position + 1)
            token = last.token + 1
            position = last.position + 1
        }
        while token < self.tokens.count, self.tokens[token] == .many { token += 1 }
        return token == self.tokens.count
    }
}

/// What letters are.
enum Letters {
    @inline(__always) static func folded(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }

    static func folded(_ bytes: some Sequence<UInt8>) -> [UInt8] { bytes.map { Self.folded($0) } }

    /// Where the UTF-8 character that begins at `position` ends.
    static func end(ofCharacterAt position: Int, in text: [UInt8]) -> Int {
        var end = position + 1
        while end < text.count, text[end] & 0xc0 == 0x80 { end += 1 }
        return end
    }
}
