package import Primitives
import ServiceKit
import Wire
import ServiceProtocol
package import TransparencyLog
package import VerifierCore

/// Reading all of it again.
extension LogWatch {
    /// Compares a batch with what it was the first time.
    ///
    /// - Parameter next: the index that the batch must start at.
    /// - Returns: the index to go on from, and what was not as the first time.
    package func reread(
        _ payload: [UInt8],
        at next: UInt64,
    ) throws(IndelibleError) -> (next: UInt64, finding: Finding.Kind?) {
        guard let ranges = try self.ranges(of: payload), let first = self.batch.items.first?.index else {
            return (next, nil)
        }
        guard first == next else {
            throw IndelibleError(.dataLoss, "The ledger left out entry \(next).")
        }
        return (next + UInt64(ranges.count), try self.reread(ranges, of: payload, first: first))
    }

    /// Compares entries with what they were the first time.
    ///
    /// - Parameters:
    ///   - ranges: where each entry's bytes stand in `payload`.
    ///   - payload: less than 4 GiB.
    ///   - first: index of the first.
    /// - Returns: what was found, and is reported.
    package func reread(
        _ ranges: [Range<Int>],
        of payload: [UInt8],
        first: UInt64,
    ) throws(IndelibleError) -> Finding.Kind? {
        let finding = try self.follower.reread(ranges, of: payload.span, first: first)
        if let finding { self.report(finding) }
        // In this order: what the rescan has passed is not read again.
        try self.board.flush()
        let substance = ranges.lastIndex { RescanState.isSubstance(payload.span.extracting($0)) }
        let next = first + UInt64(ranges.count)
        try self.rescan.advance(to: next, substance: substance.map { first + UInt64($0) + 1 }, same: finding == nil)
        self.metrics.rescannedSize.set(next)
        self.metrics.rescannedEntries.add(UInt64(ranges.count))
        return finding?.kind
    }

    /// Compares a tile of hashes with what the entries gave.
    ///
    /// - Parameter bytes: `nil` when there is no such file.
    /// - Returns: what was found, and is reported.
    package func compare(_ tile: TilePath, _ bytes: [UInt8]?) throws(IndelibleError) -> Finding.Kind? {
        guard let finding = try self.follower.compare(tile, bytes) else { return nil }
        self.report(finding)
        return finding.kind
    }

    /// Asks for a reading of the whole log now.
    package func wantRescan() { self.rescan.want() }

    /// Whether it is time: asked for, interrupted, or `seconds` after the last one.
    package func isRescanDue(every seconds: Double) -> Bool { self.rescan.isDue(every: seconds) }

    /// Begins a reading, or goes on with the one that a restart has interrupted.
    ///
    /// - Returns: the entries to compare.
    package func beginRescan() throws(IndelibleError) -> Range<UInt64> {
        let range = try self.rescan.begin(size: self.follower.verifiedSize)
        // What is kept beside the log is read again with it.
        if range.lowerBound == 0 { try self.payloads.startOver() }
        self.metrics.rescanTargetSize.set(range.upperBound)
        self.metrics.rescannedSize.set(range.lowerBound)
        return range
    }

    /// Ends a reading, puts it on record, and starts to wait for the next.
    ///
    /// - Parameter finding: `nil` when every entry was as the first time.
    package func endRescan(_ finding: Finding.Kind?) async throws(IndelibleError) {
        guard let run = self.rescan.state.run else { return }
        let failed = finding != nil || run.differingCount > 0
        try self.board.flush()
        let isDue = self.rescan.finish(failed: failed)
        if let recorder, let root = try self.follower.root(size: run.size) {
            let result = failed ? finding ?? .payloadAltered : nil
            let isDone = await recorder.record(
                origin: self.key.name,
                size: run.size,
                root: root,
                result: result?.rawValue ?? "verified",
                isDue: isDue,
                to: "\(self.directory)/verification.json",
            )
            if isDone { self.rescan.recorded(failed: failed) }
        }
        try self.rescan.end()
        self.metrics.rescanTargetSize.set(0)
        self.metrics.rescanFinishedSeconds.set(self.rescan.state.finishedSeconds)
        self.metrics.rescanFinishedSize.set(self.rescan.state.finishedSize)
        if !failed { self.metrics.rescans.add() }
    }
}
