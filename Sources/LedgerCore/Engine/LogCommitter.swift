internal import Cryptography
internal import MerkleTree
package import Primitives
internal import Storage
internal import Synchronization

/// What a commit made durable.
package struct CommitResult: Equatable, Sendable {
    /// Entries that are durable now.
    package let size: UInt64
    package let root: Digest
    /// Entries and bytes of this commit.
    package let entryCount: Int
    package let byteCount: Int
}

/// The back of the log: writes what the stage has laid out, syncs, and only then lets anybody see it.
///
/// One thread calls it, again and again. After an error of the disk it does nothing ever again, because what the disk
/// holds is not known then; a restart finds out.
package final class LogCommitter: Sendable {
    private struct State {
        var upper: UpperTree
        var time: UInt64
        var file: JournalFile?
        /// Segments with durable entries that are in the view already.
        var publishedSegmentEnd: UInt64
        var failure: IndelibleError?
    }

    private let stage: LogStage
    private let journal: Journal
    private let view: SharedView
    private let producers: DurableProducers
    private let identity: LogIdentity
    private let retainedImageCount: Int
    private let kernel = HashKernel.best
    private let state: Mutex<State>

    init(
        stage: LogStage,
        journal: Journal,
        view: SharedView,
        producers: DurableProducers,
        identity: LogIdentity,
        retainedImageCount: Int,
    ) {
        self.stage = stage
        self.journal = journal
        self.view = view
        self.producers = producers
        self.identity = identity
        self.retainedImageCount = retainedImageCount
        let recovered = view.current
        let published = recovered.tail.last?.end ?? recovered.sealedSize
        self.state = Mutex(
            State(
                upper: recovered.upper,
                time: recovered.time,
                file: recovered.files.last,
                publishedSegmentEnd: published,
            )
        )
    }

    /// Why nothing is written any more; `nil` while all is well.
    package var failure: IndelibleError? { self.state.withLock { $0.failure } }

    /// Makes the oldest staged entries durable.
    ///
    /// - Parameter now: Nanoseconds since the Unix epoch; a clock that steps back does no harm.
    /// - Returns: What is durable now; `nil` when nothing was staged.
    /// - Throws: ``IndelibleError/Code/unavailable`` when the disk failed, now or before.
    package func commit(at now: UInt64) throws(IndelibleError) -> CommitResult? {
        try self.state.withLock { state throws(IndelibleError) in
            if let failure = state.failure { throw failure }
            guard let frame = self.stage.take() else { return nil }
            do throws(IndelibleError) {
                return try self.write(frame, at: now, &state)
            } catch {
                let failure = Self.stopped(error)
                state.failure = failure
                self.stage.fail(failure)
                throw failure
            }
        }
    }

    private func write(
        _ frame: StagedFrame,
        at now: UInt64,
        _ state: inout State,
    ) throws(IndelibleError) -> CommitResult {
        let full = self.grow(frame, &state)
        let root = self.root(of: frame, state)
        state.time = max(state.time, now)
        let range = frame.finish(root: root, time: state.time, salt: self.identity.salt)
        let file: JournalFile
        if let current = state.file, current.number == frame.image.number {
            file = current
        } else {
            file = try self.journal.claim(frame.image.number)
            state.file = file
        }
        try unsafe file.file.write(
            UnsafeRawBufferPointer(frame.image.memory.bytes(range)),
            at: UInt64(range.lowerBound),
        )
        try file.file.sync()
        file.extend(to: frame.end)
        self.producers.add(frame.producerRuns, size: frame.end)
        self.publish(frame, file: file, root: root, full: full, &state)
        return CommitResult(size: frame.end, root: root, entryCount: frame.entryCount, byteCount: range.count)
    }

    /// Completes the tree up to the frame's last entry.
    ///
    /// - Returns: the roots of the segments that became full.
    private func grow(_ frame: StagedFrame, _ state: inout State) -> [Digest] {
        var full: [Digest] = []
        for part in frame.parts {
            part.segment.growNodes(from: part.entries.lowerBound, to: part.entries.upperBound, self.kernel)
            guard part.entries.upperBound == part.segment.capacity else { continue }
            let root = part.segment.hash(level: part.segment.height, 0)
            state.upper.append(root)
            full.append(root)
        }
        return full
    }

    private func root(of frame: StagedFrame, _ state: State) -> Digest {
        guard let last = frame.parts.last else { preconditionFailure("a frame has entries") }
        return TreeEdge.root(size: frame.end, last: last.segment, upper: state.upper)
    }

    private func publish(
        _ frame: StagedFrame,
        file: JournalFile,
        root: Digest,
        full: [Digest],
        _ state: inout State,
    ) {
        let segments = frame.parts.map(\.segment).filter { $0.first >= state.publishedSegmentEnd }
        state.publishedSegmentEnd = segments.last?.end ?? state.publishedSegmentEnd
        let time = state.time
        self.view.update { view in
            view.size = frame.end
            view.root = root
            view.time = time
            for root in full { view.upper.append(root) }
            view.tail += segments
            if view.images.last?.number != frame.image.number {
                view.images.append(frame.image)
                view.files.append(file)
            }
            view.trimImages(to: self.retainedImageCount)
        }
    }

    private static func stopped(_ error: IndelibleError) -> IndelibleError {
        IndelibleError(
            .unavailable,
            """
            The log stopped accepting entries because its disk failed: \(error.message) What is acknowledged is safe and \
            stays readable. Repair the disk, then restart the ledger.
            """,
            cause: error,
        )
    }
}
