/// International bank account numbers (ISO 13616-1): country, its length, and ISO/IEC 7064 MOD 97-10.
enum BankAccount {
    /// Lengths by country, from the IBAN registry.
    private static let lengths: [UInt16: Int] = {
        let registry = """
            AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18
            FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20
            LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31
            SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
            """
        var lengths: [UInt16: Int] = [:]
        for entry in registry.split(whereSeparator: \.isWhitespace) {
            let letters = Array(entry.utf8.prefix(2))
            lengths[UInt16(letters[0]) << 8 | UInt16(letters[1])] = Int(entry.dropFirst(2))
        }
        return lengths
    }()

    /// Where the account number that starts at `start` ends: together, or in groups of four with spaces or hyphens.
    static func end(_ text: Span<UInt8>, at start: Int, before limit: Int) -> Int? {
        guard start + 15 <= limit, text[start + 2].isDigit, text[start + 3].isDigit else { return nil }
        let country = UInt16(text[start] & 0xdf) << 8 | UInt16(text[start + 1] & 0xdf)
        guard let length = Self.lengths[country] else { return nil }
        var remainder = 0
        var position = start
        var count = 0
        // The first four characters count last.
        var head = 0
        while count < length {
            guard position < limit else { return nil }
            var byte = text[position]
            if byte == 0x20 || byte == UInt8(ascii: "-"), count > 0, count.isMultiple(of: 4) {
                position += 1
                guard position < limit else { return nil }
                byte = text[position]
            }
            guard byte.isAlphanumeric else { return nil }
            let value = byte.isDigit ? byte.digitValue : Int((byte & 0xdf) - UInt8(ascii: "A")) + 10
            if count < 4 {
                head = head * (value > 9 ? 100 : 10) + value
            } else {
                remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
            }
            count += 1
            position += 1
        }
        // Two letters and two digits are six decimal digits.
        guard (remainder * 1_000_000 + head) % 97 == 1, !text.byte(position, in: 0..<limit).isWordLike else {
            return nil
        }
        return position
    }
}
