import Cryptography
package import Masking
package import Primitives
package import Storage
import Synchronization

/// The keys of masking in one file: the pseudonym key, and a key for each subject.
///
/// The file has a header and records of 128 bytes each, so that none crosses a sector (docs/formats.md). Records are appended and
/// synced before their key is used. Destroying a key overwrites it where it stands. Keys are read for each use and never kept in
/// memory, so that a key that another process destroyed is not used again.
///
/// Only one process appends; others may read and destroy.
package final class SubjectVault: MaskKeys {
    /// Subjects of one vault: 512 MiB of file, 160 MiB of memory.
    package static let subjectCountMax = 4 << 20

    private struct State {
        /// The newest record of each subject that is not destroyed, by its token.
        var positions: [[UInt8]: Int] = [:]
        var recordCount = 0
        /// Held from the first append to the end.
        var lock: (any FileLock)?
    }

    package let pseudonymKey: [UInt8]
    private let files: any FileSystem
    private let name: String
    private let file: any File
    private let state: Mutex<State>

    /// Opens a vault, or makes it.
    ///
    /// - Throws: ``IndelibleError/Code/dataLoss`` when the file is not a vault or its header is damaged;
    ///   ``IndelibleError/Code/notFound`` when there is none and `create` is false.
    package init(_ name: String, in files: any FileSystem, create: Bool) throws(IndelibleError) {
        var state = State()
        if try !files.exists(name) {
            guard create else {
                throw IndelibleError(.notFound, "There is no vault \(name). Check the path given with --vault.")
            }
            state.lock = try files.lock(name + ".lock")
            try files.replaceDurably(name, with: VaultHeader(key: SecureRandom.bytes(32)).bytes())
        }
        let file = try files.open(name, .readWrite)
        let size = Int(clamping: try file.size())
        self.pseudonymKey = try VaultHeader(try file.read(VaultHeader.byteCount, at: 0), name).key
        // A record that was cut off by a crash was never used: it is written over.
        state.recordCount = max(0, size - VaultHeader.byteCount) / VaultRecord.byteCount
        guard state.recordCount <= Self.subjectCountMax else {
            throw IndelibleError(
                .outOfRange,
                "\(name) has more than \(Self.subjectCountMax) subjects, the most that are read.",
            )
        }
        for position in 0..<state.recordCount {
            guard let record = VaultRecord(try Self.read(file, position)) else { continue }
            state.positions[record.token] = record.isDestroyed ? nil : position
        }
        (self.files, self.name, self.file) = (files, name, file)
        self.state = Mutex(state)
    }

    deinit { self.file.close() }

    package func key(of subject: [UInt8]) throws(IndelibleError) -> SubjectKey {
        let token = try self.token(subject)
        return try self.state.withLock { state throws(IndelibleError) in
            if let position = state.positions[token], let record = VaultRecord(try Self.read(self.file, position)),
                !record.isDestroyed
            {
                return record.key
            }
            return try self.append(token, to: &state)
        }
    }

    /// The key with an id, for opening what it sealed; `nil` when it was destroyed or never here.
    package func key(withID id: [UInt8]) throws(IndelibleError) -> SubjectKey? {
        try self.state.withLock { state throws(IndelibleError) in
            for position in 0..<state.recordCount {
                if let record = VaultRecord(try Self.read(self.file, position)), !record.isDestroyed,
                    record.key.id == id
                {
                    return record.key
                }
            }
            return nil
        }
    }

    /// Destroys every key of a subject: what they sealed cannot be opened any more, anywhere.
    ///
    /// Returns when the disk has written over them. A later value of the subject gets a new key.
    ///
    /// - Returns: keys destroyed; 0 when there was none.
    package func destroy(_ subject: [UInt8]) throws(IndelibleError) -> Int {
        let token = try self.token(subject)
        return try self.state.withLock { state throws(IndelibleError) in
            var count = 0
            for position in 0..<state.recordCount {
                guard let record = VaultRecord(try Self.read(self.file, position)), record.token == token,
                    !record.isDestroyed
                else { continue }
                try self.file.write(try record.destroyed().bytes(), at: Self.offset(position))
                count += 1
            }
            if count > 0 { try self.file.sync() }
            state.positions[token] = nil
            return count
        }
    }

    /// The name under which the vault knows a subject: keyed, so that the file alone does not say whose keys it holds.
    package func token(_ subject: [UInt8]) throws(IndelibleError) -> [UInt8] {
        let message = Array("indelible/vault-subject/v1\n".utf8) + subject
        return Array(
            try HMACSHA256.authenticate(message, key: self.pseudonymKey).bytes.prefix(VaultRecord.tokenByteCount)
        )
    }

    private func append(_ token: [UInt8], to state: inout State) throws(IndelibleError) -> SubjectKey {
        guard state.recordCount < Self.subjectCountMax else {
            throw IndelibleError(
                .resourceExhausted,
                "The vault has \(Self.subjectCountMax) subjects, the most that it holds.",
            )
        }
        if state.lock == nil { state.lock = try self.files.lock(self.name + ".lock") }
        let key = SubjectKey(
            id: try SecureRandom.bytes(SubjectKey.idByteCount),
            bytes: try SecureRandom.bytes(AEAD.keyByteCount),
        )
        try self.file.write(try VaultRecord(token: token, key: key).bytes(), at: Self.offset(state.recordCount))
        try self.file.sync()
        state.positions[token] = state.recordCount
        state.recordCount += 1
        return key
    }

    private static func offset(_ position: Int) -> UInt64 {
        UInt64(VaultHeader.byteCount + position * VaultRecord.byteCount)
    }

    private static func read(_ file: any File, _ position: Int) throws(IndelibleError) -> [UInt8] {
        try file.read(VaultRecord.byteCount, at: Self.offset(position))
    }
}
