internal import AuditModel
package import Primitives
internal import TransparencyLog

/// Looks at what the entries of a whole log say while it is verified once: seals, keys and verdicts.
///
/// It is ``EntryChecker`` without what only time tells. Events, most of what there is, are told apart by a few bytes.
package struct EntryAudit: Sendable {
    /// What was looked at.
    package struct Coverage: Equatable, Sendable {
        package let sealCount: UInt64
        /// Seals of collectors that nobody vouches for: what they seal was checked, not whose they are.
        package let strangerCount: UInt64
        package let verdictCount: UInt64
        /// Verdicts bound to their entries; the others are about entries too far back.
        package let boundVerdictCount: UInt64
    }

    private var checker: EntryChecker
    private var leaves = LeafWindow()
    private let readAt: UInt64
    private var first: Finding?

    /// - Parameters:
    ///   - seals: Knows whose seals count.
    ///   - verdicts: Knows whose model records count.
    ///   - now: Nanoseconds since the Unix epoch.
    package init(seals: SealChecker, verdicts: VerdictChecker, now: UInt64) {
        self.checker = EntryChecker(seals: seals, verdicts: verdicts)
        self.readAt = now
    }

    package var coverage: Coverage {
        Coverage(
            sealCount: self.checker.seals.verifiedCount + self.checker.seals.strangerCount,
            strangerCount: self.checker.seals.strangerCount,
            verdictCount: self.checker.verdicts.seenCount,
            boundVerdictCount: self.checker.verdicts.boundCount,
        )
    }

    /// Looks at the next entries.
    ///
    /// - Parameters:
    ///   - entries: Where each stands in `bytes`.
    ///   - hashes: Their leaf hashes, 32 bytes each.
    /// - Throws: ``IndelibleError/Code/internal`` when libcrypto fails.
    package mutating func take(
        _ entries: some RandomAccessCollection<Range<Int>>,
        of bytes: Span<UInt8>,
        hashes: [UInt8],
    ) throws(IndelibleError) {
        var index = self.leaves.size
        self.leaves.append(hashes)
        for entry in entries {
            if !EntryScan.startsAsEvent(bytes.extracting(entry)) { try self.check(entry, of: bytes, at: index) }
            index += 1
        }
    }

    /// Looks at the next entries, as they stand in a bundle.
    mutating func take(
        _ places: EntryBundle.Places,
        count: Int,
        of bytes: Span<UInt8>,
        hashes: [UInt8],
    ) throws(IndelibleError) {
        var index = self.leaves.size
        self.leaves.append(hashes)
        for position in 0..<count {
            let start = Int(places.offsets[position])
            let entry = start..<start + Int(places.lengths[position])
            if !EntryScan.startsAsEvent(bytes.extracting(entry)) { try self.check(entry, of: bytes, at: index) }
            index += 1
        }
    }

    private mutating func check(_ entry: Range<Int>, of bytes: Span<UInt8>, at index: UInt64) throws(IndelibleError) {
        let leaves = self.leaves
        let findings = try self.checker.check([entry], of: bytes, first: index, now: self.readAt) {
            (from, count) throws(IndelibleError) in try leaves.leaves(from: from, count: count)
        }
        // What may pass is for whoever follows the log.
        self.first = self.first ?? findings.first { $0.kind.isIntegrity }
    }

    /// What is wrong first, once all entries were shown.
    package mutating func finding() -> Finding? {
        let overdue = self.checker.overdue(at: self.readAt + SealChecker.patienceNanoseconds)
        let unknown = overdue.first { $0.kind.isIntegrity }
        return [self.first, unknown].compactMap(\.self).min { $0.index ?? 0 < $1.index ?? 0 }
    }
}
