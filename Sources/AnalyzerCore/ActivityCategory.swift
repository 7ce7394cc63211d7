/// What an event is about, in fifteen words that people search and report by.
package enum ActivityCategory: String, Sendable, CaseIterable {
    case authentication
    case privilegeChange = "privilege_change"
    case identityChange = "identity_change"
    case adminChange = "admin_change"
    case dataAccess = "data_access"
    case secretsAccess = "secrets_access"
    case resourceRead = "resource_read"
    case execution
    case discovery
    case defenseEvasion = "defense_evasion"
    case exfiltration
    case impact
    case genAIUse = "genai_use"
    case genAIAbuse = "genai_abuse"
    case other

    /// Position in the list above, as a feature's value; never renumbered.
    var number: Int32 { Int32(Self.allCases.firstIndex(of: self) ?? 0) }
}
