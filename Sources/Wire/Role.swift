/// What a peer may do, from its certificate.
///
/// Roles do not include one another: each method lists all that may call it.
package enum Role: String, Sendable, CaseIterable {
    /// Appends: ingests.
    case writer
    /// Reads entries and proofs.
    case reader
    /// Reads, and appends verdicts.
    case analyzer
    /// Reads, and cosigns.
    case verifier
    /// Operates the service.
    case admin

    /// The URI in a certificate's subject alternative names that grants this role.
    package var uri: String { Self.uriPrefix + self.rawValue }

    /// - Parameter uri: such as `indelible://role/writer`.
    package init?(uri: String) {
        guard uri.hasPrefix(Self.uriPrefix) else { return nil }
        self.init(rawValue: String(uri.dropFirst(Self.uriPrefix.count)))
    }

    package static let uriPrefix = "indelible://role/"
}
