package import Primitives
internal import Storage
internal import Synchronization

/// Moves full segments from the journal into files of their own, which never change again.
///
/// One thread calls it, beside the committer. After an error it may be tried again: until a segment's name is durable its
/// entries are still in the journal.
package final class LogSealer: Sendable {
    private let files: any FileSystem
    private let identity: LogIdentity
    private let view: SharedView
    private let journal: Journal
    private let producers: DurableProducers
    private let cache: SegmentCache
    private let spareFileCount: Int
    private let buffer: Mutex<AlignedMemory>

    init(
        files: any FileSystem,
        identity: LogIdentity,
        view: SharedView,
        journal: Journal,
        producers: DurableProducers,
        cache: SegmentCache,
        spareFileCount: Int,
    ) {
        self.files = files
        self.identity = identity
        self.view = view
        self.journal = journal
        self.producers = producers
        self.cache = cache
        self.spareFileCount = spareFileCount
        self.buffer = Mutex(AlignedMemory(byteCount: SegmentWriter.bufferByteCount))
    }

    /// Whether a full segment waits.
    package var hasWork: Bool {
        let view = self.view.current
        return view.size - view.sealedSize >= UInt64(self.identity.segmentEntryCount)
    }

    /// Seals the oldest full segment.
    ///
    /// - Returns: False when there was none.
    /// - Throws: What the disk throws. The log goes on until it has as many unsealed segments as it may have.
    package func seal() throws(IndelibleError) -> Bool {
        try self.buffer.withLock { buffer throws(IndelibleError) in
            let view = self.view.current
            guard let segment = view.tail.first, segment.end <= view.size else { return false }
            let number = Int(segment.first) / segment.capacity
            try self.write(segment, number, view, buffer)
            try RootsFile(files: self.files).write([segment.hash(level: segment.height, 0)], from: number)
            let snapshot = self.producers.snapshot()
            try self.files.replaceDurably(ProducerSnapshot.path, with: snapshot.bytes)
            self.cache.put(number, SegmentHashes(segment))
            try self.giveUp(sealedSize: segment.end, snapshotSize: snapshot.size)
            return true
        }
    }

    /// Makes the journal ready for a burst: a spare file, so that the committer need not make one.
    package func prepare() throws(IndelibleError) { try self.journal.prepareSpare() }

    /// Deletes spare journal files; for when nothing has happened for a while, as they are needed again under load.
    package func trim() throws(IndelibleError) { try self.journal.trim(to: self.spareFileCount) }

    private func write(
        _ segment: TailSegment,
        _ number: Int,
        _ view: LogView,
        _ buffer: AlignedMemory,
    ) throws(IndelibleError) {
        let path = SegmentLayout.path(number)
        let staged = path + ".staged"
        // An earlier attempt may have failed half way.
        if try self.files.exists(staged) { try self.files.remove(staged) }
        let file = try self.files.open(staged, .readWriteDirect)
        defer { file.close() }
        try SegmentBuilder(segment: segment, view: view, salt: self.identity.salt).write(to: file, buffer: buffer)
        try self.files.makeReadOnly(staged)
        try file.sync()
        try self.files.rename(staged, to: path)
        try self.files.syncDirectory(SegmentLayout.directory)
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
