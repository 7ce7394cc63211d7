internal import Primitives

/// Makes a test of a key such as `userAgent|contains|all` and its values.
struct FieldTestCompiler {
    /// Modifiers that say how texts are compared.
    private static let comparing: Set<String> = [
        "re", "cidr", "exists", "gt", "gte", "lt", "lte", "fieldref",
    ]
    private static let regexFlags: Set<String> = ["i", "ignorecase", "m", "multiline", "s", "dotall"]
    private static let known: Set<String> = Self.comparing.union(Self.regexFlags).union([
        "contains", "startswith", "endswith", "all", "cased", "base64", "base64offset", "wide", "utf16le", "windash",
    ])
    /// What a dash on Windows' command lines may be written as.
    private static let dashes = ["-", "/", "–", "—", "―"].map { Array($0.utf8) }

    private let name: String
    private let modifiers: [String]
    private let line: Int

    /// - Throws: ``SigmaError`` for a modifier that is not known or does not go with the others.
    init(_ key: String, line: Int) throws(SigmaError) {
        let parts = key.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        self.name = parts[0]
        self.modifiers = parts.dropFirst().map { $0.lowercased() }
        self.line = line
        for modifier in self.modifiers where !Self.known.contains(modifier) {
            throw SigmaError(
                line,
                modifier == "expand"
                    ? "The modifier expand needs a table of placeholders, which there is not. Write the values out."
                    : "The modifier \(modifier.debugDescription) is not known. docs/rules.md lists those that are.",
            )
        }
        let comparing = self.modifiers.filter(Self.comparing.contains)
        guard comparing.count <= 1 else {
            throw SigmaError(line, "The modifiers \(comparing.joined(separator: " and ")) exclude each other.")
        }
        if let one = comparing.first {
            let flags: Set<String> = one == "re" ? Self.regexFlags : one == "fieldref" ? ["cased"] : []
            let allowed = flags.union(["all", one])
            for other in self.modifiers where !allowed.contains(other) {
                throw SigmaError(line, "The modifiers \(one) and \(other) do not go together. Leave one out.")
            }
        }
    }

    private func has(_ modifier: String) -> Bool { self.modifiers.contains(modifier) }

    /// - Throws: ``SigmaError`` for values that do not fit the modifiers.
    func compile(_ value: YAMLNode, _ fields: inout FieldTable) throws(SigmaError) -> Expression {
        guard let nodes = value.elements else {
            throw SigmaError(
                value.line,
                "The values of \(self.name.debugDescription) are a map. Use a value or a list.",
            )
        }
        guard !nodes.isEmpty else {
            throw SigmaError(value.line, "The list of \(self.name.debugDescription) is empty. Give it a value.")
        }
        if self.name.isEmpty { return try self.keywords(nodes) }
        guard self.name.utf8.count <= SigmaLimits.titleByteCountMax, self.name.split(separator: ".").count <= 16 else {
            throw SigmaError(self.line, "A field's name is too long. Use at most 256 bytes and 16 parts.")
        }
        let field = fields.position(of: self.name)
        var matchers: [FieldTest.Matcher] = []
        var conjuncts: [Expression] = []
        for node in nodes {
            let made = try self.matchers(node, &fields)
            // The variants of one value are alternatives, also where all values are asked for.
            if self.has("all") {
                conjuncts.append(.field(FieldTest(field: field, made)))
            } else {
                matchers += made
            }
        }
        return self.has("all")
            ? (conjuncts.count == 1 ? conjuncts[0] : .all(conjuncts))
            : .field(FieldTest(field: field, matchers))
    }

    private func keywords(_ nodes: [YAMLNode]) throws(SigmaError) -> Expression {
        guard self.modifiers.allSatisfy({ $0 == "all" || $0 == "cased" || $0 == "contains" }) else {
            throw SigmaError(self.line, "Keywords take no modifiers but all and cased. Name a field.")
        }
        var patterns: [Expression] = []
        for node in nodes {
            guard case .scalar(let text, _) = node.value, !text.isEmpty else {
                throw SigmaError(node.line, "A keyword is not a text. Write one value there.")
            }
            let tokens = [.many] + Self.tokens(text) + [.many]
            patterns.append(.keyword(try self.pattern(tokens, node.line)))
        }
        return self.has("all") ? .all(patterns) : .any(patterns)
    }

    private func matchers(_ node: YAMLNode, _ fields: inout FieldTable) throws(SigmaError) -> [FieldTest.Matcher] {
        guard case .scalar(let text, let isPlain) = node.value else {
            throw SigmaError(node.line, "A value of \(self.name.debugDescription) is a list or a map. Flatten it.")
        }
        guard let comparing = self.modifiers.first(where: Self.comparing.contains) else {
            if node.isNull {
                guard self.modifiers.allSatisfy({ $0 == "all" }) else {
                    throw SigmaError(node.line, "null takes no modifiers. Give it a key of its own.")
                }
                return [.null]
            }
            return try self.texts(node.bool.map { $0 ? "true" : "false" } ?? text, node.line).map { .text($0) }
        }
        switch comparing {
        case "re":
            let options = RegexParser.Options(
                ignoresCase: self.has("i") || self.has("ignorecase"),
                isMultiline: self.has("m") || self.has("multiline"),
                dotsMatchAll: self.has("s") || self.has("dotall"),
            )
            return [.regex(try LinearRegex(text, options, line: node.line))]
        case "cidr":
            guard let range = AddressRange(text) else {
                throw SigmaError(node.line, "\(text.debugDescription) is no network. Write it like 10.0.0.0/8.")
            }
            return [.network(range)]
        case "exists":
            guard let bool = node.bool else { throw SigmaError(node.line, "exists takes true or false.") }
            return [.exists(bool)]
        case "fieldref":
            guard !text.isEmpty else { throw SigmaError(node.line, "fieldref needs the name of a field.") }
            return [.field(fields.position(of: text), isCased: self.has("cased"))]
        default:
            guard let comparison = FieldTest.Comparison(rawValue: comparing), let number = Double(text), isPlain,
                number.isFinite
            else { throw SigmaError(node.line, "\(comparing) takes a number.") }
            return [.number(comparison, number)]
        }
    }

    /// A text, or its variants.
    private func texts(_ text: String, _ line: Int) throws(SigmaError) -> [TextPattern] {
        var variants = [Self.tokens(text)]
        if self.has("windash") { variants = Self.dashed(variants[0]) }
        if self.has("wide") || self.has("utf16le") {
            variants = try self.each(variants, line) { bytes in [bytes.flatMap { [$0, 0] }] }
        }
        if self.has("base64") {
            variants = try self.each(variants, line) { [Array(Base64.encode($0).utf8)] }
        } else if self.has("base64offset") {
            variants = try self.each(variants, line, Self.base64Offsets)
        }
        var patterns: [TextPattern] = []
        for var tokens in variants {
            if self.has("contains") || self.has("endswith") { tokens.insert(.many, at: 0) }
            if self.has("contains") || self.has("startswith") { tokens.append(.many) }
            patterns.append(try self.pattern(tokens, line))
        }
        return patterns
    }

    private func pattern(_ tokens: [TextPattern.Token], _ line: Int) throws(SigmaError) -> TextPattern {
        guard tokens.count <= SigmaLimits.patternByteCountMax else {
            throw SigmaError(line, "A value has more than \(SigmaLimits.patternByteCountMax) bytes. Shorten it.")
        }
        return TextPattern(tokens, isCased: self.has("cased"))
    }

    private func each(
        _ variants: [[TextPattern.Token]],
        _ line: Int,
        _ change: ([UInt8]) -> [[UInt8]],
    ) throws(SigmaError) -> [[TextPattern.Token]] {
        var changed: [[TextPattern.Token]] = []
        for tokens in variants {
            var bytes: [UInt8] = []
            for token in tokens {
                guard case .byte(let byte) = token else {
                    throw SigmaError(line, "A value with wildcards cannot be encoded. Escape them with a backslash.")
                }
                bytes.append(byte)
            }
            changed += change(bytes).map { $0.map { .byte($0) } }
        }
        return changed
    }

    /// How bytes look within a Base64 text, wherever they begin in it: without the characters that depend on the rest.
    private static func base64Offsets(_ bytes: [UInt8]) -> [[UInt8]] {
        (0..<3).map { offset in
            let encoded = Array(Base64.encode([UInt8](repeating: 0x20, count: offset) + bytes).utf8)
            let start = [0, 2, 3][offset]
            let end = encoded.count - [0, 3, 2][(bytes.count + offset) % 3]
            return start < end ? Array(encoded[start..<end]) : []
        }.filter { !$0.isEmpty }
    }

    /// A backslash before a wildcard or a backslash takes its meaning away; before anything else it is itself.
    private static func tokens(_ text: String) -> [TextPattern.Token] {
        let bytes = Array(text.utf8)
        var tokens: [TextPattern.Token] = []
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\\"), position < bytes.count, "*?\\".utf8.contains(bytes[position]) {
                tokens.append(.byte(bytes[position]))
                position += 1
            } else if byte == UInt8(ascii: "*") {
                tokens.append(.many)
            } else {
                tokens.append(byte == UInt8(ascii: "?") ? .one : .byte(byte))
            }
        }
        return tokens
    }

    /// The value with each kind of dash where an option begins.
    private static func dashed(_ tokens: [TextPattern.Token]) -> [[TextPattern.Token]] {
        let isDash = tokens.indices.map { position in
            guard case .byte(let byte) = tokens[position], byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/"),
                position + 1 < tokens.count, Self.isWord(tokens[position + 1])
            else { return false }
            return position == 0 || !Self.isWord(tokens[position - 1])
        }
        guard isDash.contains(true) else { return [tokens] }
        return Self.dashes.map { dash in
            tokens.indices.flatMap { isDash[$0] ? dash.map { .byte($0) } : [tokens[$0]] }
        }
    }

    private static func isWord(_ token: TextPattern.Token) -> Bool {
        guard case .byte(let byte) = token else { return false }
        let folded = Letters.folded(byte)
        return folded &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
    }
}
