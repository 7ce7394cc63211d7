import AuditModel
import JSONText
import Primitives
import ProtobufC
import Testing

/// Goal: the JSON view is a contract.
///
/// Method: golden lines, byte for byte.
@Suite struct EntryJSONTests {
    private func line(_ body: EntryBody) throws -> String {
        EntryJSON.line(index: 9, leafHash: .zero, entry: Samples.entry(body).serialized)
    }

    private static let head = #"{"index":9,"kind":""#
    private static let stamp =
        #"","leaf_hash":"0000000000000000000000000000000000000000000000000000000000000000","#
        + #""collector":"ingest.example","received":"2023-11-14T22:13:20.123456789Z","#

    @Test func event() throws {
        let hex = { (byte: String) in String(repeating: byte, count: 32) }
        let expected =
            Self.head + "event" + Self.stamp
            + #""event":{"id":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f","occurred":"2022-02-22T19:22:22.000000001Z","#
            + #""source":"aws.cloudtrail/123456789012","source_sequence":300,"#
            + #""actor":{"id":"arn:aws:iam::123456789012:user/ana","kind":"user","display":"Ana Žižić"},"#
            + #""action":"iam.user.create","action_class":"create","#
            + #""targets":[{"kind":"aws.iam.user","id":"bo","display":"Bo"},{"kind":"aws.account"}],"#
            + #""outcome":{"result":"denied","code":"AccessDenied","reason":"no \"iam:CreateUser\"\n"},"#
            + #""origin":{"address":"203.0.113.9","user_agent":"aws-cli/2","session":"s-1","trace":"4bf92f35"},"#
            + #""attributes":[{"key":"region","value":"eu-central-1"},{"key":"empty"}],"format":"aws.cloudtrail","#
            + #""raw":"{\"eventName\":\"CreateUser\"}","raw_detached":{"commitment":""# + hex("a1")
            + #"","byte_count":8589934592},"#
            + #""masks":[{"path":"raw","offset":12,"byte_count":4,"rule":"pan","action":"keep_last"}],"#
            + #""genai":{"provider":"acme","model":"m-large","model_version":"2026-01","operation":"chat","#
            + #""prompt":{"commitment":""# + hex("01") + #"","byte_count":1200},"completion":{"commitment":""#
            + hex("02") + #""},"input_tokens":250,"output_tokens":17,"#
            + #""tool_calls":[{"id":"c1","name":"search","arguments":"{\"q\":\"x\"}"}],"#
            + #""finish_reasons":["stop","","length"],"data_controls":[{"key":"pii","value":"blocked"}]}}}"#
        #expect(try self.line(.event(Samples.event().serialized)) == expected)
    }

    @Test func verdicts() throws {
        let hex = { (byte: String) in String(repeating: byte, count: 32) }
        let expected =
            Self.head + "verdict" + Self.stamp + #""verdict":{"model_hash":""# + hex("04") + #"","schema_hash":""#
            + hex("05") + #"","slot":255,"verdicts":[{"event_index":70000,"leaf_hash":""# + hex("03")
            + #"","category":"exfiltration","risk":88,"severity":"high","#
            + #""features":[0,1,-1,2147483647,-2147483648,300],"margins":[0.1,-2.0],"#
            + #""margin_bits":["3dcccccd","c0000000"],"actor_previous_index":69000,"#
            + #""contributions":[{"feature":2,"value":1.5,"value_bits":"3fc00000"},"#
            + #"{"feature":0,"value":0.0,"value_bits":"00000000"}]},{"event_index":0,"leaf_hash":""# + hex("06")
            + #"","risk":0}]}}"#
        #expect(try self.line(.verdicts(Samples.verdicts())) == expected)
    }

    /// Each kind's line is one JSON object with what was said under the name of the kind.
    @Test func everyKindIsAnObject() throws {
        for body in try Samples.bodies() {
            let value = try JSONValue(parsing: Array(self.line(body).utf8))
            let members = try #require(value.object)
            #expect(members["kind"]?.string == body.kind.description)
            #expect(members[body.kind.description]?.object?.members.isEmpty == false, "\(body.kind)")
        }
    }

    @Test func whatIsNoEntryIsShownAllTheSame() throws {
        let text = EntryJSON.line(index: 0, leafHash: .zero, entry: [1, 2])
        #expect(text.contains(#""malformed":"#))
        #expect(text.hasSuffix(#""entry_base64":"AQI="}"#))
        let event = try self.line(.event([0xff]))
        #expect(event.contains(#""kind":"event""#) && event.contains(#""malformed":"#))
        let unknown = try self.line(.unknown(#require(EntryKind(rawValue: 60)), [1, 2]))
        #expect(unknown.hasSuffix(#""unknown_base64":"AQI="}"#))
    }

    static let times: [(nanoseconds: UInt64, text: String)] = [
        (0, "1970-01-01T00:00:00.000000000Z"),
        (951_782_399_999_999_999, "2000-02-28T23:59:59.999999999Z"),
        (951_868_799_000_000_000, "2000-02-29T23:59:59.000000000Z"),
        (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
        (.max, "2554-07-21T23:34:33.709551615Z"),
    ]

    @Test(arguments: times)
    func time(_ row: (nanoseconds: UInt64, text: String)) {
        #expect(TimeText.rfc3339(nanoseconds: row.nanoseconds) == row.text)
    }
}
