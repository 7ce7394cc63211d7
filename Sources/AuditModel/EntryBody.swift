package import Primitives
internal import ProtobufC

/// The one thing that an entry holds.
package enum EntryBody: Equatable, Sendable {
    /// A serialised ``AuditEvent``: the exact bytes that its producer made.
    case event([UInt8])
    case seal(BatchSeal)
    case verdicts(VerdictBatch)
    case label(Label)
    case model(ModelRecord)
    case dataset(DatasetRecord)
    case rule(RuleRecord)
    case state(StateRecord)
    case mute(MuteRecord)
    case key(KeyRecord)
    case source(SourceRecord)
    case access(AccessRecord)
    case retention(RetentionRecord)
    case hold(HoldRecord)
    case erasure(ErasureRecord)
    case verification(VerificationRecord)
    case alert(AlertRecord)
    case lifecycle(LifecycleRecord)
    /// A kind that this release does not know, as it came.
    case unknown(EntryKind, [UInt8])

    /// Reads the body's field.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `bytes` are not a message of that kind; never for an event or
    ///   an unknown kind.
    package init(_ kind: EntryKind, serialized bytes: [UInt8]) throws(IndelibleError) {
        switch kind {
        case .event: self = .event(bytes)
        case .seal: self = .seal(try BatchSeal(serialized: bytes))
        case .verdicts: self = .verdicts(try VerdictBatch(serialized: bytes))
        case .label: self = .label(try Label(serialized: bytes))
        case .model: self = .model(try ModelRecord(serialized: bytes))
        case .dataset: self = .dataset(try DatasetRecord(serialized: bytes))
        case .rule: self = .rule(try RuleRecord(serialized: bytes))
        case .state: self = .state(try StateRecord(serialized: bytes))
        case .mute: self = .mute(try MuteRecord(serialized: bytes))
        case .key: self = .key(try KeyRecord(serialized: bytes))
        case .source: self = .source(try SourceRecord(serialized: bytes))
        case .access: self = .access(try AccessRecord(serialized: bytes))
        case .retention: self = .retention(try RetentionRecord(serialized: bytes))
        case .hold: self = .hold(try HoldRecord(serialized: bytes))
        case .erasure: self = .erasure(try ErasureRecord(serialized: bytes))
        case .verification: self = .verification(try VerificationRecord(serialized: bytes))
        case .alert: self = .alert(try AlertRecord(serialized: bytes))
        case .lifecycle: self = .lifecycle(try LifecycleRecord(serialized: bytes))
        default: self = .unknown(kind, bytes)
        }
    }

    package var kind: EntryKind {
        switch self {
        case .event: .event
        case .seal: .seal
        case .verdicts: .verdicts
        case .label: .label
        case .model: .model
        case .dataset: .dataset
        case .rule: .rule
        case .state: .state
        case .mute: .mute
        case .key: .key
        case .source: .source
        case .access: .access
        case .retention: .retention
        case .hold: .hold
        case .erasure: .erasure
        case .verification: .verification
        case .alert: .alert
        case .lifecycle: .lifecycle
        case .unknown(let kind, _): kind
        }
    }

    /// What stands in the body's field.
    package var serialized: [UInt8] {
        switch self {
        case .event(let bytes), .unknown(_, let bytes): bytes
        case .seal(let message): message.serialized
        case .verdicts(let message): message.serialized
        case .label(let message): message.serialized
        case .model(let message): message.serialized
        case .dataset(let message): message.serialized
        case .rule(let message): message.serialized
        case .state(let message): message.serialized
        case .mute(let message): message.serialized
        case .key(let message): message.serialized
        case .source(let message): message.serialized
        case .access(let message): message.serialized
        case .retention(let message): message.serialized
        case .hold(let message): message.serialized
        case .erasure(let message): message.serialized
        case .verification(let message): message.serialized
        case .alert(let message): message.serialized
        case .lifecycle(let message): message.serialized
        }
    }
}
