internal import Primitives

/// The 16 bytes that name an event for ever, kept inline.
///
/// Producers make UUIDv7 (RFC 9562, section 5.7), so that ids sort by time; any 16 bytes are accepted.
package struct EventID: Hashable, Sendable {
    package static let byteCount = 16

    /// The first and the last eight bytes, read big-endian, so that comparing numbers compares bytes.
    private let high: UInt64
    private let low: UInt64

    /// A UUIDv7.
    ///
    /// - Parameters:
    ///   - unixMilliseconds: its lower 48 bits are used.
    ///   - randomness: 74 of its bits are used; two ids of one millisecond differ only here.
    package init(unixMilliseconds: UInt64, randomness: (UInt64, UInt64)) {
        self.high = unixMilliseconds << 16 | 0x7000 | randomness.0 & 0x0fff
        self.low = 1 << 63 | randomness.1 >> 2
    }

    /// - Returns: `nil` unless `bytes` is exactly ``byteCount`` long.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for position in 0..<8 {
            words.0 = words.0 << 8 | UInt64(bytes[position])
            words.1 = words.1 << 8 | UInt64(bytes[position + 8])
        }
        (self.high, self.low) = words
    }

    /// - Returns: `nil` unless `bytes` is exactly ``byteCount`` long.
    package init?(_ bytes: [UInt8]) { self.init(bytes.span) }

    /// Reads 32 hexadecimal digits, with or without the four hyphens of RFC 9562, section 4; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 1 || parts.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
        guard let bytes = Hex.decode(parts.joined()) else { return nil }
        self.init(bytes)
    }

    package var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: self.high >> (56 - 8 * $0)) }
            + (0..<8).map { UInt8(truncatingIfNeeded: self.low >> (56 - 8 * $0)) }
    }

    /// Milliseconds since the Unix epoch, when this is a UUIDv7; else `nil`.
    package var unixMilliseconds: UInt64? {
        self.high >> 12 & 0xf == 7 && self.low >> 62 == 2 ? self.high >> 16 : nil
    }
}

extension EventID: Comparable {
    package static func < (left: EventID, right: EventID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension EventID: CustomStringConvertible {
    /// Hyphenated lower-case hexadecimal (RFC 9562, section 4).
    package var description: String {
        let digits = Array(Hex.encode(self.bytes).utf8)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
            .map { String(decoding: digits[$0], as: UTF8.self) }
            .joined(separator: "-")
    }
}
