/// Writes JSON text (RFC 8259) in the order in which it is told.
///
/// Forgetting a name, or closing what is not open, is a bug of the caller and traps.
package struct JSONWriter: Sendable {
    package enum Style: Sendable, Equatable {
        /// One line, no white space.
        case compact
        /// Two spaces a level, one member or element a line.
        case pretty
    }

    private enum Container: Sendable, Equatable {
        case array
        case object
    }

    private let style: Style
    private var open: [Container] = []
    /// Whether the innermost container has something in it already.
    private var needsComma = false
    /// A name has been written and its value is due.
    private var awaitsValue = false
    package private(set) var bytes: [UInt8] = []

    package init(_ style: Style = .compact) { self.style = style }

    /// Everything written so far.
    package var text: String { String(decoding: self.bytes, as: UTF8.self) }

    /// Whether at least one value was written and everything is closed.
    package var isComplete: Bool { self.open.isEmpty && !self.awaitsValue && !self.bytes.isEmpty }

    package mutating func object(_ content: (inout JSONWriter) -> Void) {
        self.begin(.object, UInt8(ascii: "{"))
        content(&self)
        self.end(.object, UInt8(ascii: "}"))
    }

    package mutating func array(_ content: (inout JSONWriter) -> Void) {
        self.begin(.array, UInt8(ascii: "["))
        content(&self)
        self.end(.array, UInt8(ascii: "]"))
    }

    package mutating func key(_ key: String) {
        precondition(self.open.last == .object && !self.awaitsValue, "a name belongs into an object")
        self.separate()
        Self.quote(key, into: &self.bytes)
        self.bytes.append(UInt8(ascii: ":"))
        if self.style == .pretty { self.bytes.append(UInt8(ascii: " ")) }
        self.awaitsValue = true
    }

    /// A name and its value.
    package mutating func member(_ key: String, _ value: String) {
        self.key(key)
        self.string(value)
    }

    package mutating func member(_ key: String, _ value: some FixedWidthInteger) {
        self.key(key)
        self.integer(value)
    }

    package mutating func member(_ key: String, _ value: Bool) {
        self.key(key)
        self.bool(value)
    }

    /// A name and an object.
    package mutating func member(_ key: String, _ content: (inout JSONWriter) -> Void) {
        self.key(key)
        self.object(content)
    }

    package mutating func null() { self.scalar("null") }
    package mutating func bool(_ value: Bool) { self.scalar(value ? "true" : "false") }
    package mutating func integer(_ value: some FixedWidthInteger) { self.scalar(String(value)) }
    package mutating func number(_ value: JSONNumber) { self.scalar(value.text) }

    /// The shortest text that reads back as the same value; null for infinities and NaN, which JSON cannot write.
    package mutating func number(_ value: Double) { self.scalar(value.isFinite ? value.description : "null") }

    /// The shortest text that reads back as the same value; null for infinities and NaN, which JSON cannot write.
    package mutating func number(_ value: Float) { self.scalar(value.isFinite ? value.description : "null") }

    package mutating func string(_ value: String) {
        self.beginValue()
        Self.quote(value, into: &self.bytes)
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: self.null()
        case .bool(let value): self.bool(value)
        case .number(let number): self.number(number)
        case .string(let text): self.string(text)
        case .array(let elements):
            self.array { writer in
                for element in elements { writer.value(element) }
            }
        case .object(let object):
            self.object { writer in
                for member in object.members {
                    writer.key(member.key)
                    writer.value(member.value)
                }
            }
        }
    }

    /// Puts bytes that are one JSON value already in place as they are.
    package mutating func raw(_ json: some Sequence<UInt8>) {
        self.beginValue()
        self.bytes.append(contentsOf: json)
    }

    /// `text` in quotes, escaped.
    package static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        Self.quote(text, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: - Structure

    private mutating func begin(_ container: Container, _ opening: UInt8) {
        self.beginValue()
        self.bytes.append(opening)
        self.open.append(container)
        self.needsComma = false
    }

    private mutating func end(_ container: Container, _ closing: UInt8) {
        precondition(self.open.popLast() == container && !self.awaitsValue, "a container is closed out of order")
        if self.needsComma { self.newLine() }
        self.bytes.append(closing)
        self.needsComma = true
    }

    private mutating func beginValue() {
        switch self.open.last {
        case .object:
            precondition(self.awaitsValue, "a value in an object needs its name first")
            self.awaitsValue = false
        case .array: self.separate()
        case nil: precondition(self.bytes.isEmpty, "a text holds one value")
        }
    }

    private mutating func separate() {
        if self.needsComma { self.bytes.append(UInt8(ascii: ",")) }
        self.needsComma = true
        self.newLine()
    }

    private mutating func newLine() {
        guard self.style == .pretty else { return }
        self.bytes.append(UInt8(ascii: "\n"))
        for _ in self.open { self.bytes.append(contentsOf: [0x20, 0x20]) }
    }

    private mutating func scalar(_ text: String) {
        self.beginValue()
        self.bytes.append(contentsOf: text.utf8)
    }

    /// Escapes what RFC 8259, section 7 says must be, and DEL, which terminals act on.
    private static func quote(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x0a: bytes.append(contentsOf: "\\n".utf8)
            case 0x0d: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0x00..<0x20, 0x7f:
                bytes.append(contentsOf: "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSONValue {
    /// The value as text.
    package func text(_ style: JSONWriter.Style = .compact) -> String {
        var writer = JSONWriter(style)
        writer.value(self)
        return writer.text
    }
}
