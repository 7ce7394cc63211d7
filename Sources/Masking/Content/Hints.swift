/// What the words around a value, or the name of its field, say that it is.
struct Hints: OptionSet, Sendable {
    let rawValue: UInt8

    static let phone = Hints(rawValue: 1)
    static let card = Hints(rawValue: 2)
    static let nationalID = Hints(rawValue: 4)
    /// A number that is a version, not an address.
    static let version = Hints(rawValue: 8)
    /// A random text that is known to be no secret: an identifier, a hash, a page token.
    static let identifier = Hints(rawValue: 16)

    /// A number that counts or orders things, and is no one's.
    static let counter = Hints(rawValue: 32)

    private static let words: [UInt64: Hints] = {
        var hints: [UInt64: Hints] = [:]
        for (hint, words) in [
            (
                Hints.phone,
                """
                phone phones telephone tel mobile cellphone fax call called caller calling dial sms msisdn whatsapp
                phonenumber mobilenumber telefon telephon handy mobil telefono tlf fon gsm telefone celular numero
                """,
            ),
            (.card, "card cards cc pan visa mastercard amex maestro paid creditcard cardnumber debit kreditkarte"),
            (
                .nationalID,
                """
                ssn social sin insurance nino nationalid national tax taxid tin steuerid idnr dni nif nie codice fiscale nir
                pesel cpf personnummer hetu bsn citizen resident identity passport
                """,
            ),
            (.version, "version versions ver v rv build release chrome firefox safari agent useragent"),
            (
                .counter,
                "sequence offset order invoice tracking row rows byte bytes ms ns count total lot batch transaction",
            ),
            (
                .identifier,
                """
                id ids hash digest etag checksum sha sha1 sha256 sha384 sha512 md5 fingerprint uid arn integrity cursor nexttoken
                continue resourceversion certificate cert crt pem publickey
                """,
            ),
        ] {
            for word in NameHash.set(words) { hints[word, default: []].formUnion(hint) }
        }
        return hints
    }()

    /// Bytes before a value that are searched for words.
    private static let reach = 40

    /// What the words that end before `position` say, on the same line and not before `floor`.
    static func before(_ position: Int, notBefore floor: Int, in text: Span<UInt8>) -> Hints {
        var start = max(floor, position - Self.reach)
        // From the start of a word on.
        while start > floor, start < position, text[start].isLetter, text[start - 1].isLetter { start += 1 }
        return Self.words(in: start..<position, of: text)
    }

    /// What a name such as `phoneNumber` or `x-request-id` says: as a whole, and each of its words.
    static func name(_ range: Range<Int>, of text: Span<UInt8>) -> Hints {
        Self.words(in: range, of: text).union(Self.words[NameHash.of(text, range)] ?? [])
    }

    private static func words(in range: Range<Int>, of text: Span<UInt8>) -> Hints {
        var hints: Hints = []
        var position = range.lowerBound
        while position < range.upperBound {
            guard text[position].isLetter else {
                position += 1
                continue
            }
            let start = position
            position += 1
            // A capital after a small letter starts a word.
            while position < range.upperBound, text[position].isAlphanumeric,
                !(text[position].isUpper && text[position - 1].isLower)
            { position += 1 }
            hints.formUnion(Self.words[NameHash.of(text, start..<position)] ?? [])
        }
        return hints
    }
}
