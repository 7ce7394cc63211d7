import Cryptography
import Foundation
import Primitives

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A file that is being followed, held open so that a rename does not lose it.
final class FollowedFile {
    /// Bytes of one read.
    static let chunkByteCountMax = 256 << 10

    let path: String
    private let handle: FileHandle
    private let device: UInt64
    private let inode: UInt64
    /// Bytes that have been read or passed over.
    private(set) var offset: UInt64 = 0

    /// - Returns: `nil` when there is no such file, or it may not be read.
    init?(_ path: String) {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        var status = stat()
        guard unsafe fstat(handle.fileDescriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.path = path
        self.handle = handle
        self.device = UInt64(status.st_dev)
        self.inode = UInt64(status.st_ino)
    }

    deinit { try? self.handle.close() }

    var size: UInt64 {
        var status = stat()
        return unsafe fstat(self.handle.fileDescriptor, &status) == 0 ? UInt64(clamping: status.st_size) : 0
    }

    /// Whether `path` leads to this very file now; true also when it leads nowhere, as in the middle of a rotation.
    var isAtItsPath: Bool {
        guard let there = FollowedFile(self.path) else { return true }
        return self.isSame(as: there)
    }

    func isSame(as other: FollowedFile) -> Bool { self.device == other.device && self.inode == other.inode }

    /// The next bytes; empty at the end.
    ///
    /// - Throws: ``IndelibleError/Code/unavailable`` when the file cannot be read.
    func read() throws(IndelibleError) -> [UInt8] {
        do {
            let bytes = try self.handle.read(upToCount: Self.chunkByteCountMax).map { Array($0) } ?? []
            self.offset += UInt64(bytes.count)
            return bytes
        } catch {
            throw IndelibleError(.unavailable, "Could not read \(self.path). Try again.", cause: error)
        }
    }

    /// - Throws: ``IndelibleError/Code/unavailable`` when that cannot be done.
    func seek(to offset: UInt64) throws(IndelibleError) {
        do {
            try self.handle.seek(toOffset: offset)
            self.offset = offset
        } catch {
            throw IndelibleError(.unavailable, "Could not read \(self.path). Try again.", cause: error)
        }
    }

    /// What the file is known by, once its first `offset` bytes have been taken in.
    func mark(upTo offset: UInt64) throws(IndelibleError) -> FileMark {
        let count = Int(min(offset, UInt64(FileMark.headByteCountMax)))
        return FileMark(
            device: self.device,
            inode: self.inode,
            headByteCount: count,
            head: try SHA256.hash(try self.head(count)),
        )
    }

    /// Whether it is the file that was marked, with all that had been taken in of it.
    func matches(_ mark: FileMark, offset: UInt64) throws(IndelibleError) -> Bool {
        guard self.device == mark.device, self.inode == mark.inode, self.size >= offset else { return false }
        return try SHA256.hash(try self.head(mark.headByteCount)) == mark.head
    }

    private func head(_ count: Int) throws(IndelibleError) -> [UInt8] {
        let back = self.offset
        try self.seek(to: 0)
        var head: [UInt8] = []
        while head.count < count {
            let bytes = try self.read()
            guard !bytes.isEmpty else { break }
            head += bytes
        }
        try self.seek(to: back)
        return Array(head.prefix(count))
    }

    // MARK: - Rotation

    /// Rotated files of one path that are looked at.
    private static let siblingCountMax = 1000
    /// What a rotation adds to a name; files that are compressed have letters there.
    private static let marks = Set("0123456789.-_T")

    /// Files that a rotation may have made of the one at `path`, the oldest first: `app.log.1`, `app.log-20260131`.
    static func rotated(from path: String) -> [FollowedFile] {
        let url = URL(fileURLWithPath: path)
        let name = url.lastPathComponent
        let directory = url.deletingLastPathComponent()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path())) ?? []
        let siblings = names.filter { other in
            other.hasPrefix(name) && other.count > name.count
                && other.dropFirst(name.count).allSatisfy(Self.marks.contains)
        }
        // Of two that changed at the same time, `.2` is older than `.1`.
        return siblings.sorted().prefix(Self.siblingCountMax)
            .map { (age: Int($0.dropFirst(name.count + 1)) ?? 0, path: directory.appending(path: $0).path()) }
            .compactMap { age, path in FollowedFile(path).map { ($0.changedNanoseconds, -age, $0) } }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .map(\.2)
    }

    /// When it was last written to.
    private var changedNanoseconds: Int {
        var status = stat()
        guard unsafe fstat(self.handle.fileDescriptor, &status) == 0 else { return 0 }
        return status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    }
}
