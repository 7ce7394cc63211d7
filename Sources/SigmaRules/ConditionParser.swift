/// Reads a rule's condition: `selection and not 1 of filter_*`.
struct ConditionParser {
    private enum Word: Equatable {
        case opening, closing
        case name(String)
    }

    private let words: [Word]
    private var position = 0
    private var depth = 0
    private let line: Int
    /// In the order of the rule.
    private let parts: [(name: String, expression: Expression)]
    /// Names that the condition uses.
    private(set) var used: Set<String> = []

    /// - Throws: ``SigmaError`` with the way out.
    init(_ text: String, _ parts: [(name: String, expression: Expression)], line: Int) throws(SigmaError) {
        self.line = line
        self.parts = parts
        guard !text.contains("|") else {
            throw SigmaError(
                line,
                "The condition pipes into an aggregation, which Sigma gave up. Write a correlation.",
            )
        }
        let spaced = text.replacing("(", with: " ( ").replacing(")", with: " ) ")
        self.words = spaced.split { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\r" }.map { word in
            switch word {
            case "(": .opening
            case ")": .closing
            default: .name(String(word))
            }
        }
        guard self.words.count <= SigmaLimits.conditionTermCountMax else {
            throw SigmaError(
                line,
                "The condition has more than \(SigmaLimits.conditionTermCountMax) words. Split the rule.",
            )
        }
    }

    mutating func parse() throws(SigmaError) -> Expression {
        let expression = try self.disjunction()
        guard self.position == self.words.count else { throw self.unexpected() }
        return expression
    }

    private func unexpected() -> SigmaError {
        guard self.position < self.words.count else {
            return SigmaError(self.line, "The condition ends where a selection is due. Complete it.")
        }
        return switch self.words[self.position] {
        case .opening: SigmaError(self.line, "The condition has a ( where `and` or `or` is due. Put one there.")
        case .closing: SigmaError(self.line, "The condition has a ) where a selection is due. Correct it there.")
        case .name(let name):
            SigmaError(self.line, "The condition has \(name.debugDescription) where `and` or `or` is due.")
        }
    }

    private mutating func take(_ keyword: String) -> Bool {
        guard self.position < self.words.count, case .name(let name) = self.words[self.position],
            name.lowercased() == keyword
        else { return false }
        self.position += 1
        return true
    }

    private mutating func disjunction() throws(SigmaError) -> Expression {
        var parts = [try self.conjunction()]
        while self.take("or") { parts.append(try self.conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(SigmaError) -> Expression {
        var parts = [try self.term()]
        while self.take("and") { parts.append(try self.term()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func term() throws(SigmaError) -> Expression {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= SigmaLimits.conditionDepthMax else {
            throw SigmaError(self.line, "The condition is nested more than \(SigmaLimits.conditionDepthMax) deep.")
        }
        if self.take("not") { return .not(try self.term()) }
        guard self.position < self.words.count else { throw self.unexpected() }
        switch self.words[self.position] {
        case .opening:
            self.position += 1
            let inner = try self.disjunction()
            guard self.position < self.words.count, self.words[self.position] == .closing else {
                throw SigmaError(self.line, "The condition has a ( without its ). Close it.")
            }
            self.position += 1
            return inner
        case .closing: throw self.unexpected()
        case .name(let name):
            self.position += 1
            return try self.selection(name)
        }
    }

    private mutating func selection(_ name: String) throws(SigmaError) -> Expression {
        let quantifier = name.lowercased()
        if quantifier == "all" || quantifier == "any" || Int(quantifier) != nil, self.take("of") {
            let several = try self.several()
            if quantifier == "all" { return .all(several) }
            let count = Int(quantifier) ?? 1
            guard (1...several.count).contains(count) else {
                throw SigmaError(self.line, "The condition asks for \(count) of \(several.count) selections.")
            }
            return count == 1 ? .any(several) : .atLeast(count, several)
        }
        guard let part = self.parts.first(where: { $0.name == name }) else {
            throw SigmaError(
                self.line,
                "The condition names \(name.debugDescription), which the detection does not have.",
            )
        }
        self.used.insert(name)
        return part.expression
    }

    /// What stands after `of`: `them`, a name, or names with a `*`.
    private mutating func several() throws(SigmaError) -> [Expression] {
        guard self.position < self.words.count, case .name(let pattern) = self.words[self.position] else {
            throw SigmaError(self.line, "The condition needs `them` or a name after `of`.")
        }
        self.position += 1
        let isThem = pattern.lowercased() == "them"
        let tokens = pattern.utf8.map { $0 == UInt8(ascii: "*") ? TextPattern.Token.many : .byte($0) }
        let glob = TextPattern(tokens, isCased: true)
        let found = self.parts.filter { name, _ in
            isThem ? !name.hasPrefix("_") : glob.matches(Array(name.utf8))
        }
        guard !found.isEmpty else {
            throw SigmaError(self.line, "No selection is called like \(pattern.debugDescription).")
        }
        self.used.formUnion(found.map(\.name))
        return found.map(\.expression)
    }
}
