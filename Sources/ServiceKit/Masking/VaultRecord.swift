import Cryptography
import Masking
import Primitives

/// The first 128 bytes of a vault: magic (32, filled with NUL), pseudonym key (32), zeros (32), SHA-256 of the 96 before (32).
struct VaultHeader {
    static let byteCount = 128
    private static let magic = Array("indelible/vault/v1\n".utf8) + [UInt8](repeating: 0, count: 13)

    let key: [UInt8]

    init(key: [UInt8]) { self.key = key }

    init(_ bytes: [UInt8], _ name: String) throws(IndelibleError) {
        guard bytes.count == Self.byteCount, bytes.starts(with: Self.magic),
            try SHA256.hash(Array(bytes.prefix(96))).bytes == Array(bytes.suffix(32))
        else {
            throw IndelibleError(.dataLoss, "\(name) is not a vault, or its first 128 bytes are damaged. Restore it.")
        }
        self.key = Array(bytes[32..<64])
    }

    func bytes() throws(IndelibleError) -> [UInt8] {
        let bytes = Self.magic + self.key + [UInt8](repeating: 0, count: 32)
        return bytes + (try SHA256.hash(bytes).bytes)
    }
}

/// One key of a vault: subject's token (32), key id (16), key (32, zeros once destroyed), zeros (16), SHA-256 of the 96 before (32).
struct VaultRecord {
    static let byteCount = 128
    static let tokenByteCount = 32

    let token: [UInt8]
    let key: SubjectKey

    init(token: [UInt8], key: SubjectKey) { (self.token, self.key) = (token, key) }

    /// - Returns: `nil` for a record that was damaged or never finished: its key is lost.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, let hash = try? SHA256.hash(Array(bytes.prefix(96))),
            hash.bytes == Array(bytes.suffix(32))
        else { return nil }
        self.token = Array(bytes[0..<32])
        self.key = SubjectKey(id: Array(bytes[32..<48]), bytes: Array(bytes[48..<80]))
    }

    var isDestroyed: Bool { self.key.bytes.allSatisfy { $0 == 0 } }

    func destroyed() -> VaultRecord {
        VaultRecord(token: self.token, key: SubjectKey(id: self.key.id, bytes: [UInt8](repeating: 0, count: 32)))
    }

    func bytes() throws(IndelibleError) -> [UInt8] {
        let bytes = self.token + self.key.id + self.key.bytes + [UInt8](repeating: 0, count: 16)
        return bytes + (try SHA256.hash(bytes).bytes)
    }
}
