internal import CPlatform
internal import Primitives
internal import Storage
internal import Synchronization

/// Owns a file descriptor: open as long as this lives.
final class Descriptor: Sendable {
    /// Stands for the working directory where a directory's descriptor is asked for.
    static let workingDirectory: Int32 = -1

    let number: Int32

    init(opening path: String, in directory: Int32, _ mode: ind_open_mode) throws(IndelibleError) {
        let number = unsafe ind_open_at(directory, path, mode)
        try PosixError.check(number, "open", path)
        self.number = number
    }

    deinit { ind_close(self.number) }
}

/// An advisory lock on an open file; the kernel drops it with the descriptor, however the process ends.
final class PosixFileLock: FileLock {
    private let file: Mutex<Descriptor?>

    init(_ file: Descriptor) { self.file = Mutex(file) }

    func release() { self.file.withLock { $0 = nil } }
}
