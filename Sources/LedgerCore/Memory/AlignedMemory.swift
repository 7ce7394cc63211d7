#if canImport(Glibc)
internal import Glibc
#endif
internal import Storage
internal import Synchronization

/// A block of memory whose address and length suit O_DIRECT, on loan from a ``MemoryPool``.
///
/// `@unchecked Sendable`: who may write which bytes is the user's contract (see ``JournalImage`` and ``TailSegment``);
/// every access is checked against the bounds.
@safe final class AlignedMemory: @unchecked Sendable {
    let byteCount: Int
    private let base: UnsafeMutableRawPointer
    private let pool: MemoryPool?

    /// Memory that belongs to nobody else and is freed with this object.
    convenience init(byteCount: Int) {
        unsafe self.init(.allocate(byteCount: byteCount, alignment: DirectIO.alignment), byteCount, pool: nil)
    }

    @unsafe init(_ base: UnsafeMutableRawPointer, _ byteCount: Int, pool: MemoryPool?) {
        unsafe self.base = base
        self.byteCount = byteCount
        self.pool = pool
    }

    deinit {
        if let pool = self.pool { unsafe pool.giveBack(self.base) } else { unsafe self.base.deallocate() }
    }

    /// The bytes of a range, valid as long as this object lives.
    @unsafe func bytes(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.byteCount, "outside of the memory")
        return unsafe UnsafeMutableRawBufferPointer(start: self.base + range.lowerBound, count: range.count)
    }

    func array(_ range: Range<Int>) -> [UInt8] { unsafe Array(self.bytes(range)) }

    func copy(_ bytes: [UInt8], to offset: Int) {
        unsafe self.bytes(offset..<offset + bytes.count).copyBytes(from: bytes)
    }

    func zero(_ range: Range<Int>) {
        _ = unsafe self.bytes(range).initializeMemory(as: UInt8.self, repeating: 0)
    }

    @inline(__always)
    func load<Value: BitwiseCopyable>(_ type: Value.Type, at offset: Int) -> Value {
        precondition(offset >= 0 && offset <= self.byteCount - MemoryLayout<Value>.size, "outside of the memory")
        return unsafe self.base.loadUnaligned(fromByteOffset: offset, as: type)
    }

    @inline(__always)
    func store<Value: BitwiseCopyable>(_ value: Value, at offset: Int) {
        precondition(offset >= 0 && offset <= self.byteCount - MemoryLayout<Value>.size, "outside of the memory")
        unsafe self.base.storeBytes(of: value, toByteOffset: offset, as: Value.self)
    }
}

/// Blocks of one size, at most a stated number of them, used again and again: the first touch of memory is dear.
@safe final class MemoryPool: Sendable {
    private struct State {
        /// Addresses that are nobody's at the moment, as numbers because pointers may not travel between threads.
        var free: [UInt] = []
        var made = 0
    }

    let byteCount: Int
    let countMax: Int
    private let state = Mutex(State())

    init(byteCount: Int, countMax: Int) {
        self.byteCount = byteCount
        self.countMax = countMax
    }

    deinit {
        for address in self.state.withLock({ $0.free }) {
            if let base = unsafe UnsafeMutableRawPointer(bitPattern: address) { unsafe base.deallocate() }
        }
    }

    /// A block with unspecified contents; `nil` while ``countMax`` are in use.
    func take() -> AlignedMemory? {
        let address: UInt? = self.state.withLock { state in
            if let free = state.free.popLast() { return free }
            guard state.made < self.countMax else { return nil }
            state.made += 1
            return unsafe UInt(bitPattern: Self.allocate(self.byteCount))
        }
        guard let address, let base = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return nil }
        return unsafe AlignedMemory(base, self.byteCount, pool: self)
    }

    /// In large pages where the system lends them: a block of many small ones costs a fault for each, and more entries of the
    /// processor's address cache than there are.
    private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let isLarge = byteCount >= Self.largePageByteCount
        let base = UnsafeMutableRawPointer.allocate(
            byteCount: byteCount,
            alignment: isLarge ? Self.largePageByteCount : DirectIO.alignment,
        )
        #if canImport(Glibc)
        // Advice: nothing depends on its being taken.
        if isLarge { _ = unsafe madvise(base, byteCount, MADV_HUGEPAGE) }
        #endif
        return unsafe base
    }

    private static let largePageByteCount = 2 << 20

    /// A block even when all are in use; it is freed after its use.
    func takeOrMake() -> AlignedMemory { self.take() ?? AlignedMemory(byteCount: self.byteCount) }

    @unsafe fileprivate func giveBack(_ base: UnsafeMutableRawPointer) {
        let address = UInt(bitPattern: base)
        self.state.withLock { $0.free.append(address) }
    }
}
