import AuditModel
package import Primitives
import ServiceKit
import ServiceProtocol
package import Storage
package import TransparencyLog
package import VerifierCore
import Wire

/// What this verifier knows of the log that it follows; all its readers and askers meet here.
package actor LogWatch {
    /// Findings kept; the first ones say it all.
    private static let findingCountMax = 1000
    /// Askers that wait for entries at the same time.
    private static let waiterCountMax = 1024
    private static let sealsByteCountMax = 16 << 20

    private let key: VerifierKey
    private let files: any FileSystem
    private let directory: String
    private let metrics: VerifierMetrics
    private let board: FindingBoard
    private var follower: LogFollower
    private var seals: SealChecker
    private var savedSeals: [UInt8] = []
    private var batch = EntryBatchView()
    private var waiters: [Int: (size: UInt64, continuation: CheckedContinuation<Void, Never>)] = [:]
    private var waiterSerial = 0
    private var isContradicted = false

    /// - Parameter directory: in `files`, of this log alone.
    package init(
        key: VerifierKey,
        seals: SealChecker,
        files: any FileSystem,
        directory: String,
        metrics: VerifierMetrics,
        board: FindingBoard,
    ) throws(IndelibleError) {
        self.key = key
        self.files = files
        self.directory = directory
        self.metrics = metrics
        self.board = board
        self.follower = try LogFollower(key: key, files: files, directory: directory)
        self.seals = seals
        if let stored = try files.readAll(Self.sealsPath(directory), byteCountMax: Self.sealsByteCountMax) {
            try self.seals.restore(stored)
            self.savedSeals = stored
        }
        metrics.verifiedSize.set(self.follower.verifiedSize)
        metrics.readSize.set(self.follower.next)
    }

    package var next: UInt64 { self.follower.next }
    package var verifiedSize: UInt64 { self.follower.verifiedSize }

    /// Forgets what no checkpoint has covered, to read it again.
    package func rewind() throws(IndelibleError) {
        self.follower.close()
        self.follower = try LogFollower(key: self.key, files: self.files, directory: self.directory)
    }

    /// Takes in a batch of entries as the ledger sent it.
    package func read(_ payload: [UInt8]) throws(IndelibleError) {
        guard let ranges = try self.ranges(of: payload), let first = self.batch.items.first?.index else { return }
        try self.follower.read(ranges, of: payload.span, first: first)
        let follower = self.follower
        for (position, range) in ranges.enumerated() {
            let finding = try self.seals.check(
                payload.span.extracting(range),
                at: first + UInt64(position),
            ) { from, count throws(IndelibleError) in try follower.leaves(from: from, count: count) }
            if let finding { self.board.report(finding) }
        }
        self.metrics.entries.add(UInt64(ranges.count))
        self.metrics.bytes.add(UInt64(ranges.reduce(0) { $0 + $1.count }))
        self.metrics.readSize.set(self.follower.next)
        self.metrics.sealsVerified.set(self.seals.verifiedCount)
        self.metrics.sealsOfStrangers.set(self.seals.strangerCount)
        self.wake()
    }

    /// Compares a batch with what it was the first time.
    ///
    /// - Parameter next: the index that the batch must start at.
    /// - Returns: the index to go on from, and whether all was as the first time.
    package func reread(_ payload: [UInt8], at next: UInt64) throws(IndelibleError) -> (next: UInt64, same: Bool) {
        guard let ranges = try self.ranges(of: payload), let first = self.batch.items.first?.index else {
            return (next, true)
        }
        guard first == next else {
            throw IndelibleError(.dataLoss, "The ledger left out entry \(next).")
        }
        let finding = try self.follower.reread(ranges, of: payload.span, first: first)
        if let finding { self.board.report(finding) }
        return (next + UInt64(ranges.count), finding == nil)
    }

    /// Reports that the ledger's log ends before an entry that was read.
    package func reportMissing(_ index: UInt64) throws(IndelibleError) {
        let expected = try self.follower.leaf(index).hex
        self.board.report(Finding(.missing, index: index, expected: expected, found: "the end of the log"))
    }

    /// Reports an entry that the ledger cannot read, or leaves out.
    ///
    /// - Parameter reason: the ledger's own words, or ours when it gave none.
    package func reportUnreadable(_ index: UInt64, _ reason: IndelibleError) throws(IndelibleError) {
        let kind: Finding.Kind = reason.remoteFailure == nil ? .missing : .entry
        let expected = index < self.follower.next ? try self.follower.leaf(index).hex : nil
        self.board.report(Finding(kind, index: index, expected: expected, found: reason.message))
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
        let remembered = self.seals.remembered
        if remembered != self.savedSeals {
            // Before the checkpoint: a chain that is ahead of it is known to be so by its index.
            try self.files.replaceDurably(Self.sealsPath(self.directory), with: remembered)
            self.savedSeals = remembered
        }
        switch try self.follower.check(note) {
        case .behind: return nil
        case .verified:
            self.isContradicted = false
            self.metrics.verifiedSize.set(self.follower.verifiedSize)
            return true
        case .finding(let finding):
            self.board.report(finding)
            return false
        }
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
    private func ranges(of payload: [UInt8]) throws(IndelibleError) -> [Range<Int>]? {
        try self.batch.read(payload.span)
        guard let first = self.batch.items.first?.index else { return nil }
        for (position, item) in self.batch.items.enumerated() where item.index != first + UInt64(position) {
            throw IndelibleError(.dataLoss, "The ledger left out entry \(first + UInt64(position)).")
        }
        return self.batch.items.map(\.entry)
    }

    private static func sealsPath(_ directory: String) -> String { "\(directory)/seals" }
}
