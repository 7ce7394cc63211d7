// Goal: nothing of an event made of a masked record holds what was masked, its id included. Method: one CloudTrail record.

import AuditModel
import Masking
import Primitives
import ProtobufC
import Testing

import EventFormats

struct MaskedRecordTests {
    private struct Keys: MaskKeys {
        let pseudonymKey = [UInt8](repeating: 7, count: 32)

        func key(of subject: [UInt8]) throws(IndelibleError) -> SubjectKey {
            SubjectKey(id: [UInt8](repeating: 1, count: 16), bytes: [UInt8](repeating: 2, count: 32))
        }
    }

    private static func record(_ password: String) -> RawRecord {
        let text = """
            {"eventTime":"2024-01-15T10:20:30Z","eventSource":"iam.amazonaws.com","eventName":"CreateLoginProfile",
             "userIdentity":{"type":"IAMUser","userName":"ann@example.org","arn":"arn:aws:iam::123456789012:user/ann@example.org",
             "accessKeyId":"AKIAIOSFODNN7EXAMPLE"},"requestParameters":{"userName":"bob@example.org","password":"\(password)"}}
            """
        return RawRecord(bytes: Array(text.utf8), number: 1, line: 1, byteRange: 0..<UInt64(text.utf8.count))
    }

    @Test func fieldsAndIdComeOfTheMaskedRecord() throws {
        let masker = Masker(try .standard(), keys: Keys())
        let normalizer = EventNormalizer(masker: masker)
        let event = try normalizer.normalize(Self.record("hunter2")).event
        let everything = String(decoding: event.serialized, as: UTF8.self)
        for secret in ["hunter2", "ann@", "bob@"] { #expect(!everything.contains(secret), "\(secret) is left") }
        #expect(everything.contains("AKIAIOSFODNN7EXAMPLE") && everything.contains("[masked:email:hash:"))
        #expect(event.masks.contains { $0.path == "raw" && $0.rule == "secret-field" && $0.action == "redact" })
        #expect(event.masks.contains { $0.path.hasPrefix("actor.") && $0.rule == "email" })
        // Another password makes the same event: nothing of it is left, not even a hash.
        #expect(try normalizer.normalize(Self.record("other")).event == event)
        #expect(try EventNormalizer().normalize(Self.record("hunter2")).event.masks.isEmpty)
    }
}
