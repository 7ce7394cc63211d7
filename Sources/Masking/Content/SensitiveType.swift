/// What a stretch of text is, judged by its content alone.
package enum SensitiveType: String, Sendable, CaseIterable {
    case email
    /// E.164 and common national forms; bare digits only beside a word that says so.
    case phone
    /// Payment card numbers (ISO/IEC 7812): issuer, length and Luhn digit.
    case card
    /// ISO 13616: country, length and mod 97.
    case iban
    /// See ``NationalID`` for the list.
    case nationalID = "national_id"
    case ip
    /// RFC 7519, in compact form.
    case jwt
    /// PEM (RFC 7468); one that was cut off counts too.
    case privateKey = "private_key"
    /// Keys with a prefix that their issuer has published: ``KeyPrefix``.
    case apiKey = "api_key"
    /// Long random text, and what is assigned to a name such as `password`.
    case secret

    /// From 0, for sets of types.
    var number: UInt16 {
        switch self {
        case .email: 0
        case .phone: 1
        case .card: 2
        case .iban: 3
        case .nationalID: 4
        case .ip: 5
        case .jwt: 6
        case .privateKey: 7
        case .apiKey: 8
        case .secret: 9
        }
    }
}

/// A stretch of text and what it is.
package struct Finding: Sendable, Equatable {
    package let type: SensitiveType
    /// Bytes, as positions in the text that was scanned.
    package let range: Range<Int>

    package init(_ type: SensitiveType, _ range: Range<Int>) {
        self.type = type
        self.range = range
    }
}
