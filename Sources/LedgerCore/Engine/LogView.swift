internal import Primitives
internal import Synchronization

/// What is durable, for everybody who reads: a value, so that a reader's view does not change under it.
struct LogView: Sendable {
    /// Entries that are durable.
    var size: UInt64 = 0
    /// Of the tree of that size.
    var root: Digest
    /// When the last entry became durable, nanoseconds since the Unix epoch; never decreasing.
    var time: UInt64 = 0
    /// Entries in sealed segments.
    var sealedSize: UInt64 = 0
    /// Over all full segments up to ``size``.
    var upper = UpperTree()
    /// Segments from ``sealedSize`` on.
    var tail: [TailSegment] = []
    /// The newest journal files whose bytes are in memory, oldest first; their numbers are consecutive.
    var images: [JournalImage] = []
    /// Journal files with entries that are not sealed, oldest first.
    var files: [JournalFile] = []
    /// Entries that are in segment files, or in the file that is to be the next.
    var copiedSize: UInt64
    /// Whether sealing failed when it was last tried.
    var sealingFails = false

    /// Whether the sealer has a bundle to copy.
    var hasBundleToCopy: Bool {
        guard let segment = self.tail.first else { return false }
        return self.size >= self.copiedSize + UInt64(SegmentLayout.bundleEntryCount(capacity: segment.capacity))
    }

    /// Gives back images beyond `count`, but for those that the sealer is about to copy from: it would have to read their
    /// bytes from the disk, and would fall behind for good.
    mutating func trimImages(to count: Int) {
        while self.images.count > count, let oldest = self.images.first {
            let isCopied = (self.file(oldest.number)?.end ?? 0) <= self.copiedSize
            guard isCopied || self.sealingFails || !self.hasBundleToCopy else { return }
            self.images.removeFirst()
        }
    }

    func image(_ number: UInt64) -> JournalImage? {
        guard let oldest = self.images.first, number >= oldest.number else { return nil }
        let position = Int(number - oldest.number)
        return position < self.images.count ? self.images[position] : nil
    }

    func file(_ number: UInt64) -> JournalFile? { self.files.last { $0.number == number } }

    func tailSegment(_ index: UInt64) -> TailSegment? {
        guard let oldest = self.tail.first, index >= oldest.first else { return nil }
        let position = Int((index - oldest.first) / UInt64(oldest.capacity))
        return position < self.tail.count ? self.tail[position] : nil
    }
}

/// The one place where writers publish and readers look.
///
/// A lock in a layer that decides: readers run on any thread beside the committer and the sealer, and what they hold it
/// for is the copy of a few references.
final class SharedView: Sendable {
    private let view: Mutex<LogView>

    init(_ view: LogView) { self.view = Mutex(view) }

    var current: LogView { self.view.withLock { $0 } }
    var size: UInt64 { self.view.withLock { $0.size } }

    func update(_ body: (inout LogView) -> Void) { self.view.withLock { body(&$0) } }
}
