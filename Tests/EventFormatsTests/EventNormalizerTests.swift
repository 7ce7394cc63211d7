// Goal: a record's who, what, to what and outcome are understood, and its bytes kept. Method: one invented record for each source and
// case, checked field by field; hostile records; the same record twice.

import AuditModel
import EventFormats
import Primitives
import ProtobufC
import Testing

struct EventNormalizerTests {
    private static func record(_ json: String, number: UInt64 = 1) -> RawRecord {
        let bytes = Array(json.utf8)
        return RawRecord(bytes: bytes, number: number, line: 1, byteRange: 0..<UInt64(bytes.count))
    }

    private static func event(_ json: String, _ normalizer: EventNormalizer = EventNormalizer()) throws -> AuditEvent {
        try normalizer.normalize(Self.record(json)).event
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let json: String
        let format: String
        let actor: String
        let kind: AuditEvent.Actor.Kind
        let action: String
        let actionClass: AuditEvent.ActionClass
        let target: String
        let outcome: AuditEvent.Outcome.Result
        var testDescription: String { self.name }
    }

    static let rows = [
        Row(
            name: "CloudTrail, a user is refused",
            json: """
                {"eventVersion":"1.09","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/una","userName":"una"},\
                "eventTime":"2026-01-05T06:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey",\
                "errorCode":"AccessDenied","requestParameters":{"userName":"otto"},"readOnly":false}
                """,
            format: "aws.cloudtrail",
            actor: "arn:aws:iam::1:user/una",
            kind: .user,
            action: "iam.access_key.create",
            actionClass: .create,
            target: "aws.iam.user=otto",
            outcome: .denied,
        ),
        Row(
            name: "CloudTrail, a failed console login",
            json: """
                {"userIdentity":{"type":"IAMUser","principalId":"AIDAX","accountId":"1","userName":"una"},\
                "eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","responseElements":{"ConsoleLogin":"Failure"}}
                """,
            format: "aws.cloudtrail",
            actor: "AIDAX",
            kind: .user,
            action: "signin.console_login",
            actionClass: .execute,
            target: "aws.service=signin.amazonaws.com",
            outcome: .failure,
        ),
        Row(
            name: "CloudTrail, a service by itself",
            json: """
                {"eventType":"AwsServiceEvent","eventSource":"kms.amazonaws.com","eventName":"RotateKey",\
                "resources":[{"ARN":"arn:aws:kms:eu-west-1:1:key/k","type":"AWS::KMS::Key"}]}
                """,
            format: "aws.cloudtrail",
            actor: "kms.amazonaws.com",
            kind: .system,
            action: "kms.key.rotate",
            actionClass: .update,
            target: "aws.kms_key=arn:aws:kms:eu-west-1:1:key/k",
            outcome: .success,
        ),
        Row(
            name: "Kubernetes, a shell in a pod",
            json: """
                {"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"create","user":{"username":"una@x.example"},\
                "objectRef":{"resource":"pods","namespace":"shop","name":"cart-1","subresource":"exec"},\
                "responseStatus":{"code":101},"requestReceivedTimestamp":"2026-01-05T06:00:00.000001Z"}
                """,
            format: "k8s.audit",
            actor: "una@x.example",
            kind: .user,
            action: "k8s.pods.exec.create",
            actionClass: .execute,
            target: "k8s.pods=shop/cart-1",
            outcome: .success,
        ),
        Row(
            name: "Kubernetes, a forbidden request for no resource",
            json: """
                {"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get","requestURI":"/metrics",\
                "user":{"username":"system:serviceaccount:ml:bot"},"responseStatus":{"code":403,"reason":"Forbidden"}}
                """,
            format: "k8s.audit",
            actor: "system:serviceaccount:ml:bot",
            kind: .service,
            action: "k8s.endpoint.get",
            actionClass: .read,
            target: "k8s.endpoint=/metrics",
            outcome: .denied,
        ),
        Row(
            name: "Windows, a failed logon",
            json: """
                {"EventID":4625,"Channel":"Security","Hostname":"H1","Keywords":"0x8010000000000000","SubjectUserName":"-",\
                "TargetUserName":"una","TargetDomainName":"CORP","Status":"0xc000006d","TimeCreated":"2026-01-05T06:00:00.1Z"}
                """,
            format: "windows.security",
            actor: "CORP\\una",
            kind: .user,
            action: "logon.session.fail",
            actionClass: .execute,
            target: "windows.host=H1",
            outcome: .denied,
        ),
        Row(
            name: "Windows, keywords as a signed number, an event id as text",
            json: """
                {"EventID":"4720","SourceName":"S","Hostname":"H1","Keywords":-9214364837600034816,"SubjectUserName":"HOST$",\
                "SubjectDomainName":"CORP","TargetUserName":"new"}
                """,
            format: "windows.security",
            actor: "CORP\\HOST$",
            kind: .system,
            action: "account.user.create",
            actionClass: .create,
            target: "windows.account=new",
            outcome: .success,
        ),
        Row(
            name: "Windows, an unknown event",
            json: "{\"EventID\":9999,\"Channel\":\"Security\",\"Computer\":\"H1\"}",
            format: "windows.security",
            actor: "H1",
            kind: .system,
            action: "windows.event_9999",
            actionClass: .unknown,
            target: "windows.host=H1",
            outcome: .success,
        ),
        Row(
            name: "GenAI, a guardrail steps in",
            json: """
                {"schemaType":"ModelInvocationLog","operation":"InvokeModel","modelId":"x.y-v1:0","identity":{"arn":"a/una"},\
                "output":{"outputBodyJson":{"stopReason":"guardrail_intervened"}}}
                """,
            format: "genai.call",
            actor: "a/una",
            kind: .user,
            action: "genai.invoke_model",
            actionClass: .execute,
            target: "genai.model=x.y-v1:0",
            outcome: .denied,
        ),
        Row(
            name: "GenAI, OpenTelemetry",
            json: """
                {"name":"chat","attributes":{"gen_ai.operation.name":"chat","gen_ai.request.model":"m","enduser.id":"una",\
                "error.type":"timeout"}}
                """,
            format: "genai.call",
            actor: "una",
            kind: .user,
            action: "genai.chat",
            actionClass: .execute,
            target: "genai.model=m",
            outcome: .failure,
        ),
        Row(
            name: "JSON, the usual names",
            json: """
                {"created_at":"2026-01-05 06:00:00","actor":{"email":"una@x.example","type":"USER"},"eventType":"DELETE_ROLE",\
                "target":{"id":"r1","type":"Role"},"outcome":{"result":"FAILURE"}}
                """,
            format: "app.json",
            actor: "una@x.example",
            kind: .user,
            action: "delete_role",
            actionClass: .delete,
            target: "role=r1",
            outcome: .failure,
        ),
        Row(
            name: "JSON, nothing said of the outcome",
            json: "{\"user\":\"una\",\"action\":\"repo.create\",\"repo\":\"x/y\"}",
            format: "app.json",
            actor: "una",
            kind: .unknown,
            action: "repo.create",
            actionClass: .create,
            target: "=x/y",
            outcome: .success,
        ),
        Row(
            name: "JSON inside a string",
            json:
                "{\"properties\":{\"log\":\"{\\\"user\\\":{\\\"username\\\":\\\"una\\\"}}\"},\"operationName\":\"Read\"}",
            format: "app.json",
            actor: "una",
            kind: .unknown,
            action: "read",
            actionClass: .read,
            target: "=",
            outcome: .success,
        ),
    ]

    @Test(arguments: rows) func understands(_ row: Row) throws {
        let event = try Self.event(row.json)
        #expect(event.format == row.format)
        #expect(event.actor.id == row.actor)
        #expect(event.actor.kind == row.kind)
        #expect(event.action == row.action)
        #expect(event.actionClass == row.actionClass)
        #expect((event.targets.first.map { "\($0.kind)=\($0.id)" } ?? "=") == row.target)
        #expect(event.outcome.result == row.outcome)
        #expect(String(decoding: event.raw, as: UTF8.self) == row.json)
    }

    @Test(arguments: rows) func survivesTheWire(_ row: Row) throws {
        let event = try Self.event(row.json)
        #expect(try AuditEvent(serialized: event.serialized) == event)
    }

    @Test func readsGenAIDetails() throws {
        let event = try Self.event(
            """
            {"schemaType":"ModelInvocationLog","operation":"Converse","modelId":"x.m-20250514-v1:0","input":{"inputTokenCount":7},\
            "output":{"outputTokenCount":9,"outputBodyJson":{"stopReason":"tool_use","output":{"message":{"content":[\
            {"text":"t"},{"toolUse":{"toolUseId":"id1","name":"run","input":{"a":1}}}]}}}}}
            """
        )
        let call = try #require(event.genAI)
        #expect(call.inputTokens == 7)
        #expect(call.outputTokens == 9)
        #expect(call.modelVersion == "v1:0")
        #expect(call.toolCalls == [AuditEvent.ToolCall(id: "id1", name: "run", arguments: "{\"a\":1}")])
        #expect(call.finishReasons == ["tool_use"])
    }

    @Test func everyEventHasAnAction() throws {
        #expect(try Self.event("{}").action == EventNormalizer.unspecifiedAction)
        #expect(try Self.event("{\"user\":\"una\"}").action == EventNormalizer.unspecifiedAction)
    }

    @Test func takesATimeOnlyForRecordsWithout() throws {
        let normalizer = EventNormalizer()
        let inferred = AuditEvent.Attribute(key: "time.inferred", value: "true")
        let without = try normalizer.normalize(Self.record("{\"action\":\"x\"}"), knownByNanoseconds: 7).event
        #expect(without.occurredNanoseconds == 7)
        #expect(without.attributes.contains(inferred))
        #expect(without.id == (try Self.event("{\"action\":\"x\"}").id))
        let with = try normalizer.normalize(Self.record("{\"time\":\"2026-01-05T06:00:00Z\"}"), knownByNanoseconds: 7)
            .event
        #expect(with.occurredNanoseconds == EventSimulator.defaultStart)
        #expect(!with.attributes.contains(inferred))
    }

    @Test func sayWhenTheOutcomeIsInferred() throws {
        let inferred = AuditEvent.Attribute(key: "outcome.inferred", value: "true")
        #expect(try Self.event("{\"action\":\"x\"}").attributes.contains(inferred))
        #expect(try !Self.event("{\"action\":\"x\",\"result\":\"ok\"}").attributes.contains(inferred))
    }

    // MARK: - Mapping

    @Test func followsAMapping() throws {
        let text =
            #"{"time":"w.t","actor":["none","w.who"],"action":"a.b","target":"list.1.id","outcome":"w.ok","source":"app"}"#
        let mapping = try FieldMapping(parsing: Array(text.utf8), what: "mapping")
        let event = try Self.event(
            #"{"user":"no","app":"till","a.b":"Sell","w":{"who":"una","t":1767592800,"ok":false},"list":[{"id":"0"},{"id":"1"}]}"#,
            EventNormalizer(mapping: mapping),
        )
        #expect(event.actor.id == "una")
        #expect(event.action == "sell")
        #expect(event.targets.first?.id == "1")
        #expect(event.outcome.result == .failure)
        #expect(event.source == "json/till")
        #expect(event.occurredNanoseconds == EventSimulator.defaultStart)
    }

    @Test(arguments: [
        ("[]", "must be a JSON object"), ("{\"who\":\"x\"}", "names the field who. Fields are: time, source"),
        ("{\"actor\":1}", "actor needs a dotted path"), ("{\"actor\":[]}", "actor needs a dotted path"),
        ("{\"actor\":\"a\",\"actor\":\"b\"}", "occurs twice"), ("{", "cannot be read as JSON"),
    ]) func refusesABadMapping(text: String, reason: String) {
        let error = #expect(throws: IndelibleError.self) {
            try FieldMapping(parsing: Array(text.utf8), what: "m.json")
        }
        #expect(error?.message.contains(reason) == true)
        #expect(error?.code == .invalidArgument)
    }

    // MARK: - Refusals and hostile records

    struct Refusal: Sendable {
        var format: SourceFormat?
        let json: String
        let reason: String
    }

    static let refusals = [
        Refusal(json: "[1]", reason: "a record is a JSON object"),
        Refusal(json: "\"text\"", reason: "a record is a JSON object"),
        Refusal(json: "{\"a\":}", reason: "expected a value, found '}' (byte 5 of the record)"),
        Refusal(json: "", reason: "expected a value, found the end of the text"),
        Refusal(format: .cloudtrail, json: "{\"eventName\":\"X\"}", reason: "not a CloudTrail record"),
        Refusal(format: .k8s, json: "{\"kind\":\"Pod\"}", reason: "not a Kubernetes audit event"),
        Refusal(format: .windows, json: "{\"a\":1}", reason: "not a Windows event"),
        Refusal(format: .genai, json: "{\"a\":1}", reason: "not a call of a model"),
    ]

    @Test(arguments: refusals) func refuses(_ row: Refusal) {
        let error = #expect(throws: IndelibleError.self) {
            try EventNormalizer(format: row.format).normalize(Self.record(row.json))
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(row.reason) == true, "\(row.reason)")
    }

    @Test func boundsEveryField() throws {
        let long = String(repeating: "é", count: 5000)
        let members = (0..<100).map { "\"k\($0)\":\"\(long.prefix(600))\"" }.joined(separator: ",")
        let json =
            "{\"actor\":\"\(long)\",\"action\":\"a\\u0000b\",\"target\":\"\(long)\",\"odd\":\"\\ud800\",\(members)}"
        let normalized = try EventNormalizer().normalize(Self.record(json))
        #expect(normalized.event.actor.id == String(repeating: "é", count: 512))
        #expect(normalized.event.attributes.count == 24)
        #expect(!normalized.event.serialized.isEmpty)
        #expect(try AuditEvent(serialized: normalized.event.serialized) == normalized.event)
        #expect(normalized.detached == Array(json.utf8))
    }

    @Test func replacesNUL() throws {
        let event = try Self.event("{\"actor\":\"a\\u0000b\"}")
        #expect(event.actor.id == "a\u{fffd}b")
    }

    @Test func keepsTheFirstOfDuplicateNames() throws {
        #expect(try Self.event("{\"actor\":\"una\",\"action\":\"x\",\"actor\":\"otto\"}").actor.id == "una")
    }

    /// At the limit the record travels inside; one byte more, and it stays beside.
    @Test func detachesWhatDoesNotFit() throws {
        func normalized(_ count: Int) throws -> NormalizedEvent {
            let json = "{\"actor\":\"una\",\"x\":[\"\(String(repeating: "y", count: count))\"]}"
            return try EventNormalizer().normalize(Self.record(json))
        }
        let small = try normalized(1000)
        let room = NormalizedEvent.byteCountMax - small.event.serialized.count
        let full = try normalized(1000 + room - 2)  // Lengths above 16,383 take two bytes more than above 127.
        #expect(full.detached == nil && full.event.detachedRaw == nil)
        #expect((NormalizedEvent.byteCountMax - 4...NormalizedEvent.byteCountMax).contains(full.event.serialized.count))
        var large = try normalized(1000 + room + 2)
        #expect(large.event.raw.isEmpty)
        let detached = try #require(large.detached)
        try large.detach(salt: [UInt8](repeating: 7, count: DetachedPayload.saltByteCount))
        let commitment = try #require(large.event.detachedRaw)
        #expect(try commitment.matches(payload: detached, salt: [UInt8](repeating: 7, count: 16)))
        #expect(commitment.byteCount == UInt64(detached.count))
        #expect(throws: IndelibleError.self) { try large.detach(salt: [1]) }
    }

    // MARK: - Identity

    @Test func idsAreOfTheRecordAndItsPlace() throws {
        let json = "{\"time\":\"2026-01-05T06:00:00.123Z\",\"action\":\"x\"}"
        let first = try Self.event(json)
        #expect(try Self.event(json).id == first.id)
        #expect(first.id?.unixMilliseconds == 1_767_592_800_123)
        let third = try EventNormalizer().normalize(Self.record(json, number: 3)).event
        #expect(third.id != first.id)
        #expect(third.id?.unixMilliseconds == 1_767_592_800_123)
        #expect(try Self.event("{\"time\":\"2026-01-05T06:00:00.123Z\",\"action\":\"y\"}").id != first.id)
    }

    @Test func forcedFormatAndSource() throws {
        let json = "{\"eventSource\":\"a.b\",\"eventName\":\"GetThing\"}"
        let event = try Self.event(json, EventNormalizer(format: .jsonl, source: "app/x"))
        #expect(event.format == "app.json")
        #expect(event.source == "app/x")
    }
}
