import Cryptography
package import Primitives
package import Storage

/// An Ed25519 key at rest: one line in the form that Go's signed-note tools read, readable by its owner only.
///
/// `PRIVATE+KEY+<name>+<8 hex digits>+<base64(0x01 || seed)>`
package struct KeyFile: Sendable {
    private static let byteCountMax = 4096
    private static let prefix = "PRIVATE+KEY+"
    private static let algorithm: UInt8 = 1

    package let name: String
    package let seed: [UInt8]

    /// Draws a new key.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `name` cannot name a note key.
    package init(generating name: String) throws(IndelibleError) {
        try Self.check(name)
        self.name = name
        self.seed = try SecureRandom.bytes(Ed25519.seedByteCount)
    }

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `text` is not such a line.
    package init(parsing text: String) throws(IndelibleError) {
        let line = text.hasSuffix("\n") ? text.dropLast() : text[...]
        let parts = line.dropFirst(Self.prefix.count).split(
            separator: "+",
            maxSplits: 2,
            omittingEmptySubsequences: false,
        )
        guard line.hasPrefix(Self.prefix), parts.count == 3, let blob = Base64.decode(parts[2]),
            blob.count == 1 + Ed25519.seedByteCount, blob[0] == Self.algorithm
        else {
            throw IndelibleError(
                .invalidArgument,
                "This is not a private key. Make one with `indelible keys create`.",
            )
        }
        self.name = String(parts[0])
        self.seed = Array(blob.dropFirst())
        try Self.check(self.name)
        guard try self.text == line + "\n" else {
            throw IndelibleError(.invalidArgument, "The private key's ID does not fit its name and bytes.")
        }
    }

    /// The key in `path`, or a new one named `name` that is put there first.
    ///
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when the file's key has another name.
    package static func loadOrCreate(
        _ path: String,
        name: String,
        in files: any FileSystem,
    ) throws(IndelibleError) -> KeyFile {
        if let bytes = try files.readAll(path, byteCountMax: Self.byteCountMax) {
            let key = try KeyFile(parsing: String(decoding: bytes, as: UTF8.self))
            guard key.name == name else {
                throw IndelibleError(
                    .failedPrecondition,
                    "The key in \(path) is named \(key.name), not \(name). Pass the right file or the right name.",
                )
            }
            return key
        }
        let key = try KeyFile(generating: name)
        try files.replaceDurably(path, with: Array(try key.text.utf8))
        return key
    }

    /// The file's content.
    package var text: String {
        get throws(IndelibleError) {
            let key = try Ed25519.SigningKey(seed: self.seed)
            let blob = [Self.algorithm] + key.publicKey
            let id = try SHA256.hash(Array(self.name.utf8), [0x0a], blob).bytes.prefix(4)
            return Self.prefix + self.name + "+" + Hex.encode(Array(id)) + "+"
                + Base64.encode([Self.algorithm] + self.seed) + "\n"
        }
    }

    private static func check(_ name: String) throws(IndelibleError) {
        let usable = name.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20 }
        guard usable, !name.isEmpty, name.utf8.count <= 255 else {
            throw IndelibleError(
                .invalidArgument,
                "A key's name has 1 to 255 bytes, no white space and no +, such as example.com/log.",
            )
        }
    }
}
