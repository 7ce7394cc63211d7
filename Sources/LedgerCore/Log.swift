internal import Cryptography
package import Primitives
package import Storage

/// A log on a disk: the parts that append to it, make it durable, seal it and read it.
///
/// Threads: ``stage`` and ``reader`` take calls from any thread. One thread calls ``committer`` whenever something was
/// staged, and wakes those whose entries lie below the size it made durable. One other calls ``sealer`` after commits.
///
///     stage(batch) ── .staged(first, count) ──▶ wait until the durable size is first + count ──▶ acknowledge
package final class Log: Sendable {
    package static let lockPath = "lock"

    package let identity: LogIdentity
    package let configuration: LogConfiguration
    package let stage: LogStage
    package let committer: LogCommitter
    package let sealer: LogSealer
    package let reader: LogReader
    package let payloads: PayloadStore
    package let states: SlotStateStore
    let files: any FileSystem
    let journal: Journal
    private let lock: any FileLock

    /// Opens the log in a directory, or creates it there.
    ///
    /// - Parameters:
    ///   - files: The directory; nothing else may be in it.
    ///   - configuration: Its origin and segment size must be those the log was created with.
    ///   - salt: 16 random bytes, used when the log is created.
    ///   - now: Nanoseconds since the Unix epoch.
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when another process has the log open or it is another log;
    ///   ``IndelibleError/Code/dataLoss`` when what was acknowledged is not there; what the disk throws.
    package init(
        on files: any FileSystem,
        configuration: LogConfiguration,
        salt: [UInt8],
        now: UInt64,
    ) throws(IndelibleError) {
        try configuration.validate()
        self.lock = try files.lock(Self.lockPath)
        let identity = try Self.identity(files, configuration, salt: salt)
        let images = MemoryPool(byteCount: configuration.journalFileByteCount, countMax: configuration.imageCountMax)
        let segments = MemoryPool(
            byteCount: TailSegment.byteCount(capacity: configuration.segmentEntryCount),
            countMax: configuration.unsealedSegmentCountMax,
        )
        let recovery = LogRecovery(
            files: files,
            identity: identity,
            configuration: configuration,
            images: images,
            segments: segments,
        )
        let recovered = try recovery.run(now: now)
        let view = SharedView(recovered.view)
        let cache = SegmentCache(files: files, identity: identity, configuration: configuration)
        self.files = files
        self.identity = identity
        self.configuration = configuration
        self.journal = recovered.journal
        self.stage = LogStage(recovered.stage, configuration: configuration, images: images, segments: segments)
        self.committer = LogCommitter(
            stage: self.stage,
            journal: recovered.journal,
            view: view,
            producers: recovered.producers,
            identity: identity,
            retainedImageCount: configuration.retainedImageCount,
        )
        self.sealer = LogSealer(
            files: files,
            identity: identity,
            view: view,
            journal: recovered.journal,
            producers: recovered.producers,
            cache: cache,
            spareFileCount: configuration.spareFileCount,
            retainedImageCount: configuration.retainedImageCount,
        )
        self.reader = LogReader(view: view, cache: cache, identity: identity)
        self.payloads = PayloadStore(files: files)
        self.states = SlotStateStore(files: files)
        try CheckpointFile(files: files).check(against: self.reader, origin: identity.origin)
    }

    /// Gives the directory to others; nothing of this log may be used after that.
    package func close() {
        // Spare files are room for a burst; if they cannot be removed now, the next start uses them.
        try? self.sealer.trim()
        // Nor can half a segment, which the next start removes.
        try? self.sealer.abandon()
        self.lock.release()
    }

    private static func identity(
        _ files: any FileSystem,
        _ configuration: LogConfiguration,
        salt: [UInt8],
    ) throws(IndelibleError) -> LogIdentity {
        let directories = [
            Journal.directory, SegmentLayout.directory, PayloadStore.directory, SlotStateStore.directory,
        ]
        for directory in directories { try files.createDirectory(directory) }
        // The last process may have died between a rename and its sync: what is found here must not vanish later.
        for directory in [""] + directories { try files.syncDirectory(directory) }
        if let identity = try LogIdentity.read(from: files) {
            guard identity.origin == configuration.origin else {
                throw IndelibleError(
                    .failedPrecondition,
                    "The directory holds the log \(identity.origin), not \(configuration.origin). Choose another directory.",
                )
            }
            guard identity.segmentEntryCount == configuration.segmentEntryCount else {
                throw IndelibleError(
                    .failedPrecondition,
                    "The log was created with segments of \(identity.segmentEntryCount) entries. Configure the same number.",
                )
            }
            return identity
        }
        let names = try files.list(Journal.directory) + files.list(SegmentLayout.directory)
        guard names.isEmpty else {
            throw IndelibleError(
                .dataLoss,
                "The directory holds a log without its file identity. Restore that file from a copy of this log.",
            )
        }
        precondition(salt.count == LogIdentity.saltByteCount, "a salt has 16 bytes")
        let identity = LogIdentity(
            origin: configuration.origin,
            salt: salt,
            segmentEntryCount: configuration.segmentEntryCount,
        )
        let nobody = ProducerTable(limits: configuration.producers)
        try files.replaceDurably(ProducerSnapshot.path, with: ProducerSnapshot.encode(nobody, size: 0))
        try identity.write(to: files)
        return identity
    }
}
