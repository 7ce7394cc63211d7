internal import Cryptography
package import MerkleTree
package import Primitives
internal import Storage

/// Reads what is durable, from any thread, beside everything else.
///
/// Each call sees one state of the log. Entries come from memory, else from the journal's files or the sealed segments, by
/// reading and never by mapping, so that a bad disk is an error and not a signal.
package final class LogReader: Sendable {
    /// Attempts to read entries that move from the journal into a segment meanwhile.
    private static let attemptCountMax = 4

    private let view: SharedView
    private let cache: SegmentCache
    private let identity: LogIdentity
    private let fingerprint: EventFingerprint
    private let edges = TreeEdgeCache()

    init(view: SharedView, cache: SegmentCache, identity: LogIdentity) {
        self.view = view
        self.cache = cache
        self.identity = identity
        self.fingerprint = EventFingerprint(salt: identity.salt)
    }

    /// Entries that are durable.
    package var size: UInt64 { self.view.size }

    /// The durable size, the root of that tree, and when it became durable in nanoseconds since the Unix epoch.
    package var head: (size: UInt64, root: Digest, time: UInt64) {
        let view = self.view.current
        return (view.size, view.root, view.time)
    }

    /// Entries in sealed segments.
    package var sealedSize: UInt64 { self.view.current.sealedSize }

    // MARK: Entries

    /// Some of the entries from `from` on: at least one, at most up to `to`, and not many more bytes than asked for.
    ///
    /// - Parameters:
    ///   - from: Index of the first entry.
    ///   - to: Index after the last, or anything larger.
    ///   - byteCountMax: Bytes to stop at; a single larger entry is given all the same.
    /// - Returns: The entries; `nil` when `from` is not durable yet or not below `to`.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when the disk gives back something else than was written.
    package func entries(
        from: UInt64,
        to: UInt64 = UInt64.max,
        byteCountMax: Int = 1 << 20,
    ) throws(IndelibleError) -> EntryRun? {
        for _ in 1..<Self.attemptCountMax {
            let view = self.view.current
            guard from < min(to, view.size) else { return nil }
            if from < view.sealedSize { return try self.sealed(from, to, byteCountMax) }
            do throws(IndelibleError) {
                return try self.unsealed(view, from, min(to, view.size), byteCountMax)
            } catch  where error.code == .aborted { continue }
        }
        throw IndelibleError(.unavailable, "The entries moved while they were read. Read again.")
    }

    /// One entry's bytes, which are what its leaf hash is of.
    ///
    /// - Throws: ``IndelibleError/Code/outOfRange`` when it is not durable.
    package func entry(_ index: UInt64) throws(IndelibleError) -> [UInt8] {
        guard let run = try self.entries(from: index, to: index + 1, byteCountMax: 1) else { throw Self.beyond(index) }
        return Array(run.bytes.dropFirst(2))
    }

    private func sealed(_ from: UInt64, _ to: UInt64, _ byteCountMax: Int) throws(IndelibleError) -> EntryRun {
        let capacity = UInt64(self.identity.segmentEntryCount)
        let segment = try self.cache.segment(Int(from / capacity))
        let entry = Int(from % capacity)
        let bundle = try segment.bundle(holding: entry)
        let intact = bundle.first + bundle.intactCount
        guard entry < intact else { throw try self.damaged(segment, intact) }
        guard let start = BundleBytes.offset(after: entry - bundle.first, in: bundle.bytes) else {
            throw segment.damaged("the bundle of entry \(from)")
        }
        let limit = min(UInt64(intact), to - segment.first)
        var end = start
        var count = 0
        while entry + count < Int(limit), count == 0 || end - start < byteCountMax {
            guard let next = BundleBytes.offset(after: 1, in: bundle.bytes, from: end),
                count == 0 || next - start <= byteCountMax
            else { break }
            end = next
            count += 1
        }
        guard count > 0 else { throw segment.damaged("the bundle of entry \(from)") }
        return EntryRun(
            first: from,
            bytes: end - start == bundle.bytes.count ? bundle.bytes : Array(bundle.bytes[start..<end]),
            kinds: try segment.kinds(entry..<entry + count),
            slots: try segment.slots(entry..<entry + count),
        )
    }

    private func damaged(_ segment: SegmentFile, _ entry: Int) throws(IndelibleError) -> IndelibleError {
        segment.damaged("entry \(segment.first + UInt64(entry))")
    }

    private func unsealed(
        _ view: LogView,
        _ from: UInt64,
        _ to: UInt64,
        _ byteCountMax: Int,
    ) throws(IndelibleError) -> EntryRun {
        guard let segment = view.tailSegment(from) else { throw Self.beyond(from) }
        let entry = Int(from - segment.first)
        let limit = Int(min(to, segment.end) - segment.first)
        let start = segment.position(entry)
        // The last entry whose end is within the bytes asked for.
        var low = entry + 1
        var high = limit
        while low < high {
            let middle = (low + high + 1) / 2
            if segment.position(middle) - start <= UInt64(byteCountMax) { low = middle } else { high = middle - 1 }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(segment.position(low) - start))
        try unsafe TailReader(view: view).visit(segment, entry..<low) { unsafe bytes.append(contentsOf: $0) }
        return EntryRun(
            first: from,
            bytes: bytes,
            kinds: (entry..<low).map { segment.kind($0) },
            slots: segment.slotBytes(entry..<low),
        )
    }

    /// The entry bundle at a position (C2SP tlog-tiles), for any size ever reached.
    ///
    /// - Parameters:
    ///   - index: Zero-based position among bundles.
    ///   - width: 1 to 256 entries.
    /// - Returns: The bytes as served.
    /// - Throws: ``IndelibleError/Code/outOfRange`` when the log is not that long.
    package func bundle(_ index: UInt64, width: Int) throws(IndelibleError) -> [UInt8] {
        let range = try self.range(index, width: width, level: 0)
        var bytes: [UInt8] = []
        var next = range.lowerBound
        while next < range.upperBound {
            guard let run = try self.entries(from: next, to: range.upperBound, byteCountMax: Int.max) else {
                throw Self.beyond(next)
            }
            if bytes.isEmpty { bytes = run.bytes } else { bytes += run.bytes }
            next = run.end
        }
        return bytes
    }

    // MARK: Hashes

    /// The hash tile at a position (C2SP tlog-tiles), for any size ever reached.
    ///
    /// - Parameters:
    ///   - level: 0 to 63.
    ///   - index: Zero-based position among the level's tiles.
    ///   - width: 1 to 256 hashes.
    /// - Returns: 32 bytes for each hash.
    /// - Throws: ``IndelibleError/Code/outOfRange`` when the log is not that long.
    package func tile(level: Int, _ index: UInt64, width: Int) throws(IndelibleError) -> [UInt8] {
        let range = try self.range(index, width: width, level: level)
        if level == 0 { return try self.leafHashes(range) }
        let tree = self.tree
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * Digest.byteCount)
        for position in range {
            bytes += try tree.hash(level: UInt8(level * SegmentLayout.tileHeight), index: position).bytes
        }
        return bytes
    }

    /// Leaf hashes, 32 bytes each.
    ///
    /// - Throws: ``IndelibleError/Code/outOfRange`` when some are not durable.
    package func leafHashes(_ indexes: Range<UInt64>) throws(IndelibleError) -> [UInt8] {
        let view = self.view.current
        guard indexes.upperBound <= view.size else { throw Self.beyond(indexes.upperBound - 1) }
        let capacity = UInt64(self.identity.segmentEntryCount)
        var bytes: [UInt8] = []
        var next = indexes.lowerBound
        while next < indexes.upperBound {
            let first = next / capacity * capacity
            let end = min(indexes.upperBound, first + capacity)
            let entries = Int(next - first)..<Int(end - first)
            let part =
                if let segment = view.tailSegment(next) {
                    segment.hashBytes(level: 0, entries)
                } else {
                    try self.cache.segment(Int(first / capacity)).leaves(entries)
                }
            if bytes.isEmpty { bytes = part } else { bytes += part }
            next = end
        }
        return bytes
    }

    /// The hash of one leaf.
    ///
    /// - Throws: ``IndelibleError/Code/outOfRange`` when it is not durable.
    package func leafHash(_ index: UInt64) throws(IndelibleError) -> Digest {
        guard let hash = Digest(try self.leafHashes(index..<index + 1)) else { throw Self.beyond(index) }
        return hash
    }

    /// The hashes of the tree as it is now; for many proofs of one moment, on one thread.
    package var tree: some NodeSource {
        LogTree(self.view.current, self.cache, self.edges, segmentEntryCount: self.identity.segmentEntryCount)
    }

    /// The root of the tree when it had `size` entries.
    ///
    /// - Throws: ``IndelibleError/Code/outOfRange`` when it never had.
    package func root(size: UInt64) throws(IndelibleError) -> Digest {
        try self.tree(of: size).root(size: size)
    }

    /// As ``MerkleTree/NodeSource/inclusionProof(index:size:)``, for sizes up to the durable one.
    package func inclusionProof(_ index: UInt64, size: UInt64) throws(IndelibleError) -> InclusionProof {
        try self.tree(of: size).inclusionProof(index: index, size: size)
    }

    /// A leaf's hash and its proof, which for a sealed entry are computed from the same few leaves.
    package func provenLeaf(
        _ index: UInt64,
        size: UInt64,
    ) throws(IndelibleError) -> (leafHash: Digest, proof: InclusionProof) {
        let tree = try self.tree(of: size)
        let proof = try tree.inclusionProof(index: index, size: size)
        return (try tree.hash(level: 0, index: index), proof)
    }

    /// As ``MerkleTree/NodeSource/consistencyProof(from:to:)``, for sizes up to the durable one.
    package func consistencyProof(from oldSize: UInt64, to size: UInt64) throws(IndelibleError) -> ConsistencyProof {
        try self.tree(of: size).consistencyProof(from: oldSize, to: size)
    }

    /// As ``MerkleTree/NodeSource/rangeProof(of:size:)``, for sizes up to the durable one.
    package func rangeProof(_ leaves: Range<UInt64>, size: UInt64) throws(IndelibleError) -> RangeProof {
        try self.tree(of: size).rangeProof(of: leaves, size: size)
    }

    // MARK: Event ids

    /// The newest entry with an event id.
    ///
    /// - Parameters:
    ///   - eventID: 16 bytes.
    ///   - matches: Whether an entry has that id; asked for a handful of candidates.
    /// - Returns: Its index; `nil` when there is none.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for another number of bytes.
    package func find(_ eventID: [UInt8], matches: ([UInt8]) -> Bool) throws(IndelibleError) -> UInt64? {
        guard eventID.count == EventFingerprint.idByteCount else {
            throw IndelibleError(.invalidArgument, "An event's id has 16 bytes, this one has \(eventID.count).")
        }
        let wanted = self.fingerprint.hash(eventID)
        let view = self.view.current
        for segment in view.tail.reversed() where segment.first < view.size {
            for entry in stride(from: Int(min(segment.end, view.size) - segment.first) - 1, through: 0, by: -1)
            where segment.fingerprint(entry) == wanted {
                let index = segment.first + UInt64(entry)
                if matches(try self.entry(index)) { return index }
            }
        }
        for number in stride(from: Int(view.sealedSize) / self.identity.segmentEntryCount - 1, through: 0, by: -1) {
            let segment = try self.cache.segment(number)
            for entry in try segment.positions(of: wanted).reversed() {
                let index = segment.first + UInt64(entry)
                if matches(try self.entry(index)) { return index }
            }
        }
        return nil
    }

    /// The hashes of the tree as it is now, when that has `size` entries or more.
    private func tree(of size: UInt64) throws(IndelibleError) -> LogTree {
        let view = self.view.current
        guard size <= view.size else { throw Self.beyond(size - 1) }
        return LogTree(view, self.cache, self.edges, segmentEntryCount: self.identity.segmentEntryCount)
    }

    private func range(_ index: UInt64, width: Int, level: Int) throws(IndelibleError) -> Range<UInt64> {
        guard (1...SegmentLayout.bundleEntryCount).contains(width), (0...63).contains(level) else {
            throw IndelibleError(.invalidArgument, "A tile has 1 to 256 hashes and a level of 0 to 63.")
        }
        let shift = SegmentLayout.tileHeight * level
        let complete = shift < UInt64.bitWidth ? self.size >> UInt64(shift) : 0
        let (first, overflow) = index.multipliedReportingOverflow(by: UInt64(SegmentLayout.bundleEntryCount))
        guard !overflow, first < complete, UInt64(width) <= complete - first else {
            throw IndelibleError(
                .outOfRange,
                "The log does not reach to tile \(index) of level \(level) with \(width) hashes.",
            )
        }
        return first..<first + UInt64(width)
    }

    private static func beyond(_ index: UInt64) -> IndelibleError {
        IndelibleError(.outOfRange, "The log has no entry \(index) yet. Ask for one below its size.")
    }
}
