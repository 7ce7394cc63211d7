import Platform
package import Primitives
package import Storage

/// A path as an operator gives it, absolute or from the working directory.
package struct HostPath: Sendable {
    package let directory: String
    package let name: String

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `path` names no file.
    package init(_ path: String) throws(IndelibleError) {
        let slash = path.lastIndex(of: "/")
        self.name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        self.directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard !self.name.isEmpty, self.name != ".", self.name != ".." else {
            throw IndelibleError(.invalidArgument, "\(path) does not name a file.")
        }
    }

    /// The folder as a file system, and the file's name in it.
    package func open(create: Bool = false) throws(IndelibleError) -> (files: any FileSystem, name: String) {
        (try PosixFileSystem(root: self.directory, create: create), self.name)
    }
}
