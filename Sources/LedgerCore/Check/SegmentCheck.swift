internal import Cryptography
internal import Primitives
internal import Storage

/// Checks one sealed segment: every byte of its file, entry by entry where there are entries.
struct SegmentCheck {
    let files: any FileSystem
    let identity: LogIdentity
    let number: Int
    let kernel: HashKernel

    private var path: String { SegmentLayout.path(self.number) }
    private var first: UInt64 { UInt64(self.number * self.identity.segmentEntryCount) }

    /// - Returns: the segment's root as its manifest states it; `nil` when it cannot be read.
    func run(_ summary: inout LogCheckSummary, _ note: (LogFinding) -> Void) -> Digest? {
        do throws(IndelibleError) {
            let regions = try SegmentFile.regions(self.number, files: self.files, identity: self.identity)
            summary.segmentCount += 1
            do throws(IndelibleError) {
                let segment = try SegmentFile(self.number, files: self.files, identity: self.identity)
                try self.checkEntries(segment, &summary, note)
            } catch {
                // A table is damaged; which one is said below.
                guard error.code == .dataLoss else { throw error }
            }
            self.checkRegions(regions, note)
            return regions.manifest.root
        } catch {
            let kind: LogFinding.Kind = error.code == .dataLoss ? .manifest : .unreadable
            note(LogFinding(kind, self.path, index: self.first, expected: "an intact segment", found: error.message))
            return nil
        }
    }

    /// The tables against their checksums, and nothing but zeros between them.
    private func checkRegions(_ regions: SegmentRegions, _ note: (LogFinding) -> Void) {
        for kind in SegmentRegion.Kind.allCases where kind != .data {
            do throws(IndelibleError) { _ = try regions.checked(kind) } catch {
                self.note(.region, self.first, "region \(kind) as written", error.message, note)
            }
        }
        do throws(IndelibleError) {
            guard let offset = try regions.unusedByte() else { return }
            self.note(.region, self.first, "zeros outside regions, and no more", "others at byte \(offset)", note)
        } catch {
            self.note(.unreadable, self.first, "a readable file", error.message, note)
        }
    }

    // MARK: Entries and hashes

    /// Hashes every entry.
    ///
    /// Where entries and recorded hashes differ, the segment's root decides which of them is wrong.
    private func checkEntries(
        _ segment: SegmentFile,
        _ summary: inout LogCheckSummary,
        _ note: (LogFinding) -> Void,
    ) throws(IndelibleError) {
        let recorded = try segment.leaves(0..<segment.capacity)
        var computed: [UInt8] = []
        computed.reserveCapacity(recorded.count)
        let count = SegmentLayout.bundleEntryCount(capacity: segment.capacity)
        var torn: Set<Int> = []
        var unsummed: Set<Int> = []
        for entry in stride(from: 0, to: segment.capacity, by: count) {
            let bundle = try segment.uncheckedBundle(holding: entry)
            let (hashes, isWhole) = BundleBytes.leafHashes(bundle, count: count, self.kernel)
            computed += hashes
            if !isWhole { torn.insert(entry) }
            if !segment.checksumHolds(for: bundle, holding: entry) { unsummed.insert(entry) }
        }
        let entriesAreRight = self.root(of: computed, segment.height) == segment.manifest.root
        for entry in stride(from: 0, to: segment.capacity, by: count) {
            let bundle = Digest.byteCount * entry..<Digest.byteCount * (entry + count)
            let differing =
                computed[bundle] == recorded[bundle]
                ? [] : (entry..<entry + count).filter { Self.hash($0, computed) != Self.hash($0, recorded) }
            summary.entryCount += UInt64(count - (entriesAreRight ? 0 : differing.count))
            for position in torn.contains(entry) ? differing.prefix(1) : differing[...] {
                let actual = Hex.encode(Self.hash(position, computed))
                let record = Hex.encode(Self.hash(position, recorded))
                let index = self.first + UInt64(position)
                if entriesAreRight {
                    self.note(.tree, index, actual, record, note)
                } else {
                    self.note(.entry, index, record, actual, note)
                }
            }
            guard differing.isEmpty, unsummed.contains(entry) else { continue }
            // The entries are as they were, so it is the table of checksums that is not.
            self.note(.region, self.first + UInt64(entry), "the bundle's checksum", "another", note)
        }
        try self.checkTree(segment, over: entriesAreRight ? computed : recorded, note)
    }

    /// The tiles' roots and the segment's, as they follow from leaf hashes.
    private func checkTree(
        _ segment: SegmentFile,
        over leaves: [UInt8],
        _ note: (LogFinding) -> Void,
    ) throws(IndelibleError) {
        let tileLevel = min(SegmentLayout.tileHeight, segment.height)
        var row = leaves
        for _ in 0..<tileLevel { row = SegmentHashes.parents(row, self.kernel) }
        let recorded = try segment.tileRoots(0..<row.count / Digest.byteCount)
        for tile in 0..<row.count / Digest.byteCount where Self.hash(tile, row) != Self.hash(tile, recorded) {
            let index = self.first + UInt64(tile * SegmentLayout.bundleEntryCount)
            self.note(.tree, index, Hex.encode(Self.hash(tile, row)), Hex.encode(Self.hash(tile, recorded)), note)
        }
        let root = self.root(of: leaves, segment.height)
        guard root != segment.manifest.root else { return }
        self.note(.tree, self.first, segment.manifest.root.hex, root?.hex ?? "none", note)
    }

    private func root(of leaves: [UInt8], _ height: Int) -> Digest? {
        var row = leaves
        for _ in 0..<height { row = SegmentHashes.parents(row, self.kernel) }
        return Digest(row)
    }

    private static func hash(_ position: Int, _ hashes: [UInt8]) -> [UInt8] {
        Array(hashes[Digest.byteCount * position..<Digest.byteCount * (position + 1)])
    }

    private func note(
        _ kind: LogFinding.Kind,
        _ index: UInt64,
        _ expected: String,
        _ found: String,
        _ note: (LogFinding) -> Void,
    ) {
        note(LogFinding(kind, self.path, index: index, expected: expected, found: found))
    }
}
