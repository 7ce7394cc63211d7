import AuditModel
import Cryptography
import EventFormats
import JSONText
import Primitives
import ProtobufC
import Testing

/// Goal: an event in our own JSON becomes that event, and what is not one is read as other JSON, never cut.
@Suite struct NativeRecordTests {
    private static func event(_ json: String) throws -> AuditEvent {
        var normalizer = EventNormalizer()
        normalizer.takesNative = true
        normalizer.options = CollectionLimits().recordOptions
        let bytes = Array(json.utf8)
        let record = RawRecord(bytes: bytes, number: 0, line: 1, byteRange: 0..<UInt64(bytes.count))
        return try normalizer.normalize(record, knownByNanoseconds: 5, seed: [1]).event
    }

    /// What `indelible show --json` writes is read back as the same event.
    @Test func readsWhatIsShown() throws {
        var event = AuditEvent()
        event.id = EventID(unixMilliseconds: 1_700_000_000_000, randomness: (1, 2))
        event.occurredNanoseconds = 1_700_000_000_123_456_789
        event.source = "crm"
        event.sourceSequence = 9
        event.actor = AuditEvent.Actor(id: "alice", kind: .agent, display: "Alice \u{1f600}")
        event.action = "user.role.update"
        event.actionClass = .update
        event.targets = [AuditEvent.Target(kind: "user", id: "bob", display: "Bob"), AuditEvent.Target(id: "x")]
        event.outcome = AuditEvent.Outcome(.denied, code: "403", reason: "no \"role\"")
        event.origin = AuditEvent.Origin(address: "::1", userAgent: "curl", session: "s", trace: "t")
        event.attributes = [AuditEvent.Attribute(key: "k", value: "v")]
        let entry = Entry(blind: [UInt8](repeating: 0, count: 16), stamp: nil, body: .event(event.serialized))
            .serialized
        let shown = EntryJSON.line(index: 1, leafHash: try SHA256.hash(entry), entry: entry)
        let body = try #require(try JSONValue(parsing: Array(shown.utf8))["event"])
        var expected = event
        expected.format = SourceFormat.nativeName
        #expect(try Self.event(body.text()) == expected)
    }

    static let others = [
        #"{"action":"a.b","more":1}"#, #"{"action":"a.b","actor":"alice"}"#, #"{"action":"a.b","targets":{}}"#,
        #"{"action":"a.b","source_sequence":"7"}"#, #"{"action":"a.b","outcome":{"result":"maybe"}}"#,
        #"{"action":"a.b","id":"7"}"#, #"{"action":"a.b","attributes":[{"key":"k","value":7}]}"#,
        #"{"action":"a.b","occurred":"yesterday"}"#, #"{"action":"a.b","actor":{"id":"a","mail":"x"}}"#,
    ]

    @Test(arguments: others) func readsOthersAsOtherJSON(_ json: String) throws {
        let event = try Self.event(json)
        #expect(event.format == SourceFormat.jsonl.name)
        #expect(event.action == "a.b")
        #expect(event.raw == Array(json.utf8))
    }

    static let refused = [
        #"{"action":"a","action":"b"}"#, #"{"action":"a","actor":{"id":"a","id":"b"}}"#, #"{"action":"a""#, "7", "[]",
        "",
        #"{"action":"a"} {"#, #"{"action":"a","x":{"y":1,"y":2}}"#,
    ]

    @Test(arguments: refused) func refuses(_ json: String) {
        let error = #expect(throws: IndelibleError.self) { try Self.event(json) }
        #expect(error?.code == .invalidArgument)
    }

    @Test func givesAnEventWhatItLacks() throws {
        let event = try Self.event(#"{"action":"a.b"}"#)
        #expect(event.format == SourceFormat.nativeName && event.raw.isEmpty && event.id != nil)
        #expect(event.occurredNanoseconds == 5)
        #expect(event.attributes == [AuditEvent.Attribute(key: "time.inferred", value: "true")])
    }
}
