/// Keys and tokens that say by a published prefix whose they are.
struct KeyPrefix: Sendable {
    enum Alphabet: Sendable {
        case upperAndDigits, hexadecimal, base64URL, dotted

        @inline(__always) func contains(_ byte: UInt8) -> Bool {
            switch self {
            case .upperAndDigits: byte.isUpper || byte.isDigit
            case .hexadecimal: byte.isHexDigit
            case .base64URL: byte.isBase64URL
            case .dotted: byte.isBase64URL || byte == UInt8(ascii: ".")
            }
        }
    }

    let text: [UInt8]
    let alphabet: Alphabet
    /// Bytes after the prefix.
    let counts: ClosedRange<Int>

    private init(_ text: String, _ alphabet: Alphabet, _ counts: ClosedRange<Int>) {
        self.text = Array(text.utf8)
        self.alphabet = alphabet
        self.counts = counts
    }

    /// The longest token that is looked for.
    private static let long = 1024

    /// By their first byte.
    static let table: [[KeyPrefix]] = {
        var table = [[KeyPrefix]](repeating: [], count: 128)
        for prefix in Self.all { table[Int(prefix.text[0])].append(prefix) }
        return table
    }()

    private static let all: [KeyPrefix] =
        // Amazon Web Services: access keys, long-lived and of sessions.
        ["AKIA", "ASIA", "ABIA", "ACCA"].map { KeyPrefix($0, .upperAndDigits, 16...16) }
        // Google Cloud: API keys, OAuth access tokens, OAuth client secrets.
        + [
            KeyPrefix("AIza", .base64URL, 35...35), KeyPrefix("ya29.", .base64URL, 30...Self.long),
            KeyPrefix("GOCSPX-", .base64URL, 24...40),
        ]
        // GitHub and GitLab.
        + ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].map { KeyPrefix($0, .base64URL, 36...251) }
        + [KeyPrefix("github_pat_", .base64URL, 60...100)]
        + ["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "gloas-", "glsoat-"].map {
            KeyPrefix($0, .dotted, 20...300)
        }
        // Slack.
        + ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xapp-"].map { KeyPrefix($0, .base64URL, 20...300) }
        // Stripe.
        + ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"].map { KeyPrefix($0, .base64URL, 16...250) }
        // Anthropic, OpenAI, Hugging Face.
        + [
            KeyPrefix("sk-ant-", .base64URL, 20...200), KeyPrefix("sk-proj-", .base64URL, 20...220),
            KeyPrefix("sk-svcacct-", .base64URL, 20...220), KeyPrefix("sk-", .base64URL, 40...220),
            KeyPrefix("hf_", .base64URL, 30...60),
        ]
        // Package registries, mail, hosting, vaults.
        + [
            KeyPrefix("npm_", .base64URL, 36...36), KeyPrefix("pypi-", .base64URL, 50...Self.long),
            KeyPrefix("SG.", .dotted, 60...80), KeyPrefix("dop_v1_", .hexadecimal, 64...64),
            KeyPrefix("shpat_", .hexadecimal, 32...32), KeyPrefix("dapi", .hexadecimal, 32...34),
            KeyPrefix("hvs.", .base64URL, 24...200), KeyPrefix("AGE-SECRET-KEY-1", .upperAndDigits, 58...58),
            KeyPrefix("lin_api_", .base64URL, 32...64), KeyPrefix("PMAK-", .base64URL, 50...70),
        ]

    /// Where the key at `start` ends.
    static func end(_ text: Span<UInt8>, at start: Int, before limit: Int) -> Int? {
        for prefix in Self.table[Int(text[start])] {
            guard start + prefix.text.count + prefix.counts.lowerBound <= limit else { continue }
            guard prefix.text.indices.allSatisfy({ text[start + $0] == prefix.text[$0] }) else { continue }
            let body = start + prefix.text.count
            var end = body
            while end < limit, end - body <= prefix.counts.upperBound, prefix.alphabet.contains(text[end]) { end += 1 }
            while end > body, text[end - 1] == UInt8(ascii: ".") { end -= 1 }  // A sentence's full stop.
            guard prefix.counts.contains(end - body), !text.byte(end, in: 0..<limit).isAlphanumeric else { continue }
            return end
        }
        return nil
    }

    /// Azure client secrets have no prefix but a mark inside: three characters, a digit, `Q~`, and 31 to 34 more.
    static func azureEnd(_ text: Span<UInt8>, _ word: Word, before limit: Int) -> Int? {
        let start = word.range.lowerBound
        guard text.has("Q~", at: start + 4, before: limit), text[start + 3].isDigit else { return nil }
        var end = start + 6
        while end < limit, end - start <= 41, text[end].isBase64URL || [0x2e, 0x7e].contains(text[end]) { end += 1 }
        return (37...40).contains(end - start) ? end : nil
    }
}
