package import AuditModel
package import EventFormats
package import Primitives

/// One record of a request on its way in.
package enum IntakeItem: Sendable {
    case event(NormalizedEvent)
    /// - Parameter record: its bytes, for those who have to find out.
    case refused(reason: String, record: [UInt8])
}

/// What became of one record.
package enum IntakeResult: Sendable, Equatable {
    /// Safe; `index` is `nil` when it is not known, as while the ledger is away.
    case taken(id: EventID, index: UInt64?, isRepeat: Bool)
    /// Can never be taken.
    case refused(reason: String)

    package var isTaken: Bool {
        guard case .taken = self else { return false }
        return true
    }
}

/// What tells a request, or each of its records, from others, so that repeating it adds nothing.
package enum IntakeKey: Sendable {
    case none
    /// - Parameter content: hash of the body.
    case request(key: Digest, content: Digest)
    /// One for each item, in order.
    case records([Digest])
}
