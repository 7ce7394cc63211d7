/// What this build calls itself.
package enum Software {
    /// The version of the whole suite.
    package static let version = "0.1.0"

    /// For peers' logs: `indelible-ledger/0.1.0`.
    package static func name(_ service: String) -> String { "indelible-\(service)/\(Self.version)" }
}
