internal import CPlatform
internal import Primitives
internal import Storage

/// A file of this machine.
///
/// ``close()`` gives up the descriptor when the last user of the file is gone, so a close beside a read is no danger.
final class PosixFile: File {
    private let descriptor: Descriptor
    private let path: String

    init(_ descriptor: Descriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    @unsafe func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(IndelibleError) -> Int {
        let count = unsafe ind_read_at(self.descriptor.number, buffer.baseAddress, buffer.count, offset)
        try PosixError.check(Int32(truncatingIfNeeded: min(count, 0)), "read", self.path)
        return Int(count)
    }

    @unsafe func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(IndelibleError) {
        try PosixError.check(
            unsafe ind_write_at(self.descriptor.number, bytes.baseAddress, bytes.count, offset),
            "write",
            self.path,
        )
    }

    func sync() throws(IndelibleError) {
        try PosixError.check(ind_sync_bytes(self.descriptor.number), "sync", self.path)
    }

    func size() throws(IndelibleError) -> UInt64 {
        let size = ind_size(self.descriptor.number)
        try PosixError.check(Int32(truncatingIfNeeded: min(size, 0)), "measure", self.path)
        return UInt64(size)
    }

    func allocate(_ byteCount: UInt64) throws(IndelibleError) {
        try PosixError.check(ind_allocate(self.descriptor.number, byteCount), "allocate", self.path)
    }

    func truncate(_ byteCount: UInt64) throws(IndelibleError) {
        try PosixError.check(ind_truncate(self.descriptor.number, byteCount), "truncate", self.path)
    }

    func close() {}
}
