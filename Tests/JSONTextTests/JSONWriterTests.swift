import Testing

import JSONText

struct JSONWriterTests {
    @Test func writesCompact() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("z")
            writer.integer(UInt64.max)
            writer.key("a")
            writer.array { writer in
                writer.null()
                writer.bool(true)
                writer.number(1.5)
                writer.number(Double.nan)
                writer.object { _ in }
                writer.array { _ in }
            }
            writer.key("raw")
            writer.raw("[1 ]".utf8)
        }
        #expect(writer.isComplete)
        #expect(writer.text == #"{"z":18446744073709551615,"a":[null,true,1.5,null,{},[]],"raw":[1 ]}"#)
    }

    @Test func writesPretty() {
        let value: JSONValue = ["name": "x", "list": [1, [], [:]], "inner": ["a": nil]]
        #expect(
            value.text(.pretty) == """
                {
                  "name": "x",
                  "list": [
                    1,
                    [],
                    {}
                  ],
                  "inner": {
                    "a": null
                  }
                }
                """
        )
    }

    @Test func escapes() {
        #expect(JSONWriter.quoted("\"\\/\n\r\t\u{0}\u{1f}\u{7f}é\u{1f600}") == #""\"\\/\n\r\t\u0000\u001f\u007fé😀""#)
    }

    @Test func everyScalarSurvives() throws {
        var scalars = String.UnicodeScalarView()
        for code in (0..<0x3000).map(UInt32.init) + [0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x10_ffff] {
            if let scalar = Unicode.Scalar(code) { scalars.append(scalar) }
        }
        let text = String(scalars)
        #expect(try JSONReader.read(Array(JSONWriter.quoted(text).utf8)) == .string(text))
    }

    @Test func isCompleteOnlyAtTheEnd() async {
        #expect(!JSONWriter().isComplete)
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.object { $0.null() }
        }
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.object { $0.key("a") }
        }
    }
}
