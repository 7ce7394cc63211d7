// Goal: the reader takes exactly RFC 8259 and gives back what was written. Method: tables of acceptances and refusals, and
// hostile texts cut off at every byte.

import Primitives
import Testing

import JSONText

struct JSONReaderTests {
    struct Accepted: Sendable {
        let text: String
        let value: JSONValue
    }

    static let accepted = [
        Accepted(text: "null", value: .null),
        Accepted(text: " \t\r\n true \n", value: true),
        Accepted(text: "false", value: false),
        Accepted(text: "\"\"", value: ""),
        Accepted(text: "[]", value: []),
        Accepted(text: "{ }", value: [:]),
        Accepted(text: "[1 , 2,\n3]", value: [1, 2, 3]),
        Accepted(text: "{\"b\":1,\"a\":{\"c\":[null]}}", value: ["b": 1, "a": ["c": [nil]]]),
        Accepted(text: #""\"\\\/\b\f\n\r\t""#, value: .string("\"\\/\u{8}\u{c}\n\r\t")),
        Accepted(text: #""\u0041\u00e9\u20AC\ud83d\ude00""#, value: "A\u{e9}\u{20ac}\u{1f600}"),
        Accepted(text: #""\u0000""#, value: "\u{0}"),
        Accepted(text: "\"\u{7f}\u{2028}\u{1f600}\"", value: "\u{7f}\u{2028}\u{1f600}"),
        Accepted(text: #"{"":0}"#, value: ["": 0]),
    ]

    @Test(arguments: accepted) func reads(_ row: Accepted) throws {
        #expect(try JSONValue(parsing: Array(row.text.utf8)) == row.value)
    }

    static let numbers = [
        "0", "-0", "9", "10", "-1", "0.5", "-0.0", "1e5", "1E+5", "1e-5", "12.5e300", "1e400", "0e0",
        "123456789012345678901234567890", "18446744073709551615", "9223372036854775807",
    ]

    @Test(arguments: numbers) func keepsTheSpellingOfNumbers(_ text: String) throws {
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect(value.number?.text == text)
        #expect(value.text() == text)
    }

    struct Refused: Sendable {
        let bytes: [UInt8]
        let offset: Int
        let reason: String

        init(_ text: String, at offset: Int, _ reason: String) {
            self.init(bytes: Array(text.utf8), at: offset, reason)
        }

        init(bytes: [UInt8], at offset: Int, _ reason: String) {
            self.bytes = bytes
            self.offset = offset
            self.reason = reason
        }
    }

    static let refused = [
        Refused("", at: 0, "expected a value, found the end of the text"),
        Refused("  ", at: 2, "expected a value, found the end of the text"),
        Refused("nul", at: 0, "expected null"),
        Refused("nulL", at: 0, "expected null"),
        Refused("TRUE", at: 0, "expected a value, found 'T'"),
        Refused("NaN", at: 0, "expected a value, found 'N'"),
        Refused("Infinity", at: 0, "expected a value, found 'I'"),
        Refused("'a'", at: 0, "expected a value, found '''"),
        Refused("1 2", at: 2, "expected the end of the text, found '2'"),
        Refused("[1,]", at: 3, "expected a value, found ']'"),
        Refused("[,1]", at: 1, "expected a value, found ','"),
        Refused("[1 2]", at: 3, "expected a comma or ']', found '2'"),
        Refused("[1", at: 2, "expected a comma or ']', found the end of the text"),
        Refused("[1}", at: 2, "expected a comma or ']', found '}'"),
        Refused("{\"a\":1,}", at: 7, "expected a name in quotes, found '}'"),
        Refused("{a:1}", at: 1, "expected a name in quotes, found 'a'"),
        Refused("{\"a\" 1}", at: 5, "expected a colon after the name, found '1'"),
        Refused("{\"a\":}", at: 5, "expected a value, found '}'"),
        Refused("{\"a\":1,\"a\":2}", at: 12, "the name \"a\" occurs twice in one object"),
        Refused("{\"a\":1,\"\\u0061\":2}", at: 17, "the name \"a\" occurs twice in one object"),
        Refused("// no\n1", at: 0, "expected a value, found '/'"),
        Refused("01", at: 1, "a number must not start with 0"),
        Refused("-01", at: 2, "a number must not start with 0"),
        Refused("-", at: 1, "expected a digit, found the end of the text"),
        Refused("+1", at: 0, "expected a value, found '+'"),
        Refused(".5", at: 0, "expected a value, found '.'"),
        Refused("1.", at: 2, "expected a digit, found the end of the text"),
        Refused("1.e3", at: 2, "expected a digit, found 'e'"),
        Refused("1e", at: 2, "expected a digit, found the end of the text"),
        Refused("1e+", at: 3, "expected a digit, found the end of the text"),
        Refused("0x10", at: 1, "expected the end of the text, found 'x'"),
        Refused("\"a", at: 0, "the string that starts here has no closing quote"),
        Refused("\"a\\\"", at: 0, "the string that starts here has no closing quote"),
        Refused("\"\\", at: 0, "the string that starts here has no closing quote"),
        Refused("\"a\nb\"", at: 2, "control character byte 0x0a in a string must be escaped"),
        Refused("\"\\x41\"", at: 1, "\\ cannot be followed by 'x'"),
        Refused("\"\\u12\"", at: 1, "\\u must be followed by four hexadecimal digits"),
        Refused("\"\\u12g4\"", at: 1, "\\u must be followed by four hexadecimal digits"),
        Refused("\"\\u+123\"", at: 1, "\\u must be followed by four hexadecimal digits"),
        Refused("\"\\ud800\"", at: 1, "half of a surrogate pair without its other half"),
        Refused("\"\\udc00\"", at: 1, "half of a surrogate pair without its other half"),
        Refused("\"\\ud800\\u0041\"", at: 1, "half of a surrogate pair without its other half"),
        Refused("\"\\ude00\\ud83d\"", at: 1, "half of a surrogate pair without its other half"),
        Refused("\u{feff}1", at: 0, "it starts with a byte order mark; remove the first three bytes"),
        Refused(bytes: [0x31, 0x00], at: 1, "expected the end of the text, found byte 0x00"),
        Refused(bytes: [0x22, 0x00, 0x22], at: 1, "control character byte 0x00 in a string must be escaped"),
        Refused(bytes: [0x22, 0x61, 0xff, 0x22], at: 2, "the string is not valid UTF-8"),
        Refused(bytes: [0x22, 0xc0, 0xaf, 0x22], at: 1, "the string is not valid UTF-8"),
        Refused(bytes: [0x22, 0xed, 0xa0, 0x80, 0x22], at: 1, "the string is not valid UTF-8"),
        Refused(bytes: [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], at: 1, "the string is not valid UTF-8"),
        Refused(bytes: [0x22, 0xc3, 0xa9, 0xe2, 0x82, 0x22], at: 3, "the string is not valid UTF-8"),
        Refused(bytes: [0x31, 0xc2, 0xa0], at: 1, "expected the end of the text, found byte 0xc2"),
        Refused(bytes: [0xff, 0xfe, 0x31, 0x00], at: 0, "expected a value, found byte 0xff"),
    ]

    @Test(arguments: refused) func refuses(_ row: Refused) {
        let error = #expect(throws: JSONError.self) { try JSONReader.read(row.bytes) }
        #expect(error?.offset == row.offset)
        #expect(error?.reason == row.reason)
    }

    @Test(arguments: refused) func skippingIsAsStrict(_ row: Refused) {
        guard !row.reason.contains("occurs twice") else { return }  // Skipping remembers no names.
        #expect(throws: JSONError.self) {
            var reader = JSONReader(row.bytes)
            try reader.checkStart()
            try reader.skipValue()
            try reader.finish()
        }
    }

    /// Every proper prefix of a container is refused, and no prefix reads outside its bounds.
    @Test func refusesEveryPrefix() throws {
        let text = Array(#" {"a\n\u00e9\ud83d\ude00": [true, null, -1.5e+3, {"é": "\\"}], "z": false}"#.utf8)
        _ = try JSONReader.read(text)
        for length in 0..<text.count {
            #expect(throws: JSONError.self, "cut to \(length)") { try JSONReader.read(Array(text[..<length])) }
            #expect(throws: JSONError.self, "cut to \(length)") { try JSONReader.read(text, in: 0..<length) }
        }
    }

    /// One flipped byte never traps, and what is still accepted reads the same when it is written and read again.
    @Test func survivesEveryByteChange() throws {
        let text = Array(#"{"a":[1.5,"\u00e9"],"b":null}"#.utf8)
        for position in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[position] = byte
                guard let value = try? JSONReader.read(changed) else { continue }
                #expect(try JSONReader.read(Array(value.text().utf8)) == value)
            }
        }
    }

    @Test func tellsLineAndColumn() {
        let error = #expect(throws: JSONError.self) { try JSONReader.read(Array("{\n  \"é\": 1,\n  \"ü\": ?\n}".utf8)) }
        #expect(error?.line == 3)
        #expect(error?.column == 8)
        #expect(error?.indelible("model.json").code == .invalidArgument)
        #expect(
            error?.indelible("model.json").message
                == "model.json cannot be read as JSON: line 3, column 8 (byte 21): expected a value, found '?'."
        )
    }

    @Test(arguments: ["[", "{\"a\":"]) func boundsDepth(opening: String) throws {
        let closing = opening == "[" ? "]" : "}"
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth)).utf8)
        }
        let options = JSONOptions(depthMax: JSONOptions.depthCeiling)
        _ = try JSONReader.read(nested(JSONOptions.depthCeiling), options: options)
        let error = #expect(throws: JSONError.self) {
            try JSONReader.read(nested(JSONOptions.depthCeiling + 1), options: options)
        }
        #expect(error?.reason == "arrays and objects are nested more than 512 deep")
        #expect(throws: JSONError.self) { try JSONReader.read(Array(String(repeating: opening, count: 1 << 20).utf8)) }
    }

    @Test func depthIsGivenBack() throws {
        let siblings = "[" + Array(repeating: "[[]]", count: 300).joined(separator: ",") + "]"
        let value = try JSONReader.read(Array(siblings.utf8), options: JSONOptions(depthMax: 3))
        #expect(value.array?.count == 300)
    }

    @Test func boundsBytesAndValues() {
        let bytes = #expect(throws: JSONError.self) {
            try JSONReader.read(Array("[1,2,3]".utf8), options: JSONOptions(byteCountMax: 6))
        }
        #expect(bytes?.reason == "the text has more than 6 bytes, the most that are read")
        let values = #expect(throws: JSONError.self) {
            try JSONReader.read(Array("[1,2,3]".utf8), options: JSONOptions(valueCountMax: 3))
        }
        #expect(values?.reason == "the text holds more than 3 values")
        #expect(throws: Never.self) {
            try JSONReader.read(Array("[1,2]".utf8), options: JSONOptions(valueCountMax: 3))
        }
    }

    @Test(arguments: [3, 16, 17, 40]) func reportsDuplicateNames(count: Int) throws {
        let names = (0..<count).map { "\"n\($0)\":\($0)" } + ["\"n1\":-1", "\"new\":-2", "\"n1\":-3", "\"new\":-4"]
        let value = try JSONReader.read(Array("{\(names.joined(separator: ","))}".utf8), options: .records)
        let object = try #require(value.object)
        #expect(object.count == count + 4)
        #expect(object.duplicateKeys == ["n1", "n1", "new"])
        #expect(object["n1"] == 1)
        #expect(object["new"] == -2)
        #expect(object["absent"] == nil)
    }

    /// U+212A is canonically equal to K for `String`, but it is another name.
    @Test func comparesNamesByTheirBytes() throws {
        let value = try JSONReader.read(Array("{\"\u{212a}ind\":1,\"Kind\":2}".utf8))
        #expect(value["Kind"] == 2)
        #expect(value["\u{212a}ind"] == 1)
    }

    @Test func replacesLoneSurrogatesWhenAsked() throws {
        let value = try JSONReader.read(Array(#"["\ud800x","\udc00","\ud83d\ud83d\ude00"]"#.utf8), options: .records)
        #expect(value == ["\u{fffd}x", "\u{fffd}", "\u{fffd}\u{1f600}"])
    }

    @Test func cutsOutTheBytesOfRecords() throws {
        let text = Array(#"{"v":1, "Records": [ {"a" : 1.0} ,{"b":"\u00e9"}], "w":[]}"#.utf8)
        var records: [String] = []
        var reader = JSONReader(text)
        try reader.readObject { key, reader throws(JSONError) in
            guard key == "Records" else {
                try reader.skipValue()
                return
            }
            try reader.readArray { reader throws(JSONError) in
                records.append(String(decoding: text[try reader.skipValue()], as: UTF8.self))
            }
        }
        try reader.finish()
        #expect(records == [#"{"a" : 1.0}"#, #"{"b":"\u00e9"}"#])
    }
}
