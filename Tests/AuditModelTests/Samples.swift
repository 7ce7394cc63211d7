import AuditModel
import Primitives
import ProtobufC
import Testing

/// One value of each message with every field set, and the entries made of them.
enum Samples {
    static func digest(_ byte: UInt8) throws -> Digest {
        try #require(Digest([UInt8](repeating: byte, count: 32)))
    }

    static func event() throws -> AuditEvent {
        var event = AuditEvent()
        event.id = EventID(unixMilliseconds: 0x017f_22e2_79b0, randomness: (0xcc3, 0x18c4_dc0c_0c07_398f << 2))
        event.occurredNanoseconds = 1_645_557_742_000_000_001
        event.source = "aws.cloudtrail/123456789012"
        event.sourceSequence = 300
        event.actor = .init(id: "arn:aws:iam::123456789012:user/ana", kind: .user, display: "Ana Žižić")
        event.action = "iam.user.create"
        event.actionClass = .create
        event.targets = [.init(kind: "aws.iam.user", id: "bo", display: "Bo"), .init(kind: "aws.account")]
        event.outcome = .init(.denied, code: "AccessDenied", reason: "no \"iam:CreateUser\"\n")
        event.origin = .init(address: "203.0.113.9", userAgent: "aws-cli/2", session: "s-1", trace: "4bf92f35")
        event.attributes = [.init(key: "region", value: "eu-central-1"), .init(key: "empty")]
        event.format = "aws.cloudtrail"
        event.raw = Array(#"{"eventName":"CreateUser"}"#.utf8)
        event.detachedRaw = .init(commitment: try Self.digest(0xa1), byteCount: 1 << 33)
        event.masks = [.init(path: "raw", offset: 12, byteCount: 4, rule: "pan", action: "keep_last")]
        event.genAI = try Self.genAI()
        return event
    }

    static func genAI() throws -> AuditEvent.GenAI {
        var genAI = AuditEvent.GenAI()
        genAI.provider = "acme"
        genAI.model = "m-large"
        genAI.modelVersion = "2026-01"
        genAI.operation = "chat"
        genAI.prompt = .init(commitment: try Self.digest(1), byteCount: 1200)
        genAI.completion = .init(commitment: try Self.digest(2), byteCount: 0)
        genAI.inputTokens = 250
        genAI.outputTokens = 17
        genAI.toolCalls = [.init(id: "c1", name: "search", arguments: #"{"q":"x"}"#)]
        genAI.finishReasons = ["stop", "", "length"]
        genAI.dataControls = [.init(key: "pii", value: "blocked")]
        return genAI
    }

    static func verdicts() throws -> VerdictBatch {
        let verdict = Verdict(
            eventIndex: 70_000,
            leafHash: try Self.digest(3),
            features: [0, 1, -1, .max, .min, 300],
            marginBits: [Float(0.1).bitPattern, Float(-2).bitPattern],
            category: "exfiltration",
            risk: 88,
            severity: "high",
            actorPrevious: 69_001,
            contributions: [.init(feature: 2, valueBits: Float(1.5).bitPattern), .init(feature: 0, valueBits: 0)],
        )
        return VerdictBatch(
            modelHash: try Self.digest(4),
            schemaHash: try Self.digest(5),
            slot: 255,
            verdicts: [verdict, Verdict(eventIndex: 0, leafHash: try Self.digest(6))],
        )
    }

    static func sealBody() throws -> SealBody {
        SealBody(
            collector: "ingest.example",
            keyID: [1, 2, 3, 4],
            epoch: 1_700_000_000_000_000_000,
            sequence: 129,
            count: 1000,
            root: try Self.digest(7),
            previous: try Self.digest(8),
        )
    }

    static func keyBody() -> KeyRecord.Body {
        .init(
            name: "ingest.example",
            publicKey: [UInt8](repeating: 9, count: 32),
            purpose: "collector",
            action: "enrolled",
            fromNanoseconds: 1_700_000_000_000_000_000,
        )
    }

    /// One body of each kind, in the order of the kinds.
    static func bodies() throws -> [EntryBody] {
        [
            .event(try Self.event().serialized),
            .seal(.init(body: try Self.sealBody().serialized, signature: [UInt8](repeating: 0x51, count: 64))),
            .verdicts(try Self.verdicts()),
            .label(.init(eventIndex: 7, label: "benign", reason: "a drill", author: "ana")),
            .model(
                .init(
                    modelHash: try Self.digest(10),
                    schemaHash: try Self.digest(11),
                    name: "general",
                    action: "promoted",
                    card: "{}",
                    signature: [1, 2],
                )
            ),
            .dataset(.init(datasetHash: try Self.digest(12), name: "synthetic", card: "{}")),
            .rule(.init(ruleHash: try Self.digest(13), name: "r1", action: "enrolled", text: "x")),
            .state(.init(modelHash: try Self.digest(14), upTo: 5, stateHash: try Self.digest(15), state: [9, 8])),
            .mute(.init(rule: "r1", author: "ana", reason: "noise", expiresNanoseconds: 1_700_000_000_000_000_000)),
            .key(.init(body: Self.keyBody().serialized, signature: [UInt8](repeating: 0x52, count: 64))),
            .source(.init(source: "k8s/prod", change: "gap", firstSequence: 5, lastSequence: 9, detail: "5 missing")),
            .access(.init(who: "ana", what: "export", firstIndex: 1, lastIndex: 9, purpose: "audit")),
            .retention(.init(upTo: 1000, policy: "7y")),
            .hold(.init(name: "case 5", action: "placed", firstIndex: 1, lastIndex: 2)),
            .erasure(.init(subject: "s-1", reason: "request")),
            .verification(
                .init(
                    verifier: "v",
                    size: 10,
                    root: try Self.digest(16),
                    result: "verified",
                    detail: "d",
                    signature: [3],
                )
            ),
            .alert(.init(kind: "tampered", detail: "leaf 5", index: 5)),
            .lifecycle(.init(component: "ingest", change: "start", software: "indelible-ingest/0.1.0", detail: "d")),
        ]
    }

    static func entry(_ body: EntryBody) -> Entry {
        Entry(
            blind: [UInt8](0..<16),
            stamp: Stamp(collector: "ingest.example", receivedNanoseconds: 1_700_000_000_123_456_789),
            body: body,
        )
    }
}
