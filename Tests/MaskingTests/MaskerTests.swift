// Goal: rules mask what they name and nothing else, JSON stays JSON, and an event says where. Method: whole records and events.

import AuditModel
import JSONText
import Masking
import Primitives
import Testing

struct MaskerTests {
    @Test func jsonStaysJSON() throws {
        let record = """
            { "user" : "ann@example.org", "n": 4111111111111111, "list": ["x\\n4111 1111 1111 1111 \\u00e9", {"deep": "a"}],
              "requestParameters":{"password":"p\\"w","ids":[1,22,true,null],"Secret":{"a":"b","c":3}}, "b": "p\\\\\\"w" }
            """
        let rules = """
            {"version":1,"rules":[
              {"name":"deep","path":"requestParameters.secret","action":"redact"},
              {"name":"word","path":["**.password","list.deep"],"action":"redact"},
              {"name":"pan","content":"card","action":"keep_last","keep":4},
              {"name":"who","content":"email","action":"keyed_hash"}]}
            """
        let masked = try masker(rules).mask(Array(record.utf8))
        let value = try JSONValue(parsing: masked.bytes)
        #expect(value["n"] == "[masked:pan:last:1111]")
        #expect(value["list"]?[0] == "x\n[masked:pan:last:1111] é")
        #expect(value["list"]?[1]?["deep"] == "[masked:word]")
        #expect(value["requestParameters"]?["password"] == "[masked:word]")
        #expect(value["requestParameters"]?["ids"] == [1, 22, true, nil])
        #expect(value["requestParameters"]?["Secret"] == ["a": "[masked:deep]", "c": "[masked:deep]"])
        #expect(value["b"] == "p\\\"w")
        #expect(value["user"]?.string?.hasPrefix("[masked:who:hash:") == true)
        #expect(masked.spans.count == 7)
        for span in masked.spans {
            let stretch = masked.bytes[Int(span.offset)..<Int(span.offset + span.byteCount)]
            #expect(String(decoding: stretch, as: UTF8.self).hasPrefix("[masked:\(span.rule)"))
        }
    }

    @Test(arguments: [
        #"{"ann@example.org":1}"#, #"{"\u0061nn@example.org":1}"#, #"{"a":{"x\nann@example\u002eorg":{"b":[]}}}"#,
    ])
    func namesAreMaskedHoweverTheyAreWritten(_ record: String) throws {
        let rules = #"{"version":1,"rules":[{"name":"who","content":"email","action":"redact"}]}"#
        let masked = try masker(rules).mask(record)
        #expect(masked.contains("[masked:who]") && !masked.contains("ann") && !masked.contains("org"))
        #expect(throws: Never.self) { try JSONValue(parsing: Array(masked.utf8)) }
    }

    /// The name of a field is asked with every number in it, and every path goes through every part of a name.
    @Test func longNamesCostLittle() throws {
        let rules =
            #"{"version":1,"rules":[{"name":"n","path":"**.x.y","action":"redact"},{"name":"p","content":["phone","card"],"action":"redact"}]}"#
        let name = String(repeating: "a.", count: 200_000)
        let numbers = String(repeating: "1234567; ", count: 40_000)
        let members = (0..<40_000).map { _ in #""y":1"# }.joined(separator: ",")
        let record = #"{"\#(name)b":"\#(numbers)","\#(name)c":{\#(members)}}"#
        #expect(try masker(rules).mask(record) == record)
    }

    @Test func nothingToMaskKeepsTheBytes() throws {
        for text in ["{\"a\": \"b\\u0040\" }\n", "plain text \u{0}", "[INFO] started", "", "{\"open\": "] {
            let masked = try masker().mask(Array(text.utf8))
            #expect(masked.bytes == Array(text.utf8))
            #expect(!masked.isMasked)
        }
    }

    /// What looks like JSON and is not is masked as text.
    @Test(arguments: ["[INFO] mail ann@example.org", "{\"a\": ann@example.org", "{\"a\": \"ann@example.org"])
    func brokenJSONIsText(_ text: String) throws {
        let masked = try masker().mask(text)
        #expect(masked.contains("[masked:email:hash:") && !masked.contains("ann@"))
    }

    @Test func pseudonymsJoin() throws {
        let masker = try masker()
        let written = try ["Ann@Example.org", "ann@example.org", "bob@example.org"].map { try masker.mask($0) }
        #expect(written[0] == written[1])
        #expect(written[0] != written[2])
    }

    @Test func sealedValuesOpenWithTheirKeyOnly() throws {
        let rules = #"{"version":1,"rules":[{"name":"p","path":"name","action":"encrypt","subject":["id"]}]}"#
        let masked = try masker(rules).mask(Array(#"{"name":"Ann Example","id":"p-7"}"#.utf8))
        let token = try #require(try JSONValue(parsing: masked.bytes)["name"]?.string)
        let key = try TestKeys().key(of: Array("p-7".utf8))
        let opened = try MaskToken.open(token) { id throws(IndelibleError) in id == key.id ? key : nil }
        #expect(String(decoding: opened, as: UTF8.self) == "Ann Example")
        #expect(throws: IndelibleError.self) { try MaskToken.open(token) { _ throws(IndelibleError) in nil } }
        let other = SubjectKey(id: key.id, bytes: [UInt8](repeating: 1, count: 32))
        #expect(throws: IndelibleError.self) { try MaskToken.open(token) { _ throws(IndelibleError) in other } }
    }

    @Test func eventsAreMaskedWhole() throws {
        var event = AuditEvent()
        event.raw = Array(#"{"user":"ann@example.org","accessKeyId":"AKIAIOSFODNN7EXAMPLE"}"#.utf8)
        event.actor.id = "ann@example.org"
        event.targets = [.init(kind: "k", id: "t"), .init(kind: "k", id: "card 4111111111111111")]
        event.attributes = [.init(key: "client_secret", value: "anything"), .init(key: "note", value: "fine")]
        event.action = "user.login"
        let masker = try masker()
        let plain = event
        #expect(try masker.mask(&event))
        #expect(event.actor.id.hasPrefix("[masked:email:hash:"))
        #expect(
            String(decoding: event.raw, as: UTF8.self)
                == #"{"user":"\#(event.actor.id)","accessKeyId":"AKIAIOSFODNN7EXAMPLE"}"#
        )
        #expect(event.targets[1].id == "card [masked:card:last:1111]")
        #expect(event.attributes.map(\.value) == ["[masked:secret-field]", "fine"])
        #expect(event.masks.map(\.path) == ["raw", "actor.id", "targets.1.id", "attributes.0.value"])
        #expect(event.masks.map(\.action) == ["keyed_hash", "keyed_hash", "keep_last", "redact"])
        #expect(event.masks[2].offset == 5 && event.masks[2].byteCount == 23)
        let once = event
        #expect(try !masker.mask(&event) && event == once)
        var other = plain
        other.raw = []
        other.actor.id = "role/admin"
        (other.targets, other.attributes) = ([], [])
        #expect(try !masker.mask(&other) && other.masks.isEmpty)
    }

    /// A record of many secrets must not outgrow its entry by its spans.
    @Test func spansAreBounded() throws {
        let text = String(repeating: "ann@example.org ", count: 1000)
        let masked = try masker().mask(Array(text.utf8))
        #expect(masked.spans.count == 128)
        let last = try #require(masked.spans.last)
        #expect(last.rule == "several" && Int(last.offset + last.byteCount) == masked.bytes.count - 1)
        #expect(!String(decoding: masked.bytes, as: UTF8.self).contains("ann@"))
    }

    @Test(arguments: [
        (#"{"version":1}"#, "needs a list of rules"),
        (#"{"version":2,"rules":[]}"#, "version must be 1"),
        (#"{"version":1,"rules":[{"name":"a b","path":"x","action":"redact"}]}"#, "rule 1 needs a name"),
        (#"{"version":1,"rules":[{"name":"a","action":"redact"}]}"#, "either path or content"),
        (#"{"version":1,"rules":[{"name":"a","content":"mail","action":"redact"}]}"#, "looks for mail"),
        (#"{"version":1,"rules":[{"name":"a","path":"x..y","action":"redact"}]}"#, "the path x..y"),
        (#"{"version":1,"rules":[{"name":"a","path":"x","action":"hide"}]}"#, "needs an action"),
        (#"{"version":1,"rules":[{"name":"a","path":"x","action":"keep_last"}]}"#, "needs keep"),
        (
            #"{"version":1,"rules":[{"name":"a","path":"x","action":"redact","subject":"y"}]}"#,
            "belongs to encrypt only",
        ),
        (#"{"version":1,"rules":[{"name":"a","paths":"x","action":"redact"}]}"#, "a member paths"),
        (#"{"version":1,"rules":["#, "line 1"),
    ])
    func badRulesAreNamed(_ text: String, _ reason: String) {
        let error = #expect(throws: IndelibleError.self) {
            try MaskRules(parsing: Array(text.utf8), what: "rules.json")
        }
        #expect(
            error?.code == .invalidArgument && error?.message.contains(reason) == true,
            "\(String(describing: error))",
        )
    }

    @Test(arguments: [
        ("a.b", "a.b", true), ("a.b", "A.b", true), ("a_b", "aB", true), ("a.b", "a.b.c", false), ("a.*", "a.b", true),
        ("a.*", "a.b.c", false), ("**.c", "a.b.c", true), ("**.c", "c", true), ("a.**.c", "a.c", true),
        ("a.**", "a.b.c", true),
        ("a.**.b.*.d", "a.b.b.c.d", true), ("a.**.b.*.d", "a.b.b.c.e", false), ("*.*", "a", false),
    ])
    func pathsLead(_ pattern: String, _ path: String, _ leads: Bool) throws {
        let names = path.split(separator: ".")
        let open = names.map { "{\"\($0)\":" }.joined()
        let record = open + "\"x\"" + String(repeating: "}", count: names.count)
        let rules = #"{"version":1,"rules":[{"name":"r","path":"\#(pattern)","action":"redact"}]}"#
        let masked = try masker(rules).mask(record)
        // A rule for a container masks what is in it.
        let below = pattern == "a.b" || pattern == "a.*"
        #expect(masked.contains("[masked:r]") == (leads || below && names.count == 3))
    }
}
