internal import JSONText
package import Primitives

/// What is masked, and how: the rules of a file, or the default ones.
///
///     {"version": 1, "rules": [
///       {"name": "passwords", "path": ["requestParameters.password", "**.secret"], "action": "redact"},
///       {"name": "cards", "content": ["card"], "action": "keep_last", "keep": 4},
///       {"name": "people", "content": ["email"], "except": ["userIdentity.**"], "action": "keyed_hash"},
///       {"name": "patients", "path": ["patient.name"], "action": "encrypt", "subject": ["patient.id"]}
///     ]}
///
/// A path rule comes before every content rule; among each kind the first that fits decides.
package struct MaskRules: Sendable, Equatable {
    package static let ruleCountMax = 256
    package static let byteCountMax = 1 << 20

    package let rules: [MaskRule]

    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the rule and what is wrong with it.
    package init(parsing bytes: [UInt8], what: String) throws(IndelibleError) {
        guard let file = try JSONValue(parsing: bytes, what: what).object, let list = file["rules"]?.array else {
            throw Self.refused(what, "it needs a list of rules: {\"version\":1,\"rules\":[…]}")
        }
        guard file["version"]?.number?.int == 1 else {
            throw Self.refused(what, "its version must be 1, the only one that this program reads")
        }
        for member in file.members where !["version", "rules", "comment"].contains(member.key) {
            throw Self.refused(what, "there is no \(member.key) beside version, rules and comment")
        }
        guard list.count <= Self.ruleCountMax else {
            throw Self.refused(what, "it has \(list.count) rules; at most \(Self.ruleCountMax) are read")
        }
        var rules: [MaskRule] = []
        for (position, value) in list.enumerated() {
            let place = "rule \(position + 1)"
            guard let object = value.object else { throw Self.refused(what, "\(place) is not an object") }
            let rule = try MaskRule(object, what: what, place: place)
            guard !rules.contains(where: { $0.name == rule.name }) else {
                throw Self.refused(what, "\(place) has the name of another, \(rule.name)")
            }
            rules.append(rule)
        }
        self.rules = rules
    }

    static func refused(_ what: String, _ reason: String) -> IndelibleError {
        IndelibleError(.invalidArgument, "\(what) cannot be used as masking rules: \(reason).")
    }

    /// Secrets are redacted, people become pseudonyms, cards and accounts keep four characters; addresses of machines stay.
    package static func standard() throws(IndelibleError) -> MaskRules {
        try MaskRules(parsing: Array(Self.standardText.utf8), what: "The default rules")
    }

    /// The default rules as a file, to start one's own from.
    package static let standardText = """
        {"version": 1, "rules": [
          {"name": "secret-field", "action": "redact", "path": [
            "**.password", "**.passwd", "**.pwd", "**.passphrase", "**.secret", "**.clientSecret", "**.secretAccessKey",
            "**.secretString", "**.sessionToken", "**.accessToken", "**.refreshToken", "**.idToken", "**.authToken",
            "**.authorization", "**.proxyAuthorization", "**.cookie", "**.setCookie", "**.apiKey", "**.xApiKey",
            "**.privateKey", "**.secretKey", "**.accountKey", "**.awsSecretAccessKey", "**.awsSecretKey",
            "**.awsSessionToken", "**.masterUserPassword", "**.cvv", "**.cvc"]},
          {"name": "private_key", "action": "redact", "content": ["private_key"]},
          {"name": "jwt", "action": "redact", "content": ["jwt"]},
          {"name": "api_key", "action": "redact", "content": ["api_key"], "except": ["**.accessKeyId"]},
          {"name": "secret", "action": "redact", "content": ["secret"]},
          {"name": "card", "action": "keep_last", "keep": 4, "content": ["card"]},
          {"name": "iban", "action": "keep_last", "keep": 4, "content": ["iban"]},
          {"name": "national_id", "action": "redact", "content": ["national_id"]},
          {"name": "email", "action": "keyed_hash", "content": ["email"]},
          {"name": "phone", "action": "keyed_hash", "content": ["phone"]}
        ]}

        """
}
