internal import Cryptography
package import Primitives
package import Storage

/// Payloads that are too large for entries, each in a file beside the log that is named after its commitment.
///
/// The commitment is SHA-256("indelible/payload/v1\n" ‖ salt ‖ payload); the file holds salt and payload. Archiving or
/// erasing a payload leaves the log as it is.
package struct PayloadStore: Sendable {
    static let directory = "payloads"
    package static let saltByteCount = 16
    fileprivate static let label = Array("indelible/payload/v1\n".utf8)

    private let files: any FileSystem

    /// - Parameter files: has the directory of payloads.
    package init(files: any FileSystem) { self.files = files }

    /// What an entry carries in the place of a payload.
    package static func commitment(salt: [UInt8], payload: [UInt8]) throws(IndelibleError) -> Digest {
        try SHA256.hash(Self.label, salt, payload)
    }

    /// Whether a payload is here.
    package func contains(_ commitment: Digest) throws(IndelibleError) -> Bool {
        try self.files.exists(Self.path(commitment))
    }

    /// Begins to take a payload in.
    ///
    /// - Parameters:
    ///   - commitment: What it must hash to.
    ///   - salt: 16 bytes.
    ///   - upload: A number that no other upload at the same time has.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a salt of another length; what the disk throws.
    package func receive(
        _ commitment: Digest,
        salt: [UInt8],
        upload: UInt64,
    ) throws(IndelibleError) -> PayloadUpload {
        guard salt.count == Self.saltByteCount else {
            throw IndelibleError(.invalidArgument, "A payload's salt has 16 bytes, this one has \(salt.count).")
        }
        var hasher = try SHA256Hasher()
        try hasher.update(Self.label.span)
        let staged = "\(Self.directory)/\(commitment.hex).\(upload).staged"
        var receiver = PayloadUpload(
            files: self.files,
            file: try self.files.open(staged, .readWrite),
            staged: staged,
            commitment: commitment,
            hasher: hasher,
        )
        try receiver.start(salt)
        return receiver
    }

    /// Opens a payload.
    ///
    /// - Returns: `nil` when it is not here.
    package func open(_ commitment: Digest) throws(IndelibleError) -> StoredPayload? {
        let path = Self.path(commitment)
        guard try self.files.exists(path) else { return nil }
        return try StoredPayload(file: try self.files.open(path, .readOnly), commitment: commitment)
    }

    /// Removes what interrupted uploads left behind; for the start of a service.
    package func removeUnfinished() throws(IndelibleError) {
        for name in try self.files.list(Self.directory) where name.hasSuffix(".staged") {
            try self.files.remove("\(Self.directory)/\(name)")
        }
    }

    static func path(_ commitment: Digest) -> String { "\(Self.directory)/\(commitment.hex)" }
}

/// A payload on its way in; not kept before ``finish()`` has checked all of it.
package struct PayloadUpload: ~Copyable {
    private let files: any FileSystem
    private let file: any File
    private let staged: String
    private let commitment: Digest
    private var hasher: SHA256Hasher
    private var byteCount: UInt64 = 0

    init(
        files: any FileSystem,
        file: any File,
        staged: String,
        commitment: Digest,
        hasher: consuming SHA256Hasher,
    ) {
        self.files = files
        self.file = file
        self.staged = staged
        self.commitment = commitment
        self.hasher = hasher
    }

    fileprivate mutating func start(_ salt: [UInt8]) throws(IndelibleError) {
        try self.file.truncate(0)
        try self.put(salt)
    }

    /// Adds the next bytes of the payload.
    package mutating func put(_ bytes: [UInt8]) throws(IndelibleError) {
        try self.hasher.update(bytes.span)
        try self.file.write(bytes, at: self.byteCount)
        self.byteCount += UInt64(bytes.count)
    }

    /// Checks the payload and makes it durable.
    ///
    /// - Returns: Whether it had been here before.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when it does not match its commitment; nothing is kept then.
    package consuming func finish() throws(IndelibleError) -> Bool {
        let (files, file, staged, commitment) = (self.files, self.file, self.staged, self.commitment)
        let hash = try self.hasher.finish()
        guard hash == commitment else {
            try files.remove(staged)
            throw IndelibleError(
                .invalidArgument,
                "The payload hashes to \(hash), not to its commitment \(commitment). Send it again.",
            )
        }
        let path = PayloadStore.path(commitment)
        if try files.exists(path) {
            try files.remove(staged)
            return true
        }
        try files.makeReadOnly(staged)
        try file.sync()
        try files.rename(staged, to: path)
        try files.syncDirectory(PayloadStore.directory)
        return false
    }

    /// Forgets the upload.
    package consuming func abandon() throws(IndelibleError) { try self.files.remove(self.staged) }
}

/// A payload that can be read.
package struct StoredPayload: Sendable {
    private let file: any File
    package let commitment: Digest
    package let salt: [UInt8]
    package let byteCount: UInt64

    init(file: any File, commitment: Digest) throws(IndelibleError) {
        self.file = file
        self.commitment = commitment
        self.salt = try file.read(PayloadStore.saltByteCount, at: 0)
        let size = try file.size()
        guard size >= UInt64(PayloadStore.saltByteCount), self.salt.count == PayloadStore.saltByteCount else {
            throw IndelibleError(.dataLoss, "The payload \(commitment) is damaged. Restore it from a copy.")
        }
        self.byteCount = size - UInt64(PayloadStore.saltByteCount)
    }

    /// What the payload hashes to; its commitment, unless it is damaged.
    package func hash() throws(IndelibleError) -> Digest {
        var hasher = try SHA256Hasher()
        try hasher.update(PayloadStore.label.span)
        try hasher.update(self.salt.span)
        var offset: UInt64 = 0
        while offset < self.byteCount {
            let bytes = try self.read(Int(min(self.byteCount - offset, 1 << 20)), at: offset)
            guard bytes.isEmpty == false else { break }
            try hasher.update(bytes.span)
            offset += UInt64(bytes.count)
        }
        return try hasher.finish()
    }

    /// Up to `count` bytes from `offset`; the reader compares the whole with the commitment.
    package func read(_ count: Int, at offset: UInt64) throws(IndelibleError) -> [UInt8] {
        try self.file.read(count, at: UInt64(PayloadStore.saltByteCount) + offset)
    }
}
