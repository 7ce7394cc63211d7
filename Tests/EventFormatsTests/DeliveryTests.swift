import AuditModel
import EventFormats
import Primitives
import Testing

/// Goal: what HEC, CloudEvents, GitHub and GitLab wrap records in is understood, and all of it is kept.
@Suite struct DeliveryTests {
    struct Row: Sendable {
        let delivery: Delivery
        let json: String
        let actor: String
        let action: String
        let target: String
        let source: String
    }

    static let rows = [
        Row(
            delivery: .hec,
            json:
                #"{"time":1700000000.5,"host":"web1","source":"app","event":{"user":"alice","action":"Login","target":"crm"}}"#,
            actor: "alice",
            action: "login",
            target: "crm",
            source: "splunk/app",
        ),
        Row(
            delivery: .hec,
            json: #"{"host":"web1","sourcetype":"linux:audit","event":"a line"}"#,
            actor: "web1",
            action: "linux.audit",
            target: "web1",
            source: "splunk/linux:audit",
        ),
        Row(
            delivery: .cloudEvent,
            json: """
                {"specversion":"1.0","id":"7","source":"/crm","type":"com.example.user.deleted","subject":"bob",
                "time":"2026-01-31T12:00:00Z","data":{"actor":{"id":"alice"}}}
                """,
            actor: "alice",
            action: "com.example.user.deleted",
            target: "bob",
            source: "cloudevents//crm",
        ),
        Row(
            delivery: .github(event: "repository"),
            json: #"{"action":"publicized","sender":{"login":"octo","type":"User"},"repository":{"full_name":"o/r"}}"#,
            actor: "octo",
            action: "github.repository.publicized",
            target: "o/r",
            source: "github/o/r",
        ),
        Row(
            delivery: .gitlab(event: "Audit Event"),
            json: """
                {"event_type":"user_add_to_group","author_id":3,"entity_path":"g/p","created_at":"2026-01-31T12:00:00Z",
                "details":{"author_name":"Ann","target_type":"User","target_details":"bob","ip_address":"10.0.0.1"}}
                """,
            actor: "Ann",
            action: "gitlab.user_add_to_group",
            target: "bob",
            source: "gitlab/g/p",
        ),
    ]

    private static func event(_ delivery: Delivery, _ json: String) throws -> AuditEvent {
        let bytes = Array(json.utf8)
        let record = RawRecord(bytes: bytes, number: 0, line: 1, byteRange: 0..<UInt64(bytes.count))
        return try EventNormalizer().normalize(delivery, record, knownByNanoseconds: 5, seed: []).event
    }

    @Test(arguments: rows) func understands(_ row: Row) throws {
        let event = try Self.event(row.delivery, row.json)
        #expect(event.actor.id == row.actor)
        #expect(event.action == row.action)
        #expect(event.targets.first?.id == row.target)
        #expect(event.source == row.source)
        #expect(event.raw == Array(row.json.utf8))
        #expect(event.occurredNanoseconds > 0)
        #expect(event.outcome.result != .unknown)
    }

    static let refused: [(Delivery, String)] = [
        (.hec, #"{"host":"h"}"#), (.hec, #"{"event":""}"#), (.hec, #"{"event":[1]}"#), (.hec, "7"),
        (.cloudEvent, #"{"specversion":"1.0","id":"","source":"s","type":"t"}"#),
        (.cloudEvent, #"{"specversion":"0.3","id":"1","source":"s","type":"t"}"#),
        (.cloudEvent, #"{"specversion":"1.0","id":"1","type":"t"}"#),
    ]

    @Test(arguments: refused) func refuses(_ delivery: Delivery, _ json: String) {
        let error = #expect(throws: IndelibleError.self) { try Self.event(delivery, json) }
        #expect(error?.code == .invalidArgument)
    }
}
