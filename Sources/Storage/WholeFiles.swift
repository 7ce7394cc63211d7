package import Primitives

extension FileSystem {
    /// - Parameter byteCountMax: a longer file is refused, so that no file can fill the memory.
    /// - Returns: `nil` when there is no such file.
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
        var bytes = [UInt8](repeating: 0, count: Int(size))
        let count = try unsafe Self.fill(&bytes, from: file)
        return Array(bytes.prefix(count))
    }

    /// Replaces `path` so that a reader, and a restart at any point, finds the old bytes or the new ones, never a mix.
    package func replaceDurably(_ path: String, with bytes: [UInt8]) throws(IndelibleError) {
        let staged = path + ".staged"
        let file = try self.open(staged, .readWrite)
        defer { file.close() }
        try file.truncate(0)
        try unsafe Self.put(bytes, to: file)
        try file.sync()
        try self.rename(staged, to: path)
        try self.syncDirectory(Self.parent(of: path))
    }

    /// The directory that holds `path`; empty for the root.
    package static func parent(of path: String) -> String {
        path.split(separator: "/").dropLast().joined(separator: "/")
    }

    @unsafe private static func fill(_ bytes: inout [UInt8], from file: any File) throws(IndelibleError) -> Int {
        var failure: IndelibleError?
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            do throws(IndelibleError) { return try unsafe file.read(into: buffer, at: 0) } catch { failure = error }
            return 0
        }
        if let failure { throw failure }
        return count
    }

    @unsafe private static func put(_ bytes: [UInt8], to file: any File) throws(IndelibleError) {
        var failure: IndelibleError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(IndelibleError) { try unsafe file.write(buffer, at: 0) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
