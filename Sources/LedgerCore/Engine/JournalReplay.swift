internal import Cryptography
internal import MerkleTree
internal import Primitives
internal import Storage

/// Reads the journal's frames in order and rebuilds what was in memory.
struct JournalReplay {
    let identity: LogIdentity
    let sealedSize: UInt64
    /// The table holds what frames before this size brought.
    let producersSize: UInt64
    let imagePool: MemoryPool
    let segmentPool: MemoryPool
    let retainedImageCount: Int
    let kernel = HashKernel.best

    private(set) var upper: UpperTree
    private(set) var producers: ProducerTable
    private(set) var size: UInt64
    private(set) var root: Digest
    private(set) var time: UInt64 = 0
    private(set) var tail: [TailSegment] = []
    private(set) var images: [JournalImage] = []
    private(set) var files: [JournalFile] = []
    /// Of the next frame.
    private(set) var sequence: UInt64 = 1
    /// In the last file, where the next frame goes.
    private(set) var offset = 0

    init(
        identity: LogIdentity,
        upper: UpperTree,
        producers: ProducerTable,
        producersSize: UInt64,
        images: MemoryPool,
        segments: MemoryPool,
        retainedImageCount: Int,
    ) {
        self.identity = identity
        self.sealedSize = UInt64(upper.count * identity.segmentEntryCount)
        self.upper = upper
        self.producers = producers
        self.producersSize = producersSize
        self.imagePool = images
        self.segmentPool = segments
        self.retainedImageCount = retainedImageCount
        self.size = self.sealedSize
        self.root = upper.wholeRoot
    }

    /// - Throws: ``IndelibleError/Code/dataLoss`` when frames are missing or damaged that others come after.
    mutating func run(_ candidates: [JournalScan.Candidate]) throws(IndelibleError) {
        let numbered = candidates.filter { $0.first != nil }.sorted {
            ($0.first?.sequence ?? 0) < ($1.first?.sequence ?? 0)
        }
        let from = min(self.sealedSize, self.producersSize)
        guard let start = numbered.lastIndex(where: { ($0.first?.firstIndex ?? 0) <= from }) else {
            if let gap = numbered.first?.first {
                throw LogRecovery.shorter("entries from \(from) to \(gap.firstIndex) are in no file")
            }
            return try self.refuseLaterFrames(candidates, after: [])
        }
        self.sequence = numbered[start].first?.sequence ?? 1
        var chained: Set<String> = []
        for candidate in numbered[start...] {
            guard candidate.first?.sequence == self.sequence else { break }
            chained.insert(candidate.path)
            try self.replay(candidate)
        }
        try self.refuseLaterFrames(candidates, after: chained)
    }

    /// Replays a journal without going on with it.
    ///
    /// - Returns: what could be read, and why it ends there when more should follow.
    static func reading(
        _ files: any FileSystem,
        _ identity: LogIdentity,
        _ upper: UpperTree,
        producersSize: UInt64,
    ) throws(IndelibleError) -> (replay: JournalReplay, failure: IndelibleError?) {
        let candidates = try JournalScan(files: files, salt: identity.salt).candidates(.readOnly)
        let capacity = identity.segmentEntryCount
        var replay = JournalReplay(
            identity: identity,
            upper: upper,
            producers: ProducerTable(),
            producersSize: producersSize,
            images: MemoryPool(byteCount: 1, countMax: 0),
            segments: MemoryPool(byteCount: TailSegment.byteCount(capacity: capacity), countMax: 0),
            retainedImageCount: 0,
        )
        do throws(IndelibleError) { try replay.run(candidates) } catch { return (replay, error) }
        return (replay, nil)
    }

    /// What readers see of it.
    var view: LogView {
        LogView(
            size: self.size,
            root: self.root,
            time: self.time,
            sealedSize: self.sealedSize,
            upper: self.upper,
            tail: self.tail,
            images: self.images,
            files: self.files,
            copiedSize: self.sealedSize,
        )
    }

    // MARK: One file

    private mutating func replay(_ candidate: JournalScan.Candidate) throws(IndelibleError) {
        guard let first = candidate.first else { return }
        let pooled = candidate.byteCount == self.imagePool.byteCount
        if pooled, self.images.count == self.retainedImageCount { self.images.removeFirst() }
        let memory = pooled ? self.imagePool.takeOrMake() : AlignedMemory(byteCount: candidate.byteCount)
        let cursor = try self.read(candidate, into: memory)
        let image = JournalImage(number: first.fileNumber, memory: memory)
        let file = JournalFile(
            number: first.fileNumber,
            path: candidate.path,
            file: candidate.file,
            byteCount: candidate.byteCount,
            end: first.firstIndex,
        )
        self.offset = 0
        while let header = cursor.header(at: self.offset), header.fileNumber == first.fileNumber,
            header.sequence == self.sequence
        {
            guard self.apply(header, cursor, image) else { break }
            file.extend(to: header.end)
            self.offset += header.paddedByteCount
            self.sequence += 1
        }
        self.files.append(file)
        // Images have consecutive numbers; another size or a gap starts the row anew.
        if !pooled || self.images.last.map({ $0.number + 1 != image.number }) ?? false { self.images.removeAll() }
        if pooled { self.images.append(image) }
        if let later = cursor.laterFrame(than: self.sequence, from: self.offset),
            later.header.fileNumber == first.fileNumber
        {
            throw Self.damaged(candidate.path, self.offset, later.offset)
        }
    }

    private func read(
        _ candidate: JournalScan.Candidate,
        into memory: AlignedMemory,
    ) throws(IndelibleError) -> FrameCursor {
        let count = try unsafe candidate.file.read(into: memory.bytes(0..<candidate.byteCount), at: 0)
        return FrameCursor(memory: memory, byteCount: count, salt: self.identity.salt)
    }

    // MARK: One frame

    /// Takes one more frame; false, and nothing changed, when the frame is not whole.
    private mutating func apply(_ header: FrameHeader, _ cursor: FrameCursor, _ image: JournalImage) -> Bool {
        guard let (deltas, slots, fingerprints) = cursor.deltas(of: header, at: self.offset),
            let starts = cursor.entries(of: header, at: self.offset)
        else { return false }
        if header.end > self.sealedSize {
            // The first frame may begin before the oldest entry that is not sealed, never after it.
            guard header.firstIndex <= self.size, header.end > self.size else { return false }
            let before = (self.size, self.root, self.upper, self.tail.count)
            let kinds = deltas.kindRuns.flatMap { Array(repeating: $0.kind, count: Int($0.count)) }
            var fields = FieldReader(fingerprints)
            let prints = (0..<Int(header.entryCount)).map { _ in fields.take(UInt32.self) ?? 0 }
            let skipped = Int(self.size - header.firstIndex)
            for entry in skipped..<Int(header.entryCount) {
                self.put(
                    JournalAddress(file: image.number, offset: starts[entry]),
                    byteCount: starts[entry + 1] - starts[entry] - 2,
                    fingerprint: prints[entry],
                    kind: kinds[entry],
                    slot: slots[entry],
                )
            }
            self.hash(from: before.0, image, starts[skipped...])
            guard self.root == header.root else {
                self.tail.removeLast(self.tail.count - before.3)
                (self.size, self.root, self.upper) = (before.0, before.1, before.2)
                return false
            }
        }
        self.time = max(self.time, header.time)
        guard header.firstIndex >= self.producersSize else { return true }
        for added in StagedFrame.producerRuns(deltas, firstIndex: header.firstIndex) {
            self.producers.add(added.run, by: added.id, epoch: added.epoch)
        }
        return true
    }

    private mutating func put(
        _ address: JournalAddress,
        byteCount: Int,
        fingerprint: UInt32,
        kind: UInt16,
        slot: UInt8,
    ) {
        let capacity = self.identity.segmentEntryCount
        if (self.tail.last?.end ?? self.sealedSize) == self.size {
            self.tail.append(
                TailSegment(first: self.size, capacity: capacity, memory: self.segmentPool.takeOrMake())
            )
        }
        let segment = self.tail[self.tail.count - 1]
        segment.put(
            Int(self.size - segment.first),
            address: address,
            byteCount: byteCount,
            fingerprint: fingerprint,
            kind: kind,
            slot: slot,
        )
        self.size += 1
    }

    /// Hashes the entries from `old` on, whose length prefixes are at `starts`, and computes the root.
    private mutating func hash(from old: UInt64, _ image: JournalImage, _ starts: ArraySlice<Int>) {
        var position = old
        var starts = starts
        for segment in self.tail where segment.end > old && segment.first < self.size {
            let end = min(segment.end, self.size)
            let count = Int(end - position)
            let offsets = starts.prefix(count).map { UInt32($0 + 2) }
            let byteCounts = zip(starts, starts.dropFirst()).prefix(count).map { UInt32($1 - $0 - 2) }
            let entry = Int(position - segment.first)
            let bytes = unsafe image.memory.bytes(0..<image.memory.byteCount)
            guard let base = bytes.baseAddress else { return }
            unsafe self.kernel.leafHashesPrefixed(
                base: base.assumingMemoryBound(to: UInt8.self),
                offsets: offsets,
                lengths: byteCounts,
                count: count,
                out: segment.leaves(from: entry, count: count),
            )
            segment.growNodes(from: entry, to: entry + count, self.kernel)
            if entry + count == segment.capacity { self.upper.append(segment.hash(level: segment.height, 0)) }
            starts = starts.dropFirst(count)
            position = end
        }
        guard let last = self.tail.last else { return }
        self.root = TreeEdge.root(size: self.size, last: last, upper: self.upper)
    }

    // MARK: What must not be there

    /// Frames after the last good one, in files that are not part of the row.
    private func refuseLaterFrames(
        _ candidates: [JournalScan.Candidate],
        after chained: Set<String>,
    ) throws(IndelibleError) {
        for candidate in candidates where !chained.contains(candidate.path) {
            let memory = AlignedMemory(byteCount: FrameHeader.padded(candidate.byteCount))
            let cursor = try self.read(candidate, into: memory)
            // Frames of earlier lives of a file have smaller sequence numbers.
            let limit = chained.isEmpty ? 0 : self.sequence
            guard let later = cursor.laterFrame(than: limit, from: 0), later.header.end > self.sealedSize else {
                continue
            }
            throw Self.damaged(candidate.path, 0, later.offset)
        }
    }

    private static func damaged(_ path: String, _ offset: Int, _ later: Int) -> IndelibleError {
        IndelibleError(
            .dataLoss,
            """
            The journal is damaged before the frame at byte \(later) of \(path): acknowledged entries cannot be read. \
            Nothing was changed. Restore the directory from a copy, or run indelible fsck to see what is left.
            """,
        )
    }
}
