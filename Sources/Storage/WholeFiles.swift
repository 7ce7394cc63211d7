package import Primitives

extension FileSystem {
    /// All bytes of a file, or `nil` when there is no such file.
    ///
    /// A file longer than `byteCountMax` is refused, so that no file can fill the memory.
    package func readAll(_ path: String, byteCountMax: Int) throws(IndelibleError) -> [UInt8]? {
        guard try self.exists(path) else { return nil }
        let file = try self.open(path, .readOnly)
        defer { file.close() }
        let size = try file.size()
        guard size <= UInt64(byteCountMax) else { throw Self.tooLong(path, size, byteCountMax) }
        return try file.read(Int(size), at: 0)
    }

    /// Reads a file into memory that is used again for the next one.
    ///
    /// - Parameters:
    ///   - buffer: Receives the bytes at its front; grows when it has to, up to `byteCountMax`.
    ///   - byteCountMax: A longer file is refused.
    /// - Returns: Bytes of the file, or `nil` when there is no such file.
    package func read(
        _ path: String,
        into buffer: inout [UInt8],
        byteCountMax: Int,
    ) throws(IndelibleError) -> Int? {
        let file: any File
        do throws(IndelibleError) { file = try self.open(path, .readOnly) } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
        defer { file.close() }
        let size = try file.size()
        guard size <= UInt64(byteCountMax) else { throw Self.tooLong(path, size, byteCountMax) }
        let count = Int(size)
        if buffer.count < count { buffer = [UInt8](repeating: 0, count: min(byteCountMax, count * 2)) }
        var failure: IndelibleError?
        let read = unsafe buffer.withUnsafeMutableBytes { bytes in
            let front = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
            do throws(IndelibleError) { return try unsafe file.read(into: front, at: 0) } catch { failure = error }
            return 0
        }
        if let failure { throw failure }
        return read
    }

    private static func tooLong(_ path: String, _ size: UInt64, _ byteCountMax: Int) -> IndelibleError {
        IndelibleError(
            .outOfRange,
            "\(path) has \(size) bytes, more than the \(byteCountMax) that it may have. Check that it is the right file.",
        )
    }

    /// Replaces `path` so that a reader, and a restart at any point, finds the old bytes or the new ones, never a mix.
    package func replaceDurably(_ path: String, with bytes: [UInt8]) throws(IndelibleError) {
        let staged = path + ".staged"
        let file = try self.open(staged, .readWrite)
        defer { file.close() }
        try file.truncate(0)
        try file.write(bytes, at: 0)
        try file.sync()
        try self.rename(staged, to: path)
        try self.syncDirectory(Self.parent(of: path))
    }

    /// The directory that holds `path`; empty for the root.
    package static func parent(of path: String) -> String {
        path.split(separator: "/").dropLast().joined(separator: "/")
    }
}
