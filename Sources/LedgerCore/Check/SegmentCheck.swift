internal import Cryptography
internal import Primitives
internal import Storage

/// Checks one sealed segment, entry by entry.
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
            let segment = try SegmentFile(self.number, files: self.files, identity: self.identity)
            summary.segmentCount += 1
            self.checkRegions(segment, note)
            try self.checkEntries(segment, &summary, note)
            try self.checkTree(segment, note)
            return segment.manifest.root
        } catch {
            let kind: LogFinding.Kind = error.code == .dataLoss ? .manifest : .unreadable
            note(LogFinding(kind, self.path, index: self.first, expected: "an intact segment", found: error.message))
            return nil
        }
    }

    private func checkRegions(_ segment: SegmentFile, _ note: (LogFinding) -> Void) {
        for kind in SegmentRegion.Kind.allCases where kind != .data {
            do throws(IndelibleError) { try segment.check(kind) } catch {
                note(
                    LogFinding(
                        .region,
                        self.path,
                        index: self.first,
                        expected: "region \(kind) as written",
                        found: error.message,
                    )
                )
            }
        }
    }

    /// Every entry's bytes against its leaf hash; the first that differs in a bundle is named.
    private func checkEntries(
        _ segment: SegmentFile,
        _ summary: inout LogCheckSummary,
        _ note: (LogFinding) -> Void,
    ) throws(IndelibleError) {
        var entry = 0
        while entry < segment.capacity {
            let count = min(SegmentLayout.bundleEntryCount, segment.capacity)
            let recorded = try segment.leaves(entry..<entry + count)
            let bytes = try segment.uncheckedBundle(holding: entry)
            let found = self.hashes(bytes, count: count)
            for position in 0..<count {
                let range = Digest.byteCount * position..<Digest.byteCount * (position + 1)
                let expected = Hex.encode(Array(recorded[range]))
                let actual = found.map { Hex.encode(Array($0[range])) } ?? "no entry of that length"
                if actual == expected {
                    summary.entryCount += 1
                    continue
                }
                let index = self.first + UInt64(entry + position)
                note(LogFinding(.entry, self.path, index: index, expected: expected, found: actual))
                if found == nil { break }
            }
            entry += count
        }
    }

    /// Leaf hashes of a bundle; `nil` when its lengths do not add up.
    private func hashes(_ bundle: [UInt8], count: Int) -> [UInt8]? {
        var offsets: [UInt32] = []
        var byteCounts: [UInt32] = []
        var position = 0
        for _ in 0..<count {
            guard let next = BundleBytes.offset(after: 1, in: bundle, from: position) else { return nil }
            offsets.append(UInt32(position + 2))
            byteCounts.append(UInt32(next - position - 2))
            position = next
        }
        guard position == bundle.count else { return nil }
        return unsafe [UInt8](unsafeUninitializedCapacity: count * Digest.byteCount) { out, initialized in
            guard let base = out.baseAddress else { return }
            unsafe self.kernel.leafHashes(base: bundle, offsets: offsets, lengths: byteCounts, count: count, out: base)
            initialized = count * Digest.byteCount
        }
    }

    private func checkTree(_ segment: SegmentFile, _ note: (LogFinding) -> Void) throws(IndelibleError) {
        var row = try segment.leaves(0..<segment.capacity)
        let tileLevel = min(SegmentLayout.tileHeight, segment.height)
        for level in 0..<segment.height {
            if level == tileLevel { try self.checkTileRoots(segment, row, note) }
            row = SegmentHashes.parents(row, self.kernel)
        }
        if tileLevel == segment.height { try self.checkTileRoots(segment, row, note) }
        let root = segment.manifest.root
        guard row != root.bytes else { return }
        note(LogFinding(.tree, self.path, index: self.first, expected: root.hex, found: Hex.encode(row)))
    }

    private func checkTileRoots(
        _ segment: SegmentFile,
        _ row: [UInt8],
        _ note: (LogFinding) -> Void,
    ) throws(IndelibleError) {
        let recorded = try segment.tileRoots(0..<row.count / Digest.byteCount)
        for start in stride(from: 0, to: row.count, by: Digest.byteCount) {
            let range = start..<start + Digest.byteCount
            guard recorded[range] != row[range] else { continue }
            let tile = start / Digest.byteCount
            note(
                LogFinding(
                    .tree,
                    self.path,
                    index: self.first + UInt64(tile * SegmentLayout.bundleEntryCount),
                    expected: Hex.encode(Array(row[range])),
                    found: Hex.encode(Array(recorded[range])),
                )
            )
        }
    }
}
