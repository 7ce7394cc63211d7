/// Secrets that have a form of their own.
enum TokenForms {
    /// A JSON Web Token in compact form (RFC 7519, section 3): its header is JSON, so it starts with `eyJ`.
    static func webTokenEnd(_ text: Span<UInt8>, at start: Int, before limit: Int) -> Int? {
        guard text.has("eyJ", at: start, before: limit) else { return nil }
        var position = start
        var dots: [Int] = []
        while position < limit, text[position].isBase64URL || text[position] == UInt8(ascii: ".") && dots.count < 4 {
            if text[position] == UInt8(ascii: ".") { dots.append(position) }
            position += 1
        }
        // A full stop after the last part is the sentence's.
        if dots.count > 2, dots.last == position - 1 { position -= 1 }
        guard dots.count >= 2, dots[0] - start >= 10, dots[1] - dots[0] > 4 || dots.count == 4 else { return nil }
        return position
    }

    /// A private key in PEM (RFC 7468, section 2): to its last line, or to the end when it was cut off.
    static func privateKeyEnd(_ text: Span<UInt8>, at start: Int, before limit: Int) -> Int? {
        guard text.has("-----BEGIN ", at: start, before: limit) else { return nil }
        var position = start + 11
        let label = position
        while position < limit, position - label < 40, text[position].isUpper || text[position] == 0x20 {
            position += 1
        }
        guard position - label >= 11,
            text.has("PRIVATE KEY", at: position - 11, before: position)
                || text.has("PRIVATE KEY BLOCK", at: position - 17, before: position)
        else { return nil }
        while position < limit {
            if text[position] == UInt8(ascii: "-"), text.has("-----END ", at: position, before: limit) {
                var end = position + 9
                while end < limit, end - position < 60, text[end] != UInt8(ascii: "-") { end += 1 }
                while end < limit, end - position < 70, text[end] == UInt8(ascii: "-") { end += 1 }
                return end
            }
            position += 1
        }
        return limit
    }
}
