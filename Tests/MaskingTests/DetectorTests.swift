// Goal: each kind is found in the forms that it has, and what only looks like it is not. Method: one row a text, with what is
// left of it.

import Masking
import Testing

struct DetectorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        let masked: String
        var testDescription: String { self.text }

        init(_ text: String, _ masked: String? = nil) {
            self.text = text
            self.masked = masked ?? text
        }
    }

    static let rows = [
        Row("mail to ann.o'neil+x@mail.example.org.", "mail to [masked:email]."),
        Row("<müller@bücher.example>", "<[masked:email]>"),
        Row("a@b@example.org", "a@[masked:email]"),
        Row("user@host @name logo@2x.png git@github.com:a/b.git left-pad@1.3.0"),
        Row("4111 1111 1111 1111 12/29", "[masked:card] 12/29"),
        Row("378282246310005, 6011111111111117", "[masked:card], [masked:card]"),
        Row("4111111111111112 and 4111 1111 1111 1112"),
        Row("EAN 4006381333931"),
        Row("GB82 WEST 1234 5698 7654 32 to", "[masked:iban] to"),
        Row("DE89370400440532013000 DE89370400440532013001", "[masked:iban] DE89370400440532013001"),
        Row("+49 (0) 89 123456-7, +14155552671", "[masked:phone], [masked:phone]"),
        Row("(415) 555-2671 ext. 12", "[masked:phone]"),
        Row("tel 39441177 or 01 23 45 67 89", "tel [masked:phone] or [masked:phone]"),
        Row("39441177 rows on 2024-01-15 10:20:30 and 15.01.2024"),
        Row("078-05-1120 666-05-1120 900-05-1120", "[masked:national_id] 666-05-1120 900-05-1120"),
        Row("AB 12 34 56 C, AB123456C, BG123456C", "[masked:national_id], [masked:national_id], BG123456C"),
        Row("12345678Z X1234567L 12345678A", "[masked:national_id] [masked:national_id] 12345678A"),
        Row("RSSMRA85T10A562S", "[masked:national_id]"),
        Row("44051401359 111.444.777-35", "[masked:national_id] [masked:national_id]"),
        Row("131052-308T and 811218-9876", "[masked:national_id] and [masked:national_id]"),
        Row("sin 046 454 286", "sin [masked:national_id]"),
        Row("11010519491231002X", "[masked:national_id]"),
        Row("10.0.0.1:443 from 2001:db8::ff00:42:8329, ::1", "[masked:ip]:443 from [masked:ip], [masked:ip]"),
        Row("10.0.19045.3803, Chrome/120.0.0.0, version 1.2.3.4, 10:20:30, std::vector, 00:1b:44:11:3a:b7"),
        Row("AKIAIOSFODNN7EXAMPLE!", "[masked:api_key]!"),
        Row("arn:aws:iam::1:user/AKIAIOSFODNN7EXAMPLE/x", "arn:aws:iam::1:user/[masked:api_key]/x"),
        Row("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "[masked:secret]"),
        Row("je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY", "[masked:secret]"),
        Row("aws_secret_access_key = correct/horse", "aws_secret_access_key = [masked:secret]"),
        Row("awsSecretAccessKey: correct/horse", "awsSecretAccessKey: [masked:secret]"),
        Row("secretary: correct/horse, keyless=abcdef, monkey_keys: abcdef"),
        Row("ghp_16C7e42F292c6912E7710c838347Ae178B4a.", "[masked:api_key]."),
        Row("-----BEGIN EC PRIVATE KEY-----\nMHc=\n-----END EC PRIVATE KEY-----\nok", "[masked:private_key]\nok"),
        Row("-----BEGIN PRIVATE KEY-----\nMHcC", "[masked:private_key]"),
        Row("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"),
        Row("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl.", "[masked:jwt]."),
        Row("Authorization: Bearer abcdef123456", "Authorization: Bearer [masked:secret]"),
        Row(
            "DB_PASSWORD=\"hunter two\" pwd=${PWD} password: none",
            "DB_PASSWORD=\"[masked:secret]\" pwd=${PWD} password: none",
        ),
        Row("kR7tXUvnFq3I/K9mDzN2/bPxRfiCYs8Lq4wTe5Zu", "[masked:secret]"),
        Row("550e8400-e29b-41d4-a716-446655440000 d41d8cd98f00b204e9800998ecf8427e"),
        Row("SHA256:uNiVztksCsDhcc0u9e8BrJXVGDLOsJAsp9Vqo1cRhPg getUserAccountInformationV2ByIdentifier"),
        Row(
            "[masked:email:hash:00112233445566778899aabbccddeeff] 4111111111111111",
            "[masked:email:hash:00112233445566778899aabbccddeeff] [masked:card]",
        ),
    ]

    @Test(arguments: rows) func finds(_ row: Row) throws { #expect(try typeMasker().mask(row.text) == row.masked) }

    /// Time must not depend on what the text holds: each would take minutes if a detector looked back or ahead without bound.
    @Test(arguments: [
        "1", "1 ", "@", "a@", "a@b.", "=", "password=", "password=[", "eyJ", "eyJ.", "aA1", "-----BEGIN ",
        "-----BEGIN PRIVATE KEY",
        "[masked:", "(", "+(", "+1", ":", "a:", "::", "DE89", "DE89 ", "{\"a\":", "[", "\"\\", "é", "sk-", "4111 ",
    ])
    func hostileTextTakesLinearTime(_ piece: String) throws {
        let masker = try typeMasker()
        let text = String(repeating: piece, count: 200_000 / piece.utf8.count)
        let once = try masker.mask(text)
        #expect(try masker.mask(once) == once)
    }

    /// A secret in a secret in a secret: what is masked once is masked for good.
    @Test func nestedEncodingsAreMaskedOnce() throws {
        var secret = "q7Jr2XUtnF9MbK7wDeNGvPxRfiCYz4Xa8pLsK2Y1"
        for _ in 0..<6 {
            #expect(try typeMasker().mask(secret) == "[masked:secret]")
            secret = base64(secret)
        }
    }

    private func base64(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let bits = text.utf8.flatMap { byte in (0..<8).reversed().map { byte >> $0 & 1 } }
        return String(
            stride(from: 0, to: bits.count - bits.count % 6, by: 6).map { start in
                alphabet[bits[start..<start + 6].reduce(0) { $0 << 1 | Int($1) }]
            }
        )
    }
}
