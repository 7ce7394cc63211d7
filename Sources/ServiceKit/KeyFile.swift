import Cryptography
package import Primitives
package import Storage
package import TransparencyLog

/// A signing key at rest: one line in the form of Go's signed-note tools, readable by its owner only.
package enum KeyFile {
    private static let byteCountMax = 4096

    /// The key in `path`, or a new one that is put there first.
    ///
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when the file's key has another name or type.
    package static func loadOrCreate(
        _ path: String,
        name: String,
        type: KeyType,
        in files: any FileSystem,
    ) throws(IndelibleError) -> NoteSigner {
        if let signer = try Self.load(path, in: files) {
            guard signer.name == name, signer.verifierKey.type == type else {
                throw IndelibleError(
                    .failedPrecondition,
                    "The key in \(path) is \(signer.verifierKey), not a key of that type for \(name). "
                        + "Pass the right file, or the name that the key has.",
                )
            }
            return signer
        }
        let text = try NoteSigner.privateKey(name: name, type: type, seed: SecureRandom.bytes(Ed25519.seedByteCount))
        try files.replaceDurably(path, with: Array((text + "\n").utf8))
        return try NoteSigner(privateKey: text)
    }

    /// As ``loadOrCreate(_:name:type:in:)``, for a file anywhere on this machine.
    package static func loadOrCreate(
        at path: String,
        name: String,
        type: KeyType,
    ) throws(IndelibleError) -> NoteSigner {
        let (files, file) = try HostPath(path).open(create: true)
        return try Self.loadOrCreate(file, name: name, type: type, in: files)
    }

    /// - Returns: `nil` when there is no such file.
    package static func load(_ path: String, in files: any FileSystem) throws(IndelibleError) -> NoteSigner? {
        guard let bytes = try files.readAll(path, byteCountMax: Self.byteCountMax) else { return nil }
        return try NoteSigner(privateKey: String(decoding: bytes, as: UTF8.self))
    }
}
