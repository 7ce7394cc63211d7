internal import Cryptography
internal import Primitives

/// A segment that is not sealed yet: where its entries are, what is known of each, and every hash of its tree.
///
/// The stage writes what belongs to an entry when it assigns the index, the committer writes hashes above the leaves, both
/// before the entry is published as durable; after that nothing of the entry changes, and anybody may read it.
final class TailSegment: Sendable {
    /// Bytes of memory for each entry: two hashes, address, position, fingerprint, kind and slot.
    private static let perEntryByteCount = 2 * Digest.byteCount + 8 + 8 + 4 + 2 + 1

    /// Index of the first entry.
    let first: UInt64
    /// Entries when full; a power of two.
    let capacity: Int
    private let memory: AlignedMemory

    static func byteCount(capacity: Int) -> Int { capacity * Self.perEntryByteCount + 8 }

    init(first: UInt64, capacity: Int, memory: AlignedMemory) {
        self.first = first
        self.capacity = capacity
        self.memory = memory
        self.memory.store(UInt64(0), at: self.positions)
    }

    var end: UInt64 { self.first + UInt64(self.capacity) }

    /// Height of the tree over a full segment.
    var height: Int { self.capacity.trailingZeroBitCount }

    // MARK: Lanes

    private var addresses: Int { 2 * Digest.byteCount * self.capacity }
    /// One more than there are entries: an entry's end is the next one's start.
    private var positions: Int { self.addresses + 8 * self.capacity }
    private var fingerprints: Int { self.positions + 8 * (self.capacity + 1) }
    private var kinds: Int { self.fingerprints + 4 * self.capacity }
    private var slots: Int { self.kinds + 2 * self.capacity }

    /// Notes an entry; entries come in order.
    @inline(__always)
    func put(_ entry: Int, address: JournalAddress, byteCount: Int, fingerprint: UInt32, kind: UInt16, slot: UInt8) {
        self.memory.store(address.packed, at: self.addresses + 8 * entry)
        self.memory.store(self.position(entry) + UInt64(byteCount + 2), at: self.positions + 8 * (entry + 1))
        self.memory.store(fingerprint, at: self.fingerprints + 4 * entry)
        self.memory.store(kind, at: self.kinds + 2 * entry)
        self.memory.store(slot, at: self.slots + entry)
    }

    func address(_ entry: Int) -> JournalAddress {
        JournalAddress(packed: self.memory.load(UInt64.self, at: self.addresses + 8 * entry))
    }

    /// Bytes of all entries before this one in bundle form; also for one past the last.
    func position(_ entry: Int) -> UInt64 { self.memory.load(UInt64.self, at: self.positions + 8 * entry) }

    /// Bytes of an entry without its length prefix.
    func byteCount(_ entry: Int) -> Int { Int(self.position(entry + 1) - self.position(entry)) - 2 }

    func fingerprint(_ entry: Int) -> UInt32 { self.memory.load(UInt32.self, at: self.fingerprints + 4 * entry) }
    func kind(_ entry: Int) -> UInt16 { self.memory.load(UInt16.self, at: self.kinds + 2 * entry) }
    func slot(_ entry: Int) -> UInt8 { self.memory.load(UInt8.self, at: self.slots + entry) }

    func slotBytes(_ entries: Range<Int>) -> [UInt8] {
        self.memory.array(self.slots + entries.lowerBound..<self.slots + entries.upperBound)
    }

    /// Little-endian, as on disk.
    func fingerprintBytes(_ entries: Range<Int>) -> [UInt8] {
        self.memory.array(self.fingerprints + 4 * entries.lowerBound..<self.fingerprints + 4 * entries.upperBound)
    }

    /// How many entries from `entry` on, but before `limit`, lie in the journal one right after the other.
    func neighbours(from entry: Int, limit: Int) -> Int {
        let start = self.address(entry)
        let position = self.position(entry)
        var next = entry + 1
        while next < limit, self.address(next).packed - start.packed == self.position(next) - position { next += 1 }
        return next - entry
    }

    // MARK: Hashes

    /// Where the hashes of a level start; level 0 holds the leaves, ``height`` the segment's root.
    private func row(_ level: Int) -> Int { Digest.byteCount * (2 * self.capacity - (2 * self.capacity) >> level) }

    @unsafe func leaves(from entry: Int, count: Int) -> UnsafeMutablePointer<UInt8> {
        unsafe self.hashes(level: 0, from: entry, count: count)
    }

    /// A node whose leaves are all there.
    func hash(level: Int, _ position: Int) -> Digest {
        let start = self.row(level) + Digest.byteCount * position
        return unsafe Digest(copying: UnsafeRawBufferPointer(self.memory.bytes(start..<start + Digest.byteCount)))
    }

    /// Bytes of neighbouring nodes.
    func hashBytes(level: Int, _ positions: Range<Int>) -> [UInt8] {
        let start = self.row(level)
        return self.memory.array(
            start + Digest.byteCount * positions.lowerBound..<start + Digest.byteCount * positions.upperBound
        )
    }

    /// Computes every node that became complete when the leaves grew from `old` to `new`.
    func growNodes(from old: Int, to new: Int, _ kernel: HashKernel) {
        var level = 1
        while level <= self.height {
            let (start, end) = (old >> level, new >> level)
            guard start < end else { break }
            unsafe kernel.nodeHashes(
                children: self.hashes(level: level - 1, from: 2 * start, count: 2 * (end - start)),
                count: end - start,
                out: self.hashes(level: level, from: start, count: end - start),
            )
            level += 1
        }
    }

    @unsafe private func hashes(level: Int, from position: Int, count: Int) -> UnsafeMutablePointer<UInt8> {
        let start = self.row(level) + Digest.byteCount * position
        let bytes = unsafe self.memory.bytes(start..<start + Digest.byteCount * count)
        guard let base = bytes.baseAddress else { preconditionFailure("a level of a segment has memory") }
        return unsafe base.assumingMemoryBound(to: UInt8.self)
    }
}
