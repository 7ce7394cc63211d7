internal import Cryptography
package import Primitives
internal import Synchronization

/// The front of the log: takes batches, gives them their indexes, and lays them out as the journal will hold them.
///
/// Any thread may call it. What it hands out is not durable before the committer says so.
package final class LogStage: Sendable {
    /// Leaves that wait for company, so that single events are hashed in lanes too.
    private static let hashBatchCount = 64

    private static let hashCountMax = 256

    private struct State {
        var producers: ProducerTable
        var fence = ConsumerFence()
        var numbering = BatchNumbering()
        /// Entries that have an index.
        var size: UInt64
        var sequence: UInt64
        /// What the next journal file will be called.
        var nextFile: UInt64
        /// The frame that is being filled; it ends where the image's used part ends.
        var open: StagedFrame?
        var image: JournalImage?
        /// Of ``image``, where the next frame may start.
        var imageOffset: Int
        var openProducers: [FrameDeltas.Producer: UInt16] = [:]
        /// Frames that are full, oldest first.
        var closed: [StagedFrame] = []
        /// The segment being filled, and those after it that were taken ahead.
        var segments: [TailSegment]
        var hashOffsets: [UInt32] = []
        var hashByteCounts: [UInt32] = []
        /// Position in the first of ``segments`` of the first leaf that is not hashed.
        var hashFirst = 0
        var failure: IndelibleError?

        /// The answer to a batch whose items are all known.
        var repeated: StageOutcome {
            let known = self.numbering.known
            let size = known.reduce(0) { max($0, $1.firstIndex + UInt64($1.count)) }
            return .known(first: known.first?.firstIndex ?? 0, size: size)
        }
    }

    private let state: Mutex<State>
    private let configuration: LogConfiguration
    private let images: MemoryPool
    private let segmentMemory: MemoryPool
    private let fingerprint: EventFingerprint
    private let kernel = HashKernel.best

    init(_ recovered: RecoveredStage, configuration: LogConfiguration, images: MemoryPool, segments: MemoryPool) {
        self.configuration = configuration
        self.images = images
        self.segmentMemory = segments
        self.fingerprint = EventFingerprint(salt: recovered.salt)
        self.state = Mutex(
            State(
                producers: recovered.producers,
                size: recovered.size,
                sequence: recovered.sequence,
                nextFile: recovered.nextFile,
                image: recovered.image,
                imageOffset: recovered.imageOffset,
                segments: recovered.segments,
            )
        )
    }

    /// Entries that have an index; those from the durable size on may still be lost.
    package var size: UInt64 { self.state.withLock { $0.size } }

    /// Whether a commit would have something to do.
    package var hasWork: Bool { self.state.withLock { $0.open != nil || !$0.closed.isEmpty } }

    /// Appends a batch, all of it or nothing, or tells that it was appended before.
    ///
    /// - Parameters:
    ///   - batch: What to append.
    ///   - buffer: The bytes that the batch's offsets point into; copied before this returns.
    /// - Returns: What became of it.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a batch that can never be appended;
    ///   ``IndelibleError/Code/failedPrecondition`` for a producer whose epoch or sequence numbers are too old, or a consumer
    ///   that does not go on where it stopped;
    ///   ``IndelibleError/Code/unavailable`` after the disk has failed.
    @unsafe package func stage(
        _ batch: AppendBatch,
        from buffer: UnsafeRawBufferPointer,
    ) throws(IndelibleError) -> StageOutcome {
        let needed = try BatchLimits.check(batch, bufferByteCount: buffer.count, self.configuration)
        return try self.state.withLock { state throws(IndelibleError) in
            if let failure = state.failure { throw failure }
            try state.numbering.number(batch)
            try state.numbering.lookUp(batch, in: state.producers)
            if state.numbering.knownCount == batch.items.count { return state.repeated }
            if state.numbering.knownCount > 0 { return .partlyKnown(state.numbering.known) }
            try state.fence.check(batch, against: state.producers)
            guard self.makeRoom(for: batch, byteCount: needed, &state) else { return .full }
            let first = state.size
            unsafe self.put(batch, from: buffer, &state)
            Self.noteProducers(batch, &state, first: first)
            if state.hashOffsets.count >= Self.hashBatchCount { self.hashLeaves(&state) }
            return .staged(first: first, count: batch.items.count)
        }
    }

    /// What is remembered of a producer, staged entries included.
    ///
    /// It is safe to rely on once the durable size is larger than `lastIndex`.
    ///
    /// - Parameter id: Of the producer.
    /// - Returns: `nil` when nothing is remembered.
    package func status(of id: ProducerID) -> ProducerStatus? {
        self.state.withLock { state in
            guard let history = state.producers.history(of: id), let last = history.runs.last else { return nil }
            return ProducerStatus(
                epoch: history.epoch,
                lastSequence: history.lastSequence,
                lastIndex: last.endIndex - 1,
            )
        }
    }

    /// Refuses from now on what consumers of a slot append under an earlier lease.
    package func fence(_ slot: UInt8, below epoch: UInt64) {
        self.state.withLock { $0.fence.raise(slot, to: epoch) }
    }

    /// The oldest frame that waits to be written; `nil` when there is none.
    func take() -> StagedFrame? {
        self.state.withLock { state in
            if state.closed.isEmpty { self.close(&state) }
            return state.closed.isEmpty ? nil : state.closed.removeFirst()
        }
    }

    /// Refuses everything from now on.
    func fail(_ error: IndelibleError) {
        self.state.withLock { if $0.failure == nil { $0.failure = error } }
    }

    // MARK: Room

    /// Whether all of the batch fits; takes a new image and new segments as needed.
    private func makeRoom(for batch: AppendBatch, byteCount: Int, _ state: inout State) -> Bool {
        let capacity = self.configuration.segmentEntryCount
        let end = state.size + UInt64(batch.items.count)
        while (state.segments.last?.end ?? 0) < end {
            guard let memory = self.segmentMemory.take() else { return false }
            // Without an unfinished segment the size is where one begins.
            let first = state.segments.last?.end ?? state.size
            state.segments.append(TailSegment(first: first, capacity: capacity, memory: memory))
        }
        let used = state.open.map { $0.offset + $0.byteCount } ?? state.imageOffset
        let header = state.open == nil ? FrameHeader.byteCount + FrameDeltas.fixedByteCount : 0
        let producers = (state.open?.deltas.producers.count ?? 0) + batch.producers.count
        if let image = state.image, producers <= FrameDeltas.producersPerFrameMax,
            used + header + byteCount <= image.memory.byteCount
        {
            return true
        }
        guard let memory = self.images.take() else { return false }
        self.close(&state)
        state.image = JournalImage(number: state.nextFile, memory: memory)
        state.imageOffset = 0
        state.nextFile += 1
        return true
    }

    /// Ends the open frame; the next one starts at the following block.
    private func close(_ state: inout State) {
        guard let frame = state.open.take() else { return }
        self.hashLeaves(&state)
        state.imageOffset = frame.offset + FrameHeader.padded(frame.byteCount)
        state.closed.append(frame)
        state.openProducers.removeAll(keepingCapacity: true)
    }

    // MARK: Entries

    @unsafe private func put(_ batch: AppendBatch, from buffer: UnsafeRawBufferPointer, _ state: inout State) {
        guard let image = state.image, let source = buffer.baseAddress else {
            preconditionFailure("there is room and there are bytes")
        }
        // Taken out, not copied: a frame has many references.
        var frame = state.open.take() ?? Self.newFrame(&state, image)
        var position = 0
        while position < batch.items.count {
            if state.size == state.segments[0].end {
                self.hashLeaves(&state, in: image)
                state.segments.removeFirst()
            }
            let segment = state.segments[0]
            let entry = Int(state.size - segment.first)
            if state.hashOffsets.isEmpty { state.hashFirst = entry }
            // As many as share a segment, and can be hashed while their bytes are still in the processor's cache.
            let count = min(
                batch.items.count - position,
                segment.capacity - entry,
                Self.hashCountMax - state.hashOffsets.count,
            )
            unsafe self.put(batch.items[position..<position + count], from: source, to: image, segment, &frame, &state)
            Self.extend(&frame.parts, segment, entry..<entry + count)
            frame.entryCount += count
            position += count
            state.size += UInt64(count)
            if state.hashOffsets.count == Self.hashCountMax { self.hashLeaves(&state, in: image) }
        }
        state.open = frame
    }

    /// Copies entries of one segment to the end of the frame, and notes what is known of each.
    @unsafe private func put(
        _ items: ArraySlice<AppendBatch.Item>,
        from source: UnsafeRawPointer,
        to image: JournalImage,
        _ segment: TailSegment,
        _ frame: inout StagedFrame,
        _ state: inout State,
    ) {
        let room = unsafe image.memory.bytes(0..<image.memory.byteCount)
        guard let target = room.baseAddress else { preconditionFailure("an image has memory") }
        let start = frame.cursor
        var cursor = start
        var entry = Int(state.size - segment.first)
        var kinds = KindRun(kind: UInt16(items[items.startIndex].kind), count: 0)
        for item in items {
            let count = Int(item.byteCount)
            unsafe target.storeBytes(of: UInt16(count).bigEndian, toByteOffset: cursor, as: UInt16.self)
            unsafe (target + cursor + 2).copyMemory(from: source + Int(item.offset), byteCount: count)
            let hasID = item.eventIDOffset != AppendBatch.Item.noEventID
            let kind = UInt16(item.kind)
            segment.put(
                entry,
                address: JournalAddress(file: image.number, offset: cursor),
                byteCount: count,
                fingerprint: hasID
                    ? unsafe self.fingerprint(of: source + Int(item.eventIDOffset)) : EventFingerprint.none,
                kind: kind,
                slot: item.slot,
            )
            if kind != kinds.kind {
                frame.deltas.kindRuns.extend(kinds)
                kinds = KindRun(kind: kind, count: 0)
            }
            kinds.count += 1
            state.hashOffsets.append(UInt32(cursor + 2))
            state.hashByteCounts.append(UInt32(count))
            cursor += count + 2
            entry += 1
        }
        frame.deltas.kindRuns.extend(kinds)
        frame.entriesByteCount += cursor - start
    }

    private static func newFrame(_ state: inout State, _ image: JournalImage) -> StagedFrame {
        defer { state.sequence += 1 }
        return StagedFrame(
            image: image,
            offset: state.imageOffset,
            sequence: state.sequence,
            firstIndex: state.size,
        )
    }

    private static func extend(_ parts: inout [StagedFrame.Part], _ segment: TailSegment, _ entries: Range<Int>) {
        if let last = parts.indices.last, parts[last].segment === segment {
            parts[last].entries = parts[last].entries.lowerBound..<entries.upperBound
        } else {
            parts.append(StagedFrame.Part(segment: segment, entries: entries))
        }
    }

    @unsafe private func fingerprint(of id: UnsafeRawPointer) -> UInt32 {
        self.fingerprint.hash(
            UInt64(littleEndian: unsafe id.loadUnaligned(as: UInt64.self)),
            UInt64(littleEndian: unsafe id.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
        )
    }

    private static func noteProducers(_ batch: AppendBatch, _ state: inout State, first: UInt64) {
        guard var frame = state.open.take() else { return }
        let offset = first - frame.firstIndex
        for run in state.numbering.runs {
            let producer = batch.producers[run.producer]
            let key = FrameDeltas.Producer(id: producer.id, epoch: producer.epoch)
            let position: UInt16
            if let known = state.openProducers[key] {
                position = known
            } else {
                position = frame.deltas.add(key)
                state.openProducers[key] = position
            }
            frame.deltas.add(
                FrameDeltas.Run(
                    producer: position,
                    first: UInt32(offset) + UInt32(run.first),
                    count: UInt32(run.count),
                    firstSequence: run.firstSequence,
                )
            )
            let added = ProducerRun(
                firstSequence: run.firstSequence,
                firstIndex: first + UInt64(run.first),
                count: UInt64(run.count),
            )
            state.producers.add(added, by: producer.id, epoch: producer.epoch)
        }
        state.open = frame
    }

    // MARK: Hashes

    private func hashLeaves(_ state: inout State) {
        guard let image = state.image else { return }
        self.hashLeaves(&state, in: image)
    }

    /// Hashes every leaf that waits; they are all in one image and one segment.
    private func hashLeaves(_ state: inout State, in image: JournalImage) {
        let count = state.hashOffsets.count
        guard count > 0 else { return }
        let segment = state.segments[0]
        let bytes = unsafe image.memory.bytes(0..<image.memory.byteCount)
        guard let base = bytes.baseAddress else { return }
        unsafe self.kernel.leafHashesPrefixed(
            base: base.assumingMemoryBound(to: UInt8.self),
            offsets: state.hashOffsets,
            lengths: state.hashByteCounts,
            count: count,
            out: segment.leaves(from: state.hashFirst, count: count),
        )
        state.hashOffsets.removeAll(keepingCapacity: true)
        state.hashByteCounts.removeAll(keepingCapacity: true)
    }
}
