internal import Primitives
internal import Storage
internal import Synchronization

/// The journal's files: those with unsealed entries in order, and empty ones waiting to be used.
///
/// A file has no header of its own. The first frame in it gives it a number that no file had before, and frames with any
/// other number, left over from earlier uses, never parse: so giving a file a new life costs no write and no sync.
final class Journal: Sendable {
    static let directory = "journal"
    private static let zeroByteCount = 1 << 20

    struct Spare: Sendable {
        let path: String
        let file: any File
    }

    private struct State {
        var used: [JournalFile]
        var spares: [Spare]
        var nextName: Int
    }

    private let files: any FileSystem
    private let fileByteCount: Int
    private let state: Mutex<State>

    init(files: any FileSystem, fileByteCount: Int, used: [JournalFile], spares: [Spare], nextName: Int) {
        self.files = files
        self.fileByteCount = fileByteCount
        self.state = Mutex(State(used: used, spares: spares, nextName: nextName))
    }

    static func path(_ name: Int) -> String {
        let digits = String(name)
        return "\(Self.directory)/\(String(repeating: "0", count: max(0, 8 - digits.count)))\(digits).jnl"
    }

    /// The number in a file's name; `nil` for files of somebody else.
    static func name(_ path: String) -> Int? { path.hasSuffix(".jnl") ? Int(path.dropLast(4)) : nil }

    var usedCount: Int { self.state.withLock { $0.used.count } }
    var spareCount: Int { self.state.withLock { $0.spares.count } }

    /// A file for frames with this number: a spare one, or a new one when there is none.
    func claim(_ number: UInt64) throws(IndelibleError) -> JournalFile {
        let spare =
            if let ready = self.state.withLock({ $0.spares.popLast() }) { ready } else { try self.make() }
        let file = JournalFile(
            number: number,
            path: spare.path,
            file: spare.file,
            byteCount: self.fileByteCount,
            end: UInt64.max,
        )
        self.state.withLock { $0.used.append(file) }
        return file
    }

    /// Sees to it that the committer finds a spare file, so that it need not write zeros itself.
    func prepareSpare() throws(IndelibleError) {
        guard self.spareCount == 0 else { return }
        let spare = try self.make()
        self.state.withLock { $0.spares.append(spare) }
    }

    /// Files but the newest whose entries all lie before `index`; they are no longer used after this.
    func retire(before index: UInt64) -> [JournalFile] {
        self.state.withLock { state in
            let count = state.used.dropLast().prefix { $0.end <= index }.count
            let retired = Array(state.used.prefix(count))
            state.used.removeFirst(count)
            return retired
        }
    }

    /// Takes retired files, which nobody may look for any more, as spares.
    func recycle(_ retired: [JournalFile]) throws(IndelibleError) {
        for file in retired {
            file.retire()
            if file.byteCount == self.fileByteCount {
                self.state.withLock { $0.spares.append(Spare(path: file.path, file: file.file)) }
            } else {
                try self.files.remove(file.path)
            }
        }
    }

    /// Deletes spare files beyond `count`.
    func trim(to count: Int) throws(IndelibleError) {
        while true {
            let surplus = self.state.withLock { $0.spares.count > count ? $0.spares.removeFirst() : nil }
            guard let surplus else { return }
            try self.files.remove(surplus.path)
        }
    }

    /// A file of zeros: writing them once makes every later write of the file's bytes cheap and its sync small.
    private func make() throws(IndelibleError) -> Spare {
        let name = self.state.withLock { state in
            defer { state.nextName += 1 }
            return state.nextName
        }
        let path = Self.path(name)
        let file = try self.files.open(path, .readWriteDirect)
        do throws(IndelibleError) {
            try file.allocate(UInt64(self.fileByteCount))
            let zeros = AlignedMemory(byteCount: min(Self.zeroByteCount, self.fileByteCount))
            zeros.zero(0..<zeros.byteCount)
            for start in stride(from: 0, to: self.fileByteCount, by: zeros.byteCount) {
                let count = min(zeros.byteCount, self.fileByteCount - start)
                try unsafe file.write(UnsafeRawBufferPointer(zeros.bytes(0..<count)), at: UInt64(start))
            }
            try file.sync()
            try self.files.syncDirectory(Self.directory)
        } catch {
            // Half a file has no frames and helps nobody; if it cannot be removed now, recovery will.
            try? self.files.remove(path)
            throw error
        }
        return Spare(path: path, file: file)
    }
}
