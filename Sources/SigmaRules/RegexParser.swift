/// Reads the part of PCRE's language that a machine without backtracking can run.
struct RegexParser {
    private static let depthMax = 24
    private static let countMax = 256

    struct Options {
        /// Letters of either case.
        var ignoresCase = false
        /// `^` and `$` at each line.
        var isMultiline = false
        /// `.` also for line feeds.
        var dotsMatchAll = false
    }

    private let text: [UInt8]
    private var position = 0
    private var depth = 0
    private var options: Options
    /// Of the rule's value.
    private let line: Int

    /// - Throws: ``SigmaError`` for what is no regular expression, or needs more than one.
    static func parse(_ text: String, _ options: Options, line: Int) throws(SigmaError) -> RegexNode {
        var parser = RegexParser(text: Array(text.utf8), options: options, line: line)
        try parser.readLeadingFlags()
        let node = try parser.choice()
        guard parser.position == parser.text.count else { throw parser.failure("a ) has no ( before it") }
        return node
    }

    private init(text: [UInt8], options: Options, line: Int) {
        self.text = text
        self.options = options
        self.line = line
    }

    private func failure(_ reason: String) -> SigmaError {
        SigmaError(self.line, "The regular expression cannot be used: \(reason), at byte \(self.position).")
    }

    private func refused(_ what: String, _ instead: String) -> SigmaError {
        SigmaError(
            self.line,
            "The regular expression uses \(what), which needs backtracking or tables of letters. \(instead)",
        )
    }

    private var next: UInt8? { self.position < self.text.count ? self.text[self.position] : nil }

    private mutating func take(_ text: StaticString) -> Bool {
        let bytes = Array("\(text)".utf8)
        guard self.text[self.position...].starts(with: bytes) else { return false }
        self.position += bytes.count
        return true
    }

    /// `(?i)` and its like, which count for all.
    private mutating func readLeadingFlags() throws(SigmaError) {
        guard self.text.starts(with: Array("(?".utf8)), let end = self.text.firstIndex(of: UInt8(ascii: ")")),
            self.text[2..<end].allSatisfy({ $0 &- UInt8(ascii: "a") < 26 })
        else { return }
        for flag in self.text[2..<end] {
            switch flag {
            case UInt8(ascii: "i"): self.options.ignoresCase = true
            case UInt8(ascii: "m"): self.options.isMultiline = true
            case UInt8(ascii: "s"): self.options.dotsMatchAll = true
            default: throw self.failure("the flag \(Character(Unicode.Scalar(flag))) is not known; use i, m or s")
            }
        }
        self.position = end + 1
    }

    private mutating func choice() throws(SigmaError) -> RegexNode {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= Self.depthMax else { throw self.failure("more than \(Self.depthMax) groups are nested") }
        var choices = [try self.sequence()]
        while self.take("|") { choices.append(try self.sequence()) }
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func sequence() throws(SigmaError) -> RegexNode {
        var nodes: [RegexNode] = []
        while let byte = self.next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            nodes.append(try self.repetition(of: try self.atom()))
        }
        return nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func repetition(of atom: RegexNode) throws(SigmaError) -> RegexNode {
        var node = atom
        while let (atLeast, atMost) = try self.counts() {
            // Which of several matches is found does not matter, only whether there is one.
            _ = self.take("?")
            if self.next == UInt8(ascii: "+") {
                throw self.refused("a possessive count (such as a++)", "Leave the second + out.")
            }
            node = .repeated(node, atLeast: atLeast, atMost: atMost)
        }
        return node
    }

    private mutating func counts() throws(SigmaError) -> (Int, Int?)? {
        if self.take("*") { return (0, nil) }
        if self.take("+") { return (1, nil) }
        if self.take("?") { return (0, 1) }
        guard self.next == UInt8(ascii: "{") else { return nil }
        let start = self.position
        self.position += 1
        let least = self.number()
        let hasComma = self.take(",")
        let most = hasComma ? self.number() : least
        guard self.take("}"), let least else {
            // PCRE takes a brace that begins no count as itself.
            self.position = start
            return nil
        }
        guard least <= Self.countMax, most ?? 0 <= Self.countMax, least <= most ?? .max else {
            throw self.failure("a count must rise and be at most \(Self.countMax)")
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var number: Int?
        while let byte = self.next, byte &- UInt8(ascii: "0") < 10 {
            number = min((number ?? 0) * 10 + Int(byte & 0x0f), Self.countMax + 1)
            self.position += 1
        }
        return number
    }

    private mutating func atom() throws(SigmaError) -> RegexNode {
        guard let byte = self.next else { return .empty }
        switch byte {
        case UInt8(ascii: "("): return try self.group()
        case UInt8(ascii: "["): return try self.bracket()
        case UInt8(ascii: "\\"): return try self.escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
            throw self.failure("a count has nothing before it")
        case UInt8(ascii: "^"):
            self.position += 1
            return .assertion(self.options.isMultiline ? .lineStart : .textStart)
        case UInt8(ascii: "$"):
            self.position += 1
            return .assertion(self.options.isMultiline ? .lineEnd : .textEnd)
        case UInt8(ascii: "."):
            self.position += 1
            var ascii = ByteSet(0...0x7f)
            if !self.options.dotsMatchAll { ascii = ByteSet(UInt8(ascii: "\n")...UInt8(ascii: "\n")).invertedASCII }
            return .character(ascii)
        default: return self.literal()
        }
    }

    /// One character as itself.
    private mutating func literal() -> RegexNode {
        let start = self.position
        self.position = Letters.end(ofCharacterAt: start, in: self.text)
        guard self.position - start > 1 else { return .bytes(self.cased(ByteSet(self.text[start]...self.text[start]))) }
        return .sequence(self.text[start..<self.position].map { .bytes(ByteSet($0...$0)) })
    }

    private func cased(_ set: ByteSet) -> ByteSet { self.options.ignoresCase ? set.withBothCases : set }

    private mutating func group() throws(SigmaError) -> RegexNode {
        self.position += 1
        if self.take("?") {
            if self.next.map({ "=!".utf8.contains($0) }) == true || self.text[self.position...].starts(with: "<=".utf8)
                || self.text[self.position...].starts(with: "<!".utf8)
            {
                throw self.refused("look-around", "Say it with `and not` in the condition.")
            }
            if self.take("<") || self.take("P<") {
                while let byte = self.next, byte != UInt8(ascii: ">") {
                    _ = byte
                    self.position += 1
                }
                guard self.take(">") else { throw self.failure("a group's name does not end") }
            } else if !self.take(":") {
                throw self.refused("a special group", "Use (?: ), and flags only at the very beginning.")
            }
        }
        let node = try self.choice()
        guard self.take(")") else { throw self.failure("a ( has no ) after it") }
        return node
    }

    private mutating func escape() throws(SigmaError) -> RegexNode {
        guard self.position + 1 < self.text.count else { throw self.failure("it ends with a backslash") }
        let byte = self.text[self.position + 1]
        switch byte {
        case UInt8(ascii: "b"), UInt8(ascii: "B"):
            self.position += 2
            return .assertion(byte == UInt8(ascii: "b") ? .wordEdge : .noWordEdge)
        case UInt8(ascii: "A"), UInt8(ascii: "z"), UInt8(ascii: "Z"):
            self.position += 2
            return .assertion(byte == UInt8(ascii: "A") ? .textStart : .textEnd)
        default:
            let (set, isNegated) = try self.escapedSet()
            return isNegated ? .character(set) : .bytes(self.cased(set))
        }
    }

    /// What stands after a backslash, also in brackets: whether it also means what is not ASCII.
    private mutating func escapedSet() throws(SigmaError) -> (ByteSet, isNegated: Bool) {
        self.position += 1
        guard let byte = self.next else { throw self.failure("it ends with a backslash") }
        self.position += 1
        if let set = Self.named[byte] { return (set, false) }
        if byte & 0x20 == 0, let set = Self.named[byte | 0x20] { return (set.invertedASCII, true) }
        if let control = Self.controls[byte] { return (ByteSet(control...control), false) }
        if byte == UInt8(ascii: "x") {
            let digits = String(decoding: self.text[self.position...].prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16), value < 0x80 else {
                throw self.failure("\\x needs two hexadecimal digits below 80")
            }
            self.position += 2
            return (ByteSet(value...value), false)
        }
        if byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "k") || byte == UInt8(ascii: "g") {
            throw self.refused("a reference to an earlier group", "Write the alternatives out.")
        }
        if byte | 0x20 == UInt8(ascii: "p") {
            throw self.refused("a class of Unicode", "Write the characters out.")
        }
        guard byte < 0x80, (byte | 0x20) &- UInt8(ascii: "a") >= 26 else {
            throw self.failure("the escape \\\(Character(Unicode.Scalar(byte))) is not known")
        }
        return (ByteSet(byte...byte), false)
    }

    private static let named: [UInt8: ByteSet] = {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let lower = UInt8(ascii: "a")...UInt8(ascii: "z")
        return [
            UInt8(ascii: "d"): ByteSet(digits),
            UInt8(ascii: "w"): ByteSet(digits, upper, lower, UInt8(ascii: "_")...UInt8(ascii: "_")),
            UInt8(ascii: "s"): ByteSet(0x09...0x0d, 0x20...0x20),
        ]
    }()

    private static let controls: [UInt8: UInt8] = [
        UInt8(ascii: "n"): 0x0a, UInt8(ascii: "r"): 0x0d, UInt8(ascii: "t"): 0x09, UInt8(ascii: "f"): 0x0c,
        UInt8(ascii: "v"): 0x0b,
    ]

    private mutating func bracket() throws(SigmaError) -> RegexNode {
        self.position += 1
        let isNegated = self.take("^")
        var set = ByteSet()
        var isFirst = true
        while let byte = self.next, byte != UInt8(ascii: "]") || isFirst {
            isFirst = false
            let start = try self.bracketItem(byte)
            guard self.next == UInt8(ascii: "-"), self.position + 1 < self.text.count,
                self.text[self.position + 1] != UInt8(ascii: "]"), case .byte(let low) = start
            else {
                switch start {
                case .byte(let low): set.insert(low)
                case .set(let named): set.formUnion(named)
                }
                continue
            }
            self.position += 1
            guard case .byte(let high) = try self.bracketItem(self.text[self.position]), low <= high else {
                throw self.failure("a range in brackets does not rise")
            }
            set.insert(low...high)
        }
        guard self.take("]") else { throw self.failure("a [ has no ] after it") }
        set = self.cased(set)
        return isNegated ? .character(set.invertedASCII) : .bytes(set)
    }

    private enum BracketItem {
        case byte(UInt8)
        case set(ByteSet)
    }

    private mutating func bracketItem(_ byte: UInt8) throws(SigmaError) -> BracketItem {
        guard byte < 0x80 else {
            throw self.refused("a letter beyond ASCII in brackets", "Write it as an alternative: (?:ä|ö).")
        }
        guard byte == UInt8(ascii: "\\") else {
            if self.text[self.position...].starts(with: "[:".utf8) {
                throw self.refused("a named class", "Write \\d, \\w or \\s, or the characters.")
            }
            self.position += 1
            return .byte(byte)
        }
        let before = self.position
        let (set, isNegated) = try self.escapedSet()
        guard !isNegated else {
            throw self.refused("a negated class in brackets", "Write the characters out.")
        }
        // One escaped character may begin a range.
        let last = self.text[self.position - 1]
        return Self.named[last] != nil && self.position - before == 2
            ? .set(set) : .byte((UInt8.min...UInt8.max).first { set.contains($0) } ?? last)
    }
}
