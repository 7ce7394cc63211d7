internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Who did what to what, when, from where, and how it ended: the body of most entries.
///
/// The bytes that a producer made are what the log keeps; this is how they are read. Every field may be empty.
package struct AuditEvent: Equatable, ProtoMessage {
    /// `nil` when the event carries none; such an event is refused at collection.
    package var id: EventID?
    /// Nanoseconds since the Unix epoch, by the source's clock.
    package var occurredNanoseconds: UInt64 = 0
    /// Such as `aws.cloudtrail/123456789012`.
    package var source = ""
    /// The source's own numbering; 0 when it has none.
    package var sourceSequence: UInt64 = 0
    package var actor = Actor()
    /// A dotted verb, such as `iam.user.create`.
    package var action = ""
    package var actionClass = ActionClass.unknown
    package var targets: [Target] = []
    package var outcome = Outcome()
    package var origin = Origin()
    package var attributes: [Attribute] = []
    /// What ``raw`` is, such as `aws.cloudtrail`.
    package var format = ""
    /// The record as the source made it, after masking; empty when detached.
    package var raw: [UInt8] = []
    package var detachedRaw: DetachedPayload?
    package var masks: [MaskSpan] = []
    package var genAI: GenAI?

    package init() {}

    package static let codec = unsafe ProtoCodec(indelible__v1__audit_event__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__AuditEvent) throws(IndelibleError) {
        unsafe self.id = generated.id.len == 0 ? nil : try EventID(field: "AuditEvent.id", generated.id)
        unsafe self.occurredNanoseconds = generated.occurred_ns
        unsafe self.source = String(field: generated.source)
        unsafe self.sourceSequence = generated.source_sequence
        unsafe self.actor = try Actor.optional(generated.actor) ?? Actor()
        unsafe self.action = String(field: generated.action)
        unsafe self.actionClass = ActionClass(number: generated.action_class.rawValue)
        unsafe self.targets = try Target.all(generated.targets, count: generated.n_targets)
        unsafe self.outcome = try Outcome.optional(generated.outcome) ?? Outcome()
        unsafe self.origin = try Origin.optional(generated.origin) ?? Origin()
        unsafe self.attributes = try Attribute.all(generated.attributes, count: generated.n_attributes)
        unsafe self.format = String(field: generated.format)
        unsafe self.raw = generated.raw.bytes
        unsafe self.detachedRaw = try DetachedPayload.optional(generated.raw_detached)
        unsafe self.masks = try MaskSpan.all(generated.masks, count: generated.n_masks)
        unsafe self.genAI = try GenAI.optional(generated.genai)
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.id?.bytes ?? [])
        writer.fixed64(2, self.occurredNanoseconds)
        writer.text(3, self.source)
        writer.varint(4, self.sourceSequence)
        writer.message(5, self.actor == Actor() ? nil : self.actor)
        writer.text(6, self.action)
        writer.varint(7, UInt64(self.actionClass.rawValue))
        writer.messages(8, self.targets)
        writer.message(9, self.outcome == Outcome() ? nil : self.outcome)
        writer.message(10, self.origin == Origin() ? nil : self.origin)
        writer.messages(11, self.attributes)
        writer.text(12, self.format)
        writer.bytes(13, self.raw)
        writer.message(14, self.detachedRaw)
        writer.messages(15, self.masks)
        writer.message(16, self.genAI)
    }
}
