package import Primitives

/// The only way anything in the suite reaches a disk.
///
/// Production uses `PosixFileSystem`, tests use `SimulatedDisk`. Durability is explicit, as on POSIX: bytes survive a
/// power cut only after ``File/sync()``, a name only after ``syncDirectory(_:)``. Paths are relative to the file system's
/// root and use `/`.
package protocol FileSystem: Sendable {
    /// - Throws: ``IndelibleError/Code/notFound`` when there is no such file and `mode` does not create it.
    func open(_ path: String, _ mode: FileMode) throws(IndelibleError) -> any File
    /// The names in a directory, sorted; empty when there is no such directory.
    func list(_ directory: String) throws(IndelibleError) -> [String]
    /// Creates a directory and those above it; no error when it exists.
    func createDirectory(_ path: String) throws(IndelibleError)
    /// Replaces `to` if it exists.
    func rename(_ from: String, to: String) throws(IndelibleError)
    /// - Throws: ``IndelibleError/Code/notFound`` when there is no such file.
    func remove(_ path: String) throws(IndelibleError)
    func syncDirectory(_ path: String) throws(IndelibleError)
    func exists(_ path: String) throws(IndelibleError) -> Bool
    /// Makes a finished file read-only for everybody.
    func makeReadOnly(_ path: String) throws(IndelibleError)
    /// Holds `path` for this process until the lock is released or the process ends.
    ///
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when another process holds it.
    func lock(_ path: String) throws(IndelibleError) -> any FileLock
}

package protocol FileLock: AnyObject, Sendable {
    func release()
}

/// How a file is opened.
package enum FileMode: Sendable, Equatable {
    case readOnly
    /// An existing file or a new, empty one.
    case readWrite
    /// A new file; an error when it exists.
    case createNew
    /// As ``readWrite``, past the page cache where the file system allows it: offsets, lengths and addresses of reads
    /// and writes are multiples of ``DirectIO/alignment``.
    case readWriteDirect
}

package enum DirectIO {
    /// Bytes; a multiple of every block size in use.
    package static let alignment = 4096
}

/// An open file.
///
/// Positions are given with every call, so there is no cursor to share.
package protocol File: AnyObject, Sendable {
    /// Reads until `buffer` is full or the file ends.
    ///
    /// - Returns: bytes read.
    @unsafe func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(IndelibleError) -> Int
    /// Writes all of `bytes`.
    ///
    /// - Throws: ``IndelibleError/Code/resourceExhausted`` when the disk or the quota is full; what was written then is
    ///   not known.
    @unsafe func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(IndelibleError)
    /// Makes everything written so far survive a power cut.
    ///
    /// After an error nothing may be assumed of any earlier write: stop, and recover by reading.
    func sync() throws(IndelibleError)
    func size() throws(IndelibleError) -> UInt64
    /// Gives the file exactly this length; new bytes are zeros that take their space now.
    func allocate(_ byteCount: UInt64) throws(IndelibleError)
    func truncate(_ byteCount: UInt64) throws(IndelibleError)
    func close()
}
