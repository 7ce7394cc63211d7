import EventFormats
import Primitives
import Testing

/// Goal: the records of a request's body are told apart, and a body that hides its records is refused as a whole.
@Suite struct RecordBodyTests {
    struct Row: Sendable {
        let kind: RecordBody
        let text: String
        /// `nil` when the body is refused.
        let records: [String]?
    }

    static let rows = [
        Row(kind: .json, text: #" {"a":1} "#, records: [#"{"a":1}"#]),
        Row(kind: .json, text: #"[{"a":1}, 7 ,[]]"#, records: [#"{"a":1}"#, "7", "[]"]),
        Row(kind: .json, text: #"{"Records":[{"a":1},{"b":2}]}"#, records: [#"{"a":1}"#, #"{"b":2}"#]),
        Row(kind: .json, text: #"{"kind":"EventList","items":[{"a":1}]}"#, records: [#"{"a":1}"#]),
        Row(kind: .json, text: "[]", records: nil),
        Row(kind: .json, text: "", records: nil),
        Row(kind: .json, text: #"{"a":1}{"b":2}"#, records: nil),
        Row(kind: .json, text: "\u{feff}{}", records: nil),
        Row(kind: .lines, text: "{}\n\n \t\r\n[1]\r\nx", records: ["{}", "[1]", "x"]),
        Row(kind: .lines, text: "\n\n", records: nil),
        Row(kind: .sequence, text: "{}{\"a\":1}\n[] 7", records: ["{}", #"{"a":1}"#, "[]", "7"]),
        Row(kind: .sequence, text: "{}}", records: nil),
        Row(kind: .sequence, text: " ", records: nil),
    ]

    @Test(arguments: rows) func splits(_ row: Row) throws {
        let body = Array(row.text.utf8)
        guard let records = row.records else {
            let error = #expect(throws: IndelibleError.self) { try row.kind.split(body) }
            #expect(error?.code == .invalidArgument)
            return
        }
        let found = try row.kind.split(body).map { part in
            guard case .record(let range) = part else { return "refused" }
            return String(decoding: body[range], as: UTF8.self)
        }
        #expect(found == records)
    }

    @Test func holdsTheLimits() throws {
        var limits = CollectionLimits()
        limits.recordCountMax = 2
        limits.recordByteCountMax = 5
        let error = #expect(throws: IndelibleError.self) { try RecordBody.lines.split(Array("1\n2\n3".utf8), limits) }
        #expect(error?.code == .outOfRange)
        let parts = try RecordBody.lines.split(Array("12345\n123456".utf8), limits)
        #expect(parts[0] == .record(0..<5))
        guard case .refused(6..<12, let reason) = parts[1] else {
            Issue.record("a long line was taken")
            return
        }
        #expect(reason.contains("6 bytes") && reason.contains("5"))
    }
}
