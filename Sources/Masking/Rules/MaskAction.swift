/// What becomes of a value that a rule asks for.
package enum MaskAction: Sendable, Equatable {
    case redact
    /// Its last letters and digits stay, to tell one from another.
    case keepLast(Int)
    /// A pseudonym: HMAC-SHA256 under the key of the vault, the same for the same value.
    case keyedHash
    /// AES-256-GCM under the key of its subject, which can be destroyed.
    case encrypt

    /// Most letters and digits that may stay.
    package static let keepMax = 8

    /// As an event's mask spans name it.
    package var name: String {
        switch self {
        case .redact: "redact"
        case .keepLast: "keep_last"
        case .keyedHash: "keyed_hash"
        case .encrypt: "encrypt"
        }
    }
}
