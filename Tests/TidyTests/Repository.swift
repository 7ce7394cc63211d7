import Foundation

/// The files of this repository, as text.
enum Repository {
    struct File: Sendable {
        /// Relative to the root, such as `Sources/Wire/FrameHeader.swift`.
        let path: String
        let lines: [Substring]

        /// The target that the file belongs to, for files of `Sources` and `Tests`.
        var target: String? {
            let parts = self.path.split(separator: "/")
            return parts.count > 2 ? String(parts[1]) : nil
        }
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL

    /// Every text file below `folders` that has one of `extensions`, in order of path.
    ///
    /// No extensions stand for all. Hidden files, and folders that are not there, are left out.
    static func files(in folders: [String], extensions: Set<String> = []) throws -> [File] {
        var found: [File] = []
        for folder in folders {
            let start = self.root.appending(path: folder)
            let entries = FileManager.default.enumerator(
                at: start,
                includingPropertiesForKeys: [.isRegularFileKey],
                options: [.skipsHiddenFiles],
            )
            while let url = entries?.nextObject() as? URL {
                guard extensions.isEmpty || extensions.contains(url.pathExtension) else { continue }
                guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
                let path = String(url.standardizedFileURL.path.dropFirst(self.root.path.count + 1))
                guard let file = try self.file(path) else { continue }
                found.append(file)
            }
        }
        return found.sorted { $0.path < $1.path }
    }

    /// One file by its path from the root, or nil when it does not hold text.
    static func file(_ path: String) throws -> File? {
        let bytes = try Data(contentsOf: self.root.appending(path: path))
        guard let text = String(data: bytes, encoding: .utf8) else { return nil }
        return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: self.root.appending(path: path).path)
    }

    /// Files of the root folder itself, hidden ones included.
    static func rootFiles() throws -> [File] {
        let names = try FileManager.default.contentsOfDirectory(atPath: self.root.path).sorted()
        return try names.filter { name in
            let values = try self.root.appending(path: name).resourceValues(forKeys: [.isRegularFileKey])
            return values.isRegularFile == true && name != ".git"
        }.compactMap(self.file)
    }
}

extension Substring {
    /// The line without its `//` comment.
    ///
    /// A `//` counts only at the start or after a space, so that URLs stay.
    var code: Substring {
        var index = self.startIndex
        var previous: Character = " "
        while index < self.endIndex {
            let next = self.index(after: index)
            if previous == " " && self[index] == "/" && next < self.endIndex && self[next] == "/" {
                return self[..<index]
            }
            previous = self[index]
            index = next
        }
        return self
    }
}
