internal import Cryptography
internal import Primitives

/// The rules for names of keys, and the key identifier made from one (C2SP signed-note, "Signatures").
enum KeyName {
    /// UTF-8 bytes; the one-byte length of a subtree cosignature's names is the narrowest place that a name must fit.
    static let byteCountMax = 255

    /// Whether `name` may stand in a signature line: not empty, no Unicode white space, no `+`, no control character.
    static func isValid(_ name: String) -> Bool {
        (1...Self.byteCountMax).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "+" && !$0.properties.isWhitespace }
    }

    /// First four bytes of SHA-256(name || LF || type || key), big-endian.
    ///
    /// Type 0x02 (ECDSA) is the exception: there it is SHA-256 of the key's SPKI alone.
    static func identifier(_ name: String, type: UInt8, publicKey: [UInt8]) throws(IndelibleError) -> UInt32 {
        let hash =
            type == KeyType.ecdsaByte
            ? try SHA256.hash(publicKey)
            : try SHA256.hash(Array(name.utf8), [UInt8(ascii: "\n"), type], publicKey)
        return hash.bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The name, the identifier and the rest of an encoded key: the base64 may have a `+` of its own.
    static func fields(_ text: Substring.UTF8View) -> [String] {
        text.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// Four bytes as eight lower-case hexadecimal digits.
    static func hex(_ identifier: UInt32) -> String {
        Hex.encode(Self.bytes(identifier))
    }

    static func bytes(_ identifier: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(identifier >> $0 & 255) }
    }

    /// - Returns: `nil` unless `text` is exactly eight lower-case hexadecimal digits.
    static func identifier(hex text: some StringProtocol) -> UInt32? {
        guard let bytes = Hex.decode(text), bytes.count == 4, Hex.encode(bytes).utf8.elementsEqual(text.utf8) else {
            return nil
        }
        return bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}

/// What a key signs and how: the byte before the public key (C2SP signed-note, "Signature types").
package enum KeyType: Hashable, Sendable {
    /// Ed25519 over the note's text: what logs sign with.
    case ed25519
    /// Ed25519 over a time and a checkpoint: what witnesses sign with (C2SP tlog-cosignature, cosignature/v1).
    case cosignature
    /// A type that this build cannot verify; its signature lines are carried, never counted.
    case unknown(UInt8)

    static let ecdsaByte: UInt8 = 2

    package init(byte: UInt8) {
        self =
            switch byte {
            case 1: .ed25519
            case 4: .cosignature
            default: .unknown(byte)
            }
    }

    package var byte: UInt8 {
        switch self {
        case .ed25519: 1
        case .cosignature: 4
        case .unknown(let byte): byte
        }
    }
}
