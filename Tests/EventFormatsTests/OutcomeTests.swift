// Goal: what a record does not say is not guessed, or marked as a guess. Method: invented records with one thing left out each.

import AuditModel
import EventFormats
import Primitives
import ProtobufC
import Testing

struct OutcomeTests {
    private static func event(_ json: String) throws -> AuditEvent {
        let bytes = Array(json.utf8)
        let record = RawRecord(bytes: bytes, number: 1, line: 1, byteRange: 0..<UInt64(bytes.count))
        return try EventNormalizer().normalize(record).event
    }

    /// Without keywords only the number or a status says how it ended; an access is not called refused for want of them.
    @Test(
        arguments: [
            (4663, "", .success, true), (4625, "", .denied, false),
            (4776, #","Status":"0xc0000064""#, .failure, false),
            (4776, #","Status":"0x0""#, .success, false), (4663, #","Keywords":"0x8010000000000000""#, .denied, false),
            (4663, #","EventType":"AUDIT_SUCCESS""#, .success, false),
        ] as [(Int, String, AuditEvent.Outcome.Result, Bool)]
    )
    func readsTheOutcomeOfWindowsEvents(
        number: Int,
        members: String,
        outcome: AuditEvent.Outcome.Result,
        isInferred: Bool,
    ) throws {
        let event = try Self.event(#"{"EventID":\#(number),"Channel":"Security","Computer":"H1"\#(members)}"#)
        #expect(event.outcome.result == outcome)
        #expect(event.attributes.contains { $0.key == "outcome.inferred" } == isInferred)
    }

    /// Who acted and on what, where nothing but an account or an address says so.
    @Test(arguments: [
        (#"{"action":"a.b","recipientAccountId":"1"}"#, "1", "1"),
        (#"{"action":"a.b","sourceIPAddress":"10.0.0.1"}"#, "10.0.0.1", ""),
        (#"{"action":"a.b","user":"","params":{"ip":"10.0.0.1"}}"#, "10.0.0.1", ""),
        (#"{"action":"a.b","actor":{"profileId":"7"},"sourceIPAddress":"10.0.0.1"}"#, "7", ""),
    ])
    func takesWhatNamesAnActorAtLeast(json: String, actor: String, target: String) throws {
        let event = try Self.event(json)
        #expect(event.actor.id == actor)
        #expect(event.targets.first?.id ?? "" == target)
    }
}
