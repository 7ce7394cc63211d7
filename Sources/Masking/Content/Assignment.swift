/// What a text gives to a name such as `password`: `pwd=…`, `"api_key": "…"`, `Authorization: Bearer …`.
enum Assignment {
    /// Names whose value is a secret, as ``NameHash`` compares them.
    static let secretNames = NameHash.set(
        """
        password passwd pwd passphrase passcode secret clientsecret apikey accesstoken authtoken refreshtoken privatekey
        secretkey secretaccesskey accountkey sharedaccesskey sharedaccesssignature authorization proxyauthorization xapikey
        dbpassword userpassword adminpassword rootpassword bearertoken sessiontoken idtoken xauthtoken encryptionkey
        signingkey webhooksecret appsecret
        """
    )

    private static let nameByteCountMax = 40
    private static let valueByteCountMin = 4
    private static let valueByteCountMax = 4096

    /// The value after the `=` or `:` at `sign`.
    static func value(_ text: Span<UInt8>, at sign: Int, in bounds: Range<Int>) -> Range<Int>? {
        var nameEnd = sign
        while nameEnd > bounds.lowerBound, sign - nameEnd < 3, [0x20, 0x22, 0x27].contains(text[nameEnd - 1]) {
            nameEnd -= 1
        }
        var nameStart = nameEnd
        while nameStart > bounds.lowerBound, nameEnd - nameStart < Self.nameByteCountMax,
            text[nameStart - 1].isBase64URL
        {
            nameStart -= 1
        }
        guard nameStart < nameEnd, Self.isSecret(text, nameStart..<nameEnd) else { return nil }
        var start = sign + 1
        while start < bounds.upperBound, start - sign < 4, [0x20, 0x22, 0x27, 0x5c].contains(text[start]) { start += 1 }
        let quote = text[start - 1]
        for scheme in ["Bearer ", "Basic ", "bearer ", "basic ", "Token "] {
            let count = scheme.utf8.count
            guard start + count < bounds.upperBound else { continue }
            if scheme.utf8.enumerated().allSatisfy({ text[start + $0.offset] == $0.element }) {
                start += count
                break
            }
        }
        guard start < bounds.upperBound, !Self.isReference(text[start]) else { return nil }
        var end = start
        while end < bounds.upperBound, end - start < Self.valueByteCountMax, !Self.ends(text[end], after: quote) {
            end += 1
        }
        guard end - start >= Self.valueByteCountMin, !Self.isNoSecret(text, start..<end) else { return nil }
        return start..<end
    }

    /// The name as a whole, or what follows one of its `_` or `-`, or begins with one of its capitals: `DB_PASSWORD`,
    /// `aws_secret_access_key`, `awsSecretAccessKey`.
    static func isSecret(_ text: Span<UInt8>, _ name: Range<Int>) -> Bool {
        name.contains { start in
            let isStart = start == name.lowerBound || Self.beginsPart(text[start], after: text[start - 1])
            return isStart && Self.secretNames.contains(NameHash.of(text, start..<name.upperBound))
        }
    }

    private static func beginsPart(_ byte: UInt8, after previous: UInt8) -> Bool {
        previous == UInt8(ascii: "_") || previous == UInt8(ascii: "-") || byte.isUpper && !previous.isUpper
    }

    private static func ends(_ byte: UInt8, after quote: UInt8) -> Bool {
        if quote == 0x22 || quote == 0x27 { return byte == quote || byte < 0x20 || byte == 0x5c }
        return byte <= 0x20 || [0x22, 0x27, 0x2c, 0x3b, 0x26, 0x29, 0x7d, 0x5d].contains(byte)  // " ' , ; & ) } ]
    }

    private static let wordsForNothing = NameHash.set(
        "null none true false undefined required optional redacted invalid"
    )

    private static func isNoSecret(_ text: Span<UInt8>, _ value: Range<Int>) -> Bool {
        value.count <= 9 && Self.wordsForNothing.contains(NameHash.of(text, value))
    }

    /// How variables, placeholders, asterisks, and what has been masked before begin: `[ < $ { *`.
    private static func isReference(_ byte: UInt8) -> Bool { [0x5b, 0x3c, 0x24, 0x7b, 0x2a].contains(byte) }
}
