package import AuditModel
package import Primitives
internal import ProtobufC
internal import ServiceProtocol

/// A submitted body that passed every check, with what travels beside its entry.
package struct SubmissionItem: Equatable, Sendable {
    /// Where the body stands in the submission's bytes.
    package var body: Range<Int>
    /// Where the event's id stands; empty when it has none.
    package var eventID: Range<Int>
    package var slot: UInt8
    /// The producer's number for it.
    package var sequence: UInt64

    /// Bytes that blind, stamp and tags may add to a body: an entry with a body of at most this much less fits.
    package static let envelopeByteCountMax = 512

    /// Checks one body.
    ///
    /// - Parameters:
    ///   - bytes: the submission.
    ///   - body: where the body stands.
    ///   - kind: what it is said to be.
    ///   - sequence: the producer's number for it.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with a sentence for whoever made the event.
    package init(
        _ bytes: Span<UInt8>,
        _ body: Range<Int>,
        kind: EntryKind,
        sequence: UInt64,
    ) throws(IndelibleError) {
        guard !body.isEmpty else { throw Self.refused("It is empty. Send a serialised message.") }
        let byteCountMax = ProtocolLimits.entryByteCountMax - Self.envelopeByteCountMax
        guard body.count <= byteCountMax else {
            throw Self.refused(
                "It has \(body.count) bytes; at most \(byteCountMax) fit an entry. Detach its raw record."
            )
        }
        self.body = body
        self.sequence = sequence
        if kind == .event {
            let event = try Self.event(bytes, body)
            self.eventID = event.id
            self.slot = ActorSlot.slot(of: bytes.extracting(event.actorID))
        } else {
            try Self.checkRecord(bytes, body, kind)
            self.eventID = body.lowerBound..<body.lowerBound
            self.slot = 0
        }
    }

    private static func event(_ bytes: Span<UInt8>, _ body: Range<Int>) throws(IndelibleError) -> EventScan {
        try AuditEvent.codec.check(bytes.extracting(body), AuditEvent.limits)
        let event = try EventScan(bytes, in: body)
        guard event.id.count == EventID.byteCount else {
            throw Self.refused("Its id has \(event.id.count) bytes. Give it a UUIDv7 of \(EventID.byteCount) bytes.")
        }
        guard event.occurredNanoseconds > 0 else {
            throw Self.refused("It does not say when it occurred. Set occurred_ns.")
        }
        guard !event.source.isEmpty else { throw Self.refused("It does not say where it comes from. Set source.") }
        guard !event.action.isEmpty else { throw Self.refused("It does not say what was done. Set action.") }
        return event
    }

    private static func checkRecord(
        _ bytes: Span<UInt8>,
        _ body: Range<Int>,
        _ kind: EntryKind,
    ) throws(IndelibleError) {
        guard kind != .seal else { throw Self.refused("Seals are made by the collector itself. Send events.") }
        let record = unsafe bytes.extracting(body).withUnsafeBufferPointer { unsafe Array($0) }
        _ = try EntryBody(kind, serialized: record)
    }

    private static func refused(_ reason: String) -> IndelibleError { IndelibleError(.invalidArgument, reason) }
}
