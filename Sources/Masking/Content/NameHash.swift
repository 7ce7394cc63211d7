/// Names compared without regard to case, `_` and `-`: `client_secret`, `Client-Secret` and `clientSecret` are one.
enum NameHash {
    /// FNV-1a of the bytes that count; a set of known names is small, and a collision only masks more.
    static func of(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var hash = Self.empty
        for position in range { Self.add(text[position], to: &hash) }
        return hash
    }

    static func of(_ text: some StringProtocol) -> UInt64 {
        var hash = Self.empty
        for byte in text.utf8 { Self.add(byte, to: &hash) }
        return hash
    }

    static func set(_ names: String) -> Set<UInt64> { Set(names.split(whereSeparator: \.isWhitespace).map(Self.of)) }

    private static let empty: UInt64 = 0xcbf2_9ce4_8422_2325

    @inline(__always) private static func add(_ byte: UInt8, to hash: inout UInt64) {
        guard byte != UInt8(ascii: "_"), byte != UInt8(ascii: "-") else { return }
        hash = (hash ^ UInt64(byte.lowercased)) &* 0x100_0000_01b3
    }
}
