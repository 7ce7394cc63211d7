internal import Cryptography
package import Primitives

/// What stands in a text for a value: `[masked:RULE]`, `[masked:RULE:last:1111]`, `[masked:RULE:hash:…]`,
/// `[masked:RULE:sealed:…]`.
package enum MaskToken {
    private static let opening: StaticString = "[masked:"
    /// Bytes of an HMAC that a pseudonym shows, in hexadecimal.
    private static let hashByteCount = 16
    /// A sealed value of the largest size, in base64.
    private static let byteCountMax = 1 << 20

    /// Where the token that starts at `start` ends; `nil` when there is none.
    static func end(_ text: Span<UInt8>, at start: Int, before limit: Int) -> Int? {
        guard text.has(Self.opening, at: start, before: limit) else { return nil }
        var position = start + Self.opening.utf8CodeUnitCount
        while position < limit, position - start < Self.byteCountMax,
            text[position].isBase64URL || text[position] == UInt8(ascii: ":")
        { position += 1 }
        return position < limit && text[position] == UInt8(ascii: "]") ? position + 1 : nil
    }

    /// The rule and the action that a token tells of.
    static func meaning(_ text: Span<UInt8>, _ range: Range<Int>) -> (rule: String, action: String) {
        let inner = range.lowerBound + Self.opening.utf8CodeUnitCount..<range.upperBound - 1
        let parts = String(decoding: inner.map { text[$0] }, as: UTF8.self).split(separator: ":")
        let action =
            switch parts.count > 1 ? parts[1] : "" {
            case "last": MaskAction.keepLast(1).name
            case "hash": MaskAction.keyedHash.name
            case "sealed": MaskAction.encrypt.name
            default: MaskAction.redact.name
            }
        return (parts.first.map(String.init) ?? "", action)
    }

    static func text(
        _ rule: MaskRule,
        _ value: [UInt8],
        subject: [UInt8],
        keys: any MaskKeys,
    ) throws(IndelibleError) -> String {
        switch rule.action {
        case .redact: return "\(Self.opening)\(rule.name)]"
        case .keepLast(let count):
            let kept = value.filter(\.isAlphanumeric)
            // What is as short as what may stay says too much.
            let last = kept.count >= 2 * count ? String(decoding: kept.suffix(count), as: UTF8.self) : ""
            return "\(Self.opening)\(rule.name):last:\(last)]"
        case .keyedHash:
            let hash = try Self.pseudonym(value, key: keys.pseudonymKey)
            return "\(Self.opening)\(rule.name):hash:\(Hex.encode(hash))]"
        case .encrypt:
            let key = try keys.key(of: subject)
            let sealed = try AEAD.seal(value, key: key.bytes, context: Self.context(rule.name))
            return "\(Self.opening)\(rule.name):sealed:\(Self.base64URL(key.id + sealed))]"
        }
    }

    /// The same for the same value however it is written: letters in lower case, digits without separators.
    static func pseudonym(_ value: [UInt8], key: [UInt8]) throws(IndelibleError) -> [UInt8] {
        let message = Array("indelible/pseudonym/v1\n".utf8) + Self.canonical(value)
        return Array(try HMACSHA256.authenticate(message, key: key).bytes.prefix(Self.hashByteCount))
    }

    /// What makes two spellings of a value the same.
    package static func canonical(_ value: [UInt8]) -> [UInt8] {
        if value.contains(UInt8(ascii: "@")) || !value.contains(where: \.isDigit) { return value.map(\.lowercased) }
        return value.filter { $0.isWordLike || $0 == UInt8(ascii: "+") }.map(\.lowercased)
    }

    /// The value in a sealed token.
    ///
    /// - Parameter key: gives the key with an id, or `nil` when it was destroyed.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `token` is no sealed token, ``IndelibleError/Code/notFound`` when its
    ///   key is not there any more, ``IndelibleError/Code/dataLoss`` when it was altered.
    package static func open(
        _ token: String,
        key: ([UInt8]) throws(IndelibleError) -> SubjectKey?,
    ) throws(IndelibleError) -> [UInt8] {
        let parts =
            token.hasPrefix("\(Self.opening)") && token.hasSuffix("]")
            ? token.dropFirst(8).dropLast().split(separator: ":") : []
        guard parts.count == 3, parts[1] == "sealed", let bytes = Self.bytes(base64URL: parts[2]),
            bytes.count > SubjectKey.idByteCount
        else { throw IndelibleError(.invalidArgument, "This is not a sealed value: [masked:RULE:sealed:…].") }
        guard let key = try key(Array(bytes.prefix(SubjectKey.idByteCount))) else {
            throw IndelibleError(
                .notFound,
                "The key of this value is not in the vault: it was destroyed, or is in another one.",
            )
        }
        return try AEAD.open(
            Array(bytes.dropFirst(SubjectKey.idByteCount)),
            key: key.bytes,
            context: Self.context(String(parts[0])),
        )
    }

    private static func context(_ rule: String) -> [UInt8] { Array("indelible/sealed-value/v1\n\(rule)".utf8) }

    /// RFC 4648, section 5, without padding.
    private static func base64URL(_ bytes: [UInt8]) -> String {
        String(
            decoding: Base64.encode(bytes).utf8.compactMap { byte -> UInt8? in
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                case UInt8(ascii: "="): nil
                default: byte
                }
            },
            as: UTF8.self,
        )
    }

    private static func bytes(base64URL text: Substring) -> [UInt8]? {
        let standard = text.utf8.map {
            $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0
        }
        let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
        return Base64.decode(String(decoding: standard, as: UTF8.self) + padding)
    }
}
