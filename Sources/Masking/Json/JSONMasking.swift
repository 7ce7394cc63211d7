internal import Primitives

/// Walks through JSON text without building anything, and masks its values.
///
/// One text may hold several values (JSON lines). What is no JSON ends the walk: the text then is masked as plain text.
struct JSONMasking {
    private struct Frame {
        let isObject: Bool
        /// Names on the path up to this container.
        let nameCount: Int
        /// The rule that masks everything in it.
        let rule: Int?
        var awaitsName: Bool
    }

    /// Containers inside one another; deeper ones make a text that is not read as JSON.
    static let depthMax = 512

    private let masker: Masker
    private(set) var output: MaskOutput
    private var frames: [Frame] = []
    private var names: [UInt64] = []
    /// Where the name of the value that comes next stands.
    private var name: Range<Int>?
    /// The rule for the value that comes next.
    private var rule: Int?

    init(_ masker: Masker, subjects: [String: [UInt8]]) {
        self.masker = masker
        self.output = MaskOutput(masker, subjects: subjects)
    }

    static func looksLikeJSON(_ bytes: [UInt8]) -> Bool {
        let first = bytes.first { $0 > 0x20 }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || first == UInt8(ascii: "\"")
    }

    /// - Returns: false when the text is not JSON.
    mutating func run(_ text: Span<UInt8>) throws(IndelibleError) -> Bool {
        var position = 0
        while position < text.count {
            let byte = text[position]
            switch byte {
            case 0x20, 0x0a, 0x0d, 0x09, UInt8(ascii: ":"): position += 1
            case UInt8(ascii: ","):
                if self.frames.last?.isObject == true { self.expectName() }
                position += 1
            case UInt8(ascii: "\""):
                guard let (content, hasEscapes) = Self.string(text, at: position) else { return false }
                position = content.upperBound + 1
                if self.frames.last?.awaitsName == true {
                    try self.takeName(text, content, hasEscapes)
                } else {
                    try self.takeString(text, content, hasEscapes)
                }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard self.frames.count < Self.depthMax else { return false }
                self.open(isObject: byte == UInt8(ascii: "{"))
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard let frame = self.frames.popLast(), frame.isObject == (byte == UInt8(ascii: "}")) else {
                    return false
                }
                self.names.removeLast(self.names.count - frame.nameCount)
                self.rule = nil
                position += 1
            default:
                var end = position
                while end < text.count, text[end].isAlphanumeric || [0x2b, 0x2d, 0x2e].contains(text[end]) { end += 1 }
                guard end > position, Self.isScalar(text, position..<end) else { return false }
                if byte.isDigit || byte == UInt8(ascii: "-") { try self.takeNumber(text, position..<end) }
                position = end
            }
        }
        return self.frames.isEmpty
    }

    private mutating func open(isObject: Bool) {
        let rule = self.frames.last?.rule ?? self.rule
        self.frames.append(Frame(isObject: isObject, nameCount: self.names.count, rule: rule, awaitsName: isObject))
    }

    private mutating func expectName() {
        let last = self.frames.count - 1
        self.frames[last].awaitsName = true
        self.names.removeLast(self.names.count - self.frames[last].nameCount)
    }

    private mutating func takeName(
        _ text: Span<UInt8>,
        _ content: Range<Int>,
        _ hasEscapes: Bool,
    ) throws(IndelibleError) {
        self.frames[self.frames.count - 1].awaitsName = false
        let meaning = hasEscapes ? JSONEscapes.meaning(text, content) : []
        if hasEscapes {
            self.addNames(meaning.span, 0..<meaning.count)
            self.name = nil
        } else {
            self.addNames(text, content)
            self.name = content
        }
        self.rule = self.frames.last?.rule ?? self.masker.table.rule(at: self.names)
        // A name can be an address; nothing shorter can.
        guard content.count >= Self.scannedByteCountMin else { return }
        if hasEscapes {
            try self.output.escaped(text, content, meaning: meaning, names: self.names, hints: [])
        } else {
            try self.output.text(text, content, names: self.names, field: .none)
        }
    }

    /// Parts of one name: every value below it is compared with all of them.
    private static let namePartCountMax = 16

    /// A name with dots counts as several.
    private mutating func addNames(_ text: Span<UInt8>, _ range: Range<Int>) {
        var start = range.lowerBound
        var partCount = 1
        for position in range where text[position] == UInt8(ascii: ".") && partCount < Self.namePartCountMax {
            if position > start { self.names.append(NameHash.of(text, start..<position)) }
            start = position + 1
            partCount += 1
        }
        self.names.append(NameHash.of(text, start..<range.upperBound))
    }

    /// Nothing that is looked for is shorter.
    private static let scannedByteCountMin = 6

    private mutating func takeString(
        _ text: Span<UInt8>,
        _ content: Range<Int>,
        _ hasEscapes: Bool,
    ) throws(IndelibleError) {
        if let rule = self.frames.last?.rule ?? self.rule {
            guard !content.isEmpty else { return }
            if MaskToken.end(text, at: content.lowerBound, before: content.upperBound) == content.upperBound {
                return
            }
            let meaning = hasEscapes ? JSONEscapes.meaning(text, content) : nil
            return try self.output.replace(text, content, rule, quotes: false, meaning: meaning)
        }
        guard content.count >= Self.scannedByteCountMin else { return }
        if hasEscapes {
            let hints = self.name.map { Hints.name($0, of: text) } ?? []
            let meaning = JSONEscapes.meaning(text, content)
            try self.output.escaped(text, content, meaning: meaning, names: self.names, hints: hints)
        } else {
            let field = self.name.map { FieldName.inText($0) } ?? .none
            try self.output.text(text, content, names: self.names, field: field)
        }
    }

    /// Digits that are masked become a string.
    private mutating func takeNumber(_ text: Span<UInt8>, _ range: Range<Int>) throws(IndelibleError) {
        if let rule = self.frames.last?.rule ?? self.rule {
            return try self.output.replace(text, range, rule, quotes: true)
        }
        guard range.count >= Self.scannedByteCountMin, range.allSatisfy({ text[$0].isDigit }) else { return }
        let field = self.name.map { FieldName.inText($0) } ?? .none
        try self.output.number(text, range, names: self.names, field: field)
    }

    /// The inside of the string that opens at `start`; `nil` when nothing closes it.
    private static func string(_ text: Span<UInt8>, at start: Int) -> (content: Range<Int>, hasEscapes: Bool)? {
        var position = start + 1
        var hasEscapes = false
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "\"") { return (start + 1..<position, hasEscapes) }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                position += 1
            }
            position += 1
        }
        return nil
    }

    private static func isScalar(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let first = text[range.lowerBound]
        if first.isDigit || first == UInt8(ascii: "-") {
            return range.dropFirst().allSatisfy { !text[$0].isLetter || text[$0] | 0x20 == UInt8(ascii: "e") }
        }
        return (["true", "false", "null"] as [StaticString]).contains { word in
            word.utf8CodeUnitCount == range.count && text.has(word, at: range.lowerBound, before: range.upperBound)
        }
    }
}
