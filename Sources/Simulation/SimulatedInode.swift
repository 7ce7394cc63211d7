internal import Primitives

/// The bytes of a simulated file, as programs see them and as a power cut leaves them.
final class SimulatedInode {
    /// What a disk writes whole or not at all.
    static let sectorByteCount = 512

    private(set) var cached: [UInt8] = []
    private(set) var durable: [UInt8] = []
    /// Sectors that a sync would write.
    private var dirty: Set<Int> = []
    /// Sectors that differ from the disk and that no sync will write again: what a failed sync leaves behind.
    private var lost: Set<Int> = []
    var isReadOnly = false

    /// Puts `bytes` at `offset`, but only into the sectors that `keep` lets through.
    func write(_ bytes: ArraySlice<UInt8>, at offset: Int, sectors keep: ((Int) -> Bool)? = nil) {
        if offset + bytes.count > self.cached.count { self.resize(offset + bytes.count) }
        for sector in Self.sectors(offset..<offset + bytes.count) where keep?(sector) ?? true {
            let start = max(sector * Self.sectorByteCount, offset)
            let end = min((sector + 1) * Self.sectorByteCount, offset + bytes.count)
            let from = bytes.startIndex + start - offset
            self.cached.replaceSubrange(start..<end, with: bytes[from..<from + end - start])
            self.dirty.insert(sector)
            self.lost.remove(sector)
        }
    }

    func resize(_ count: Int) {
        if count < self.cached.count {
            self.cached.removeLast(self.cached.count - count)
        } else {
            let before = self.cached.count
            self.cached.append(contentsOf: repeatElement(0, count: count - before))
            self.dirty.formUnion(Self.sectors(before..<count))
        }
    }

    func sync() {
        for sector in self.dirty { self.persist(sector) }
        self.dirty.removeAll()
        self.matchLength()
    }

    /// Some of what was dirty reaches the disk; the rest is forgotten by later syncs, though still read.
    func failSync(_ random: inout SplitMix64) {
        for sector in self.dirty.sorted() {
            if random.oneIn(2) { self.persist(sector) } else { self.lost.insert(sector) }
        }
        self.dirty.removeAll()
    }

    /// Reads come from the disk again, as after opening a file with O_DIRECT.
    func forgetLost() {
        for sector in self.lost {
            let range = Self.range(sector, in: self.cached.count)
            for position in range { self.cached[position] = position < self.durable.count ? self.durable[position] : 0 }
        }
        self.lost.removeAll()
    }

    /// Each dirty sector, and a changed length, made it or did not.
    func powerCut(_ random: inout SplitMix64) {
        for sector in self.dirty.sorted() where random.oneIn(2) { self.persist(sector) }
        if self.cached.count != self.durable.count, random.oneIn(2) { self.matchLength() }
        self.cached = self.durable
        self.dirty.removeAll()
        self.lost.removeAll()
    }

    private func persist(_ sector: Int) {
        let range = Self.range(sector, in: self.cached.count)
        if range.upperBound > self.durable.count {
            self.durable.append(contentsOf: repeatElement(0, count: range.upperBound - self.durable.count))
        }
        guard range.isEmpty == false else { return }
        self.durable.replaceSubrange(range, with: self.cached[range])
    }

    private func matchLength() {
        if self.durable.count > self.cached.count {
            self.durable.removeLast(self.durable.count - self.cached.count)
        } else {
            self.durable.append(contentsOf: repeatElement(0, count: self.cached.count - self.durable.count))
        }
    }

    private static func sectors(_ bytes: Range<Int>) -> Range<Int> {
        bytes.isEmpty
            ? 0..<0 : bytes.lowerBound / self.sectorByteCount..<(bytes.upperBound - 1) / self.sectorByteCount + 1
    }

    private static func range(_ sector: Int, in count: Int) -> Range<Int> {
        let start = min(sector * self.sectorByteCount, count)
        return start..<min(start + self.sectorByteCount, count)
    }
}
