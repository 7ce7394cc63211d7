internal import Cryptography
internal import Primitives
internal import Storage
internal import Synchronization

/// Opens sealed segments when they are asked for and keeps a stated number of them, and of their upper hashes.
final class SegmentCache: Sendable {
    /// Values by segment number, the least recently used dropped first.
    private struct Recent<Value> {
        let countMax: Int
        private var values: [Int: (value: Value, used: UInt64)] = [:]
        private var clock: UInt64 = 0

        init(countMax: Int) { self.countMax = countMax }

        mutating func find(_ number: Int) -> Value? {
            self.clock += 1
            guard let position = self.values.index(forKey: number) else { return nil }
            self.values.values[position].used = self.clock
            return self.values.values[position].value
        }

        mutating func put(_ number: Int, _ value: Value) {
            self.clock += 1
            if self.values.count >= self.countMax, self.values[number] == nil,
                let oldest = self.values.min(by: { $0.value.used < $1.value.used })?.key
            {
                self.values[oldest] = nil
            }
            self.values[number] = (value, self.clock)
        }
    }

    private let files: any FileSystem
    private let identity: LogIdentity
    private let open: Mutex<Recent<SegmentFile>>
    private let hashes: Mutex<Recent<SegmentHashes>>

    init(files: any FileSystem, identity: LogIdentity, configuration: LogConfiguration) {
        self.files = files
        self.identity = identity
        self.open = Mutex(Recent(countMax: configuration.openSegmentCountMax))
        self.hashes = Mutex(Recent(countMax: configuration.proofSegmentCountMax))
    }

    func segment(_ number: Int) throws(IndelibleError) -> SegmentFile {
        if let found = self.open.withLock({ $0.find(number) }) { return found }
        let segment = try SegmentFile(number, files: self.files, identity: self.identity)
        self.open.withLock { $0.put(number, segment) }
        return segment
    }

    func hashes(of number: Int) throws(IndelibleError) -> SegmentHashes {
        if let found = self.hashes.withLock({ $0.find(number) }) { return found }
        let hashes = try SegmentHashes(try self.segment(number), .best)
        self.hashes.withLock { $0.put(number, hashes) }
        return hashes
    }

    /// Keeps the hashes of a segment that has just been sealed.
    func put(_ number: Int, _ hashes: SegmentHashes) { self.hashes.withLock { $0.put(number, hashes) } }
}
