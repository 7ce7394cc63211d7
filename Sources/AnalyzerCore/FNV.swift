/// FNV-1a with 64 bits (draft-eastlake-fnv, section 2): the hash of all categorical features.
///
/// Fast, fixed for ever, and not a defence: who wants two actions to share a bucket can have that, so no decision rests on
/// one bucket alone.
package struct FNV: Sendable {
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    package mutating func update(_ byte: UInt8) { self.value = (self.value ^ UInt64(byte)) &* 0x100_0000_01b3 }

    /// The hash of `bytes` with the letters A to Z in lower case.
    package static func folded(_ bytes: Span<UInt8>) -> UInt64 {
        var hash = FNV()
        for position in bytes.indices { hash.update(ASCII.folded(bytes[position])) }
        return hash.value
    }

    /// 0 for nothing, else 1 to `count`.
    package static func bucket(_ bytes: Span<UInt8>, count: UInt64) -> Int32 {
        bytes.isEmpty ? 0 : Int32(1 + Self.folded(bytes) % count)
    }
}

/// The parts of ASCII that features tell apart; all other bytes are just bytes.
enum ASCII {
    static func folded(_ byte: UInt8) -> UInt8 { Self.isUpper(byte) ? byte | 0x20 : byte }
    static func isUpper(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "A") < 26 }
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }
    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
