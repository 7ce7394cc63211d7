internal import Primitives
internal import Storage
internal import Synchronization

/// A journal file in the time between its first frame and the seal of its last entry.
final class JournalFile: Sendable {
    let number: UInt64
    /// Name of the file, which outlives its numbers: it is used again and again.
    let path: String
    let file: any File
    let byteCount: Int
    /// Index after the last entry in it.
    private let endIndex: Atomic<UInt64>
    private let retired = Atomic<Bool>(false)

    init(number: UInt64, path: String, file: any File, byteCount: Int, end: UInt64) {
        self.number = number
        self.path = path
        self.file = file
        self.byteCount = byteCount
        self.endIndex = Atomic(end)
    }

    var end: UInt64 { self.endIndex.load(ordering: .acquiring) }

    func extend(to end: UInt64) { self.endIndex.store(end, ordering: .releasing) }

    /// Whether the file may hold another number's frames by now: what was read from it must not be used.
    var isRetired: Bool { self.retired.load(ordering: .sequentiallyConsistent) }

    func retire() { self.retired.store(true, ordering: .sequentiallyConsistent) }
}
