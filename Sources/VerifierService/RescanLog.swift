import Platform
import Primitives
import Storage
import VerifierCore

/// How far the reading of a whole log has come, kept in a file so that a restart goes on there.
struct RescanLog {
    private static let byteCountMax = 1024
    /// Entries read again between two notes of how far that came.
    private static let savedEntryCount: UInt64 = 1 << 20

    private let files: any FileSystem
    private let path: String
    private(set) var state: RescanState
    /// Entries of the run under way when it was last saved.
    private var savedNext: UInt64 = 0
    /// Asked for by somebody.
    private var isWanted = false

    /// - Parameter directory: in `files`, of one log alone.
    init(files: any FileSystem, directory: String) throws(IndelibleError) {
        self.files = files
        self.path = "\(directory)/rescan"
        let stored = try files.readAll(self.path, byteCountMax: Self.byteCountMax)
        self.state =
            try stored.map { (bytes) throws(IndelibleError) in try RescanState(remembered: bytes) }
            ?? RescanState(now: Self.now)
    }

    mutating func want() { self.isWanted = true }

    /// Whether it is time: asked for, interrupted, or `seconds` after the last one.
    func isDue(every seconds: Double) -> Bool {
        self.isWanted || self.state.run != nil || Double(Self.now) >= Double(self.state.finishedSeconds) + seconds
    }

    /// Begins a reading, or goes on with the one that a restart has interrupted.
    ///
    /// - Returns: the entries to compare.
    mutating func begin(size: UInt64) throws(IndelibleError) -> Range<UInt64> {
        self.isWanted = false
        if self.state.run.map({ $0.size > size }) ?? true {
            self.state.begin(size: size)
            try self.save()
        }
        let (next, end) = self.state.run.map { ($0.next, $0.size) } ?? (0, 0)
        self.savedNext = next
        return next..<max(next, end)
    }

    /// Counts a batch; see ``RescanState/advance(to:substance:same:)``.
    mutating func advance(to next: UInt64, substance: UInt64?, same: Bool) throws(IndelibleError) {
        self.state.advance(to: next, substance: substance, same: same)
        if next - min(next, self.savedNext) >= Self.savedEntryCount { try self.save() }
    }

    /// - Returns: Whether the log has to get a record of it.
    mutating func finish(failed: Bool) -> Bool { self.state.finish(now: Self.now, failed: failed) }

    mutating func recorded(failed: Bool) { self.state.recorded(failed: failed) }

    mutating func end() throws(IndelibleError) {
        self.state.end()
        try self.save()
    }

    private mutating func save() throws(IndelibleError) {
        try self.files.replaceDurably(self.path, with: self.state.remembered)
        self.savedNext = self.state.run?.next ?? 0
    }

    private static var now: UInt64 { SystemClock.wallNanoseconds / 1_000_000_000 }
}
