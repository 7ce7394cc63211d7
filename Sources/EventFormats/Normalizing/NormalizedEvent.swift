package import AuditModel
package import Primitives
internal import ProtobufC

/// An event made from a record, and the record where it is too large to travel inside.
package struct NormalizedEvent: Sendable, Equatable {
    /// Bytes of an entry that its event may not use: the blind, the stamp, tags and lengths.
    package static let entryOverheadByteCount = 512
    /// Bytes of a serialised event that fits an entry.
    package static let byteCountMax = 65_535 - Self.entryOverheadByteCount

    package private(set) var event: AuditEvent
    /// The record's exact bytes, to be kept beside the log; `nil` when they are in ``event``.
    package private(set) var detached: [UInt8]?

    /// - Returns: `nil` when the event is too large even without its raw record.
    init?(_ event: AuditEvent) {
        self.event = event
        guard event.raw.count > Self.alwaysFitsByteCount, event.serialized.count > Self.byteCountMax else { return }
        self.detached = event.raw
        self.event.raw = []
        guard self.event.serialized.count <= Self.byteCountMax - Self.commitmentByteCount else { return nil }
    }

    /// Commits the event to its detached record; nothing to do when there is none.
    ///
    /// - Parameter salt: ``DetachedPayload/saltByteCount`` random bytes, to be kept with the payload.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `salt` has another length.
    package mutating func detach(salt: [UInt8]) throws(IndelibleError) {
        guard let detached = self.detached else { return }
        self.event.detachedRaw = try DetachedPayload(payload: detached, salt: salt)
    }

    /// Raw bytes beside which the bounded fields of an event (``FieldBounds``) always fit.
    private static let alwaysFitsByteCount = 4 << 10
    private static let commitmentByteCount = 64
}
