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
