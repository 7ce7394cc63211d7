import AuditModel
package import Primitives
import ServiceKit
import Platform
import ServiceProtocol
package import Storage
package import TransparencyLog
package import VerifierCore
import Wire

/// What this verifier knows of the log that it follows; all its readers and askers meet here.
package actor LogWatch {
    /// Askers that wait for entries at the same time.
    private static let waiterCountMax = 1024
    private static let sealsByteCountMax = 16 << 20

    package nonisolated let key: VerifierKey
    private let files: any FileSystem
    /// Its own in the verifier's.
    package nonisolated let directory: String
    let metrics: VerifierMetrics
    let board: FindingBoard
    var follower: LogFollower
    var checker: EntryChecker
    private var savedChecker: [UInt8] = []
    private var conditions: FollowConditions
    private let policy: TrustPolicy?
    var batch = EntryBatchView()
    private var waiters: [Int: (size: UInt64, continuation: CheckedContinuation<Void, Never>)] = [:]
    private var waiterSerial = 0
    private var isContradicted = false
    private var shelf: EvidenceShelf
    let recorder: VerificationRecorder?
    var rescan: RescanLog
    var payloads: PayloadList

    /// - Parameters:
    ///   - key: of the log.
    ///   - seals: knows whose seals count.
    ///   - verdicts: knows whose model records count.
    ///   - sources: knows which sources are to be heard of.
    ///   - conditions: knows how long a log may be away; `nil` for the usual limits.
    ///   - policy: whose quorum checkpoints must reach; `nil` for none.
    ///   - files: where it remembers.
    ///   - directory: in `files`, of this log alone.
    ///   - recorder: told of every reading of the whole log; `nil` for none.
    ///   - metrics: of this process.
    ///   - board: where findings go.
    package init(
        key: VerifierKey,
        seals: SealChecker,
        verdicts: VerdictChecker = VerdictChecker(),
        sources: SourceChecker = SourceChecker(),
        conditions: FollowConditions? = nil,
        policy: TrustPolicy? = nil,
        files: any FileSystem,
        directory: String,
        recorder: VerificationRecorder? = nil,
        metrics: VerifierMetrics,
        board: FindingBoard,
    ) throws(IndelibleError) {
        self.key = key
        self.files = files
        self.directory = directory
        self.metrics = metrics
        self.board = board
        self.follower = try LogFollower(key: key, files: files, directory: directory)
        self.checker = EntryChecker(seals: seals, verdicts: verdicts, sources: sources)
        self.conditions = conditions ?? FollowConditions(address: key.name, now: SystemClock.wallNanoseconds)
        self.policy = policy
        self.recorder = recorder
        self.rescan = try RescanLog(files: files, directory: directory)
        self.payloads = try PayloadList(files: files, directory: directory, size: self.follower.verifiedSize)
        self.shelf = try EvidenceShelf(files: files, directory: Self.evidencePath(directory))
        if let stored = try files.readAll(Self.sealsPath(directory), byteCountMax: Self.sealsByteCountMax) {
            try self.checker.restore(stored, now: SystemClock.wallNanoseconds)
            self.savedChecker = stored
        }
        metrics.rescanFinishedSeconds.set(self.rescan.state.finishedSeconds)
        metrics.rescanFinishedSize.set(self.rescan.state.finishedSize)
        metrics.verifiedSize.set(self.follower.verifiedSize)
        metrics.readSize.set(self.follower.next)
    }

    package var next: UInt64 { self.follower.next }
    package var verifiedSize: UInt64 { self.follower.verifiedSize }

    /// Forgets what no checkpoint has covered, to read it again.
    package func rewind() throws(IndelibleError) {
        self.follower.close()
        self.follower = try LogFollower(key: self.key, files: self.files, directory: self.directory)
        try self.payloads.rewind(to: self.follower.verifiedSize)
    }

    /// Takes in a batch of entries as the ledger sent it.
    package func read(_ payload: [UInt8]) throws(IndelibleError) {
        guard let ranges = try self.ranges(of: payload), let first = self.batch.items.first?.index else { return }
        try self.read(ranges, of: payload, first: first)
    }

    /// Takes in entries, wherever they came from.
    ///
    /// - Parameters:
    ///   - ranges: where each entry's bytes stand in `payload`.
    ///   - payload: less than 4 GiB.
    ///   - first: index of the first; must be ``next``.
    package func read(_ ranges: [Range<Int>], of payload: [UInt8], first: UInt64) throws(IndelibleError) {
        try self.follower.read(ranges, of: payload.span, first: first)
        let (follower, now) = (self.follower, SystemClock.wallNanoseconds)
        let findings = try self.checker.check(ranges, of: payload.span, first: first, now: now) {
            from,
            count throws(IndelibleError) in try follower.leaves(from: from, count: count)
        }
        for finding in findings { self.report(finding) }
        try self.payloads.append(self.checker.takePayloads())
        self.conditions.progress(read: self.follower.next, verified: self.follower.verifiedSize, at: now)
        self.metrics.entries.add(UInt64(ranges.count))
        self.metrics.bytes.add(UInt64(ranges.reduce(0) { $0 + $1.count }))
        self.metrics.readSize.set(self.follower.next)
        self.metrics.show(self.checker)
        self.metrics.show(self.payloads)
        self.wake()
    }

    /// Reports that the ledger's log ends before an entry that was read.
    package func reportMissing(_ index: UInt64) throws(IndelibleError) {
        let expected = try self.follower.leaf(index).hex
        self.report(Finding(.entryMissing, index: index, expected: expected, found: "the end of the log"))
    }

    /// Reports an entry that the ledger cannot read, or leaves out.
    ///
    /// - Parameter reason: the ledger's own words, or ours when it gave none.
    package func reportUnreadable(_ index: UInt64, _ reason: IndelibleError) throws(IndelibleError) {
        let kind: Finding.Kind = reason.remoteFailure == nil ? .entryMissing : .payloadAltered
        let expected = index < self.follower.next ? try self.follower.leaf(index).hex : nil
        self.report(Finding(kind, index: index, expected: expected, found: reason.message))
    }

    /// Whether a checkpoint that does not follow from the entries is the first one since a verified one.
    ///
    /// Reading the log again after each of them would say nothing new.
    package func beginContradiction() -> Bool {
        defer { self.isContradicted = true }
        return !self.isContradicted
    }

    /// Judges a checkpoint; findings are reported.
    ///
    /// - Returns: whether it is verified; `nil` while entries under it are still to be read.
    package func check(_ note: [UInt8]) throws(IndelibleError) -> Bool? {
        try self.remember()
        defer {
            self.conditions.progress(
                read: self.follower.next,
                verified: self.follower.verifiedSize,
                at: SystemClock.wallNanoseconds,
            )
        }
        switch try self.follower.check(note) {
        case .behind: return nil
        case .verified:
            self.isContradicted = false
            self.metrics.verifiedSize.set(self.follower.verifiedSize)
            if let policy {
                let isReached = (try? policy.verify(SignedNote(parsing: note))) != nil
                self.conditions.quorum(isReached, at: SystemClock.wallNanoseconds)
            }
            return true
        case .finding(let finding):
            // With both signatures it is no longer our word against the log's.
            if finding.kind == .forked, let evidence = try self.evidence(against: note) {
                try self.report(evidence, index: nil)
            } else {
                self.report(finding)
            }
            return false
        }
    }

    /// Before a checkpoint is kept: a chain of seals that is ahead of it is known to be so by its index.
    private func remember() throws(IndelibleError) {
        try self.board.flush()
        try self.payloads.sync()
        let remembered = self.checker.remembered
        guard remembered != self.savedChecker else { return }
        try self.files.replaceDurably(Self.sealsPath(self.directory), with: remembered)
        self.savedChecker = remembered
    }

    // MARK: What time tells

    /// The log has answered.
    package func reached() { self.conditions.reached() }

    /// The log has not answered, or the connection to it has ended.
    package func failed() { self.conditions.failed(at: SystemClock.wallNanoseconds) }

    /// Reports what was awaited too long, and what is no more.
    ///
    /// - Parameter now: Nanoseconds since the Unix epoch.
    package func tick(at now: UInt64) {
        for finding in self.checker.overdue(at: now) { self.report(finding) }
        // Nobody waits here: it is tried again a second later.
        try? self.board.flush()
        // Nothing is heard of a log that is away.
        let silent = self.conditions.isAway ? [] : self.checker.sources.silences(at: now)
        self.board.set(self.conditions.current(at: now) + silent, of: self.key.name, by: "follow")
        self.metrics.show(self.checker)
    }

    // MARK: What others were shown

    /// The largest verified checkpoint, as the log signed it.
    package var seen: [UInt8]? { self.follower.verified?.bytes }

    /// The first proof that the log forked.
    package var evidence: [UInt8]? { self.shelf.first }

    /// The root that the entries gave at a size.
    ///
    /// - Returns: `nil` beyond what was verified.
    package func verifiedRoot(at size: UInt64) throws(IndelibleError) -> Digest? {
        size <= self.follower.verifiedSize ? try self.follower.root(size: size) : nil
    }

    /// Compares a checkpoint that somebody else was shown.
    ///
    /// - Returns: `nil` when it is of the same history, or too large to tell.
    /// - Throws: as ``SignedCheckpoint/init(parsing:signedBy:)`` for what the log did not sign; what the disk throws.
    package func evidence(against note: [UInt8]) throws(IndelibleError) -> ForkEvidence? {
        try self.follower.evidence(against: SignedCheckpoint(parsing: note, signedBy: self.key))
    }

    /// Keeps the proof of a fork and reports it; a log forks once, what follows says no more.
    ///
    /// - Parameter index: The first entry that differs, if it is known.
    /// - Throws: as ``ForkEvidence/verify(by:)`` for what proves nothing; what the disk throws.
    package func report(_ evidence: ForkEvidence, index: UInt64?) throws(IndelibleError) {
        guard self.shelf.first == nil else { return }
        try evidence.verify(by: [self.key])
        let path = try self.shelf.keep(evidence)
        self.report(evidence.finding(index: index, path: path))
    }

    /// What the entries say about a checkpoint of `size`, after waiting a little for them.
    package func view(at size: UInt64, waiting limit: Duration) async -> WitnessedLog.OwnView {
        await self.reach(size, waiting: limit)
        do throws(IndelibleError) {
            guard let root = try self.follower.root(size: size) else { return .behind }
            return .root(root)
        } catch {
            return .behind
        }
    }

    /// Returns when `size` entries were read, `limit` is over, or the task is cancelled.
    package func reach(_ size: UInt64, waiting limit: Duration) async {
        guard self.follower.next < size, self.waiters.count < Self.waiterCountMax else { return }
        self.waiterSerial += 1
        let serial = self.waiterSerial
        let timer = Task {
            try? await Task.sleep(for: limit)
            self.expire(serial)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A cancellation that came before finds nobody to wake.
                guard !Task.isCancelled else { return continuation.resume() }
                self.waiters[serial] = (size, continuation)
            }
        } onCancel: {
            Task { await self.expire(serial) }
        }
        timer.cancel()
    }

    private func wake() {
        for (serial, waiter) in self.waiters where waiter.size <= self.follower.next {
            self.waiters[serial] = nil
            waiter.continuation.resume()
        }
    }

    private func expire(_ serial: Int) {
        self.waiters.removeValue(forKey: serial)?.continuation.resume()
    }

    /// Where the entries of a batch stand.
    ///
    /// - Returns: `nil` for a batch without entries.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when entries are missing between them: nothing was filtered.
    func ranges(of payload: [UInt8]) throws(IndelibleError) -> [Range<Int>]? {
        try self.batch.read(payload.span)
        guard let first = self.batch.items.first?.index else { return nil }
        for (position, item) in self.batch.items.enumerated() where item.index != first + UInt64(position) {
            throw IndelibleError(.dataLoss, "The ledger left out entry \(first + UInt64(position)).")
        }
        return self.batch.items.map(\.entry)
    }

    func report(_ finding: Finding) { self.board.report(finding, of: self.key.name) }

    private static func evidencePath(_ directory: String) -> String { "\(directory)/evidence" }
    private static func sealsPath(_ directory: String) -> String { "\(directory)/seals" }
}
