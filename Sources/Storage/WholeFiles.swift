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
        guard size <= UInt64(byteCountMax) else {
            throw IndelibleError(
                .outOfRange,
                "\(path) has \(size) bytes, more than the \(byteCountMax) that it may have. Check that it is the right file.",
            )
        }
        return try file.read(Int(size), at: 0)
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
