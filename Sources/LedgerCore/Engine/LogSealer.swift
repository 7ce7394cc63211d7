package import Primitives
internal import Storage
internal import Synchronization

/// Moves segments from the journal into files of their own, which never change again.
///
/// It follows the committer, bundle by bundle, while the bytes are still in memory; a file gets its name once it is complete.
/// One thread calls it, beside the committer. After an error it may be tried again: until a segment's name is durable its
/// entries are still in the journal.
package final class LogSealer: Sendable {
    private struct State: ~Copyable {
        let buffer = AlignedMemory(byteCount: SegmentWriter.bufferByteCount)
        /// Of the oldest segment that is not sealed, once a bundle of it is durable.
        var builder: SegmentBuilder?
    }

    private let files: any FileSystem
    private let identity: LogIdentity
    private let view: SharedView
    private let journal: Journal
    private let producers: DurableProducers
    private let cache: SegmentCache
    private let spareFileCount: Int
    private let state = Mutex(State())
    private let retainedImageCount: Int

    init(
        files: any FileSystem,
        identity: LogIdentity,
        view: SharedView,
        journal: Journal,
        producers: DurableProducers,
        cache: SegmentCache,
        spareFileCount: Int,
        retainedImageCount: Int,
    ) {
        self.files = files
        self.identity = identity
        self.view = view
        self.journal = journal
        self.producers = producers
        self.cache = cache
        self.spareFileCount = spareFileCount
        self.retainedImageCount = retainedImageCount
    }

    /// Whether a bundle waits.
    package var hasWork: Bool { self.view.current.hasBundleToCopy }

    /// Copies bundles that are durable; seals the oldest segment when it is full.
    ///
    /// - Parameter bundleCountMax: Returns after so many, for callers that have something else to do in between.
    /// - Returns: Whether a segment was sealed.
    /// - Throws: What the disk throws. The log goes on until it has as many unsealed segments as it may have.
    package func seal(bundleCountMax: Int = .max) throws(IndelibleError) -> Bool {
        try self.state.withLock { state throws(IndelibleError) in
            let view = self.view.current
            guard view.hasBundleToCopy, let segment = view.tail.first else { return false }
            do throws(IndelibleError) {
                return try self.seal(segment, bundleCountMax, &state)
            } catch {
                // The file is given up: what it holds is not known now.
                self.copied(upTo: segment.first, sealingFails: true)
                throw error
            }
        }
    }

    /// Makes the journal ready for a burst: a spare file, so that the committer need not make one.
    package func prepare() throws(IndelibleError) { try self.journal.prepareSpare() }

    /// Deletes spare journal files; for when nothing has happened for a while, as they are needed again under load.
    package func trim() throws(IndelibleError) { try self.journal.trim(to: self.spareFileCount) }

    /// Gives up the file that is not complete; for when the log is closed.
    package func abandon() throws(IndelibleError) {
        try self.state.withLock { state throws(IndelibleError) in
            guard let builder = state.builder.take() else { return }
            try self.files.remove(Self.stagedPath(builder.segment))
        }
    }

    private func seal(
        _ segment: TailSegment,
        _ bundleCountMax: Int,
        _ state: inout State,
    ) throws(IndelibleError) -> Bool {
        var builder = try self.builder(for: segment, &state)
        var bundleCount = 0
        while bundleCount < bundleCountMax, try builder.putBundle(self.view.current) {
            bundleCount += 1
            self.copied(upTo: segment.first + UInt64(builder.entryCount), sealingFails: false)
        }
        guard builder.entryCount == segment.capacity else {
            state.builder = consume builder
            return false
        }
        let file = builder.file
        try builder.finish(salt: self.identity.salt)
        try self.publish(segment, file)
        return true
    }

    private func copied(upTo size: UInt64, sealingFails: Bool) {
        self.view.update { view in
            view.copiedSize = max(view.sealedSize, size)
            view.sealingFails = sealingFails
            view.trimImages(to: self.retainedImageCount)
        }
    }

    private static func stagedPath(_ segment: TailSegment) -> String { Self.path(segment) + ".staged" }

    private static func path(_ segment: TailSegment) -> String {
        SegmentLayout.path(Int(segment.first) / segment.capacity)
    }

    private func builder(for segment: TailSegment, _ state: inout State) throws(IndelibleError) -> SegmentBuilder {
        if let builder = state.builder.take() { return builder }
        let staged = Self.stagedPath(segment)
        // An earlier attempt may have failed half way.
        if try self.files.exists(staged) { try self.files.remove(staged) }
        return SegmentBuilder(segment, file: try self.files.open(staged, .readWriteDirect), buffer: state.buffer)
    }

    /// Makes a complete file durable and gives it its name, and gives up what the journal has of it.
    private func publish(_ segment: TailSegment, _ file: any File) throws(IndelibleError) {
        let staged = Self.stagedPath(segment)
        try self.files.makeReadOnly(staged)
        try file.sync()
        try self.files.rename(staged, to: Self.path(segment))
        try self.files.syncDirectory(SegmentLayout.directory)
        let number = Int(segment.first) / segment.capacity
        try RootsFile(files: self.files).write([segment.hash(level: segment.height, 0)], from: number)
        let snapshot = self.producers.snapshot()
        try self.files.replaceDurably(ProducerSnapshot.path, with: snapshot.bytes)
        self.cache.put(number, SegmentHashes(segment))
        try self.giveUp(sealedSize: segment.end, snapshotSize: snapshot.size)
    }

    /// Lets readers find the entries in the segment, and only then uses the journal's files for something else.
    private func giveUp(sealedSize: UInt64, snapshotSize: UInt64) throws(IndelibleError) {
        let retired = self.journal.retire(before: min(sealedSize, snapshotSize))
        let numbers = Set(retired.map(\.number))
        self.view.update { view in
            view.sealedSize = sealedSize
            view.tail.removeFirst()
            view.files.removeAll { numbers.contains($0.number) }
        }
        try self.journal.recycle(retired)
    }
}
