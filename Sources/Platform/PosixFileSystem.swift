internal import CPlatform
package import Primitives
package import Storage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The files below one directory of this machine.
///
/// Holds that directory open, so its paths keep their meaning when the process changes its working directory or somebody
/// renames a folder above.
package final class PosixFileSystem: FileSystem {
    /// Bytes of a path below the root.
    package static let pathByteCountMax = 1024

    private let root: Descriptor
    private let name: String

    /// - Parameters:
    ///   - root: path of a directory.
    ///   - create: whether to make it, and those above it, when it is missing.
    /// - Throws: ``IndelibleError/Code/notFound`` when it is missing and `create` is false.
    package init(root: String, create: Bool = false) throws(IndelibleError) {
        if create { try Self.makeDirectories(root, below: Descriptor.workingDirectory) }
        self.name = root
        self.root = try Descriptor(opening: root, in: Descriptor.workingDirectory, IND_OPEN_DIRECTORY)
    }

    package func open(_ path: String, _ mode: FileMode) throws(IndelibleError) -> any File {
        let native =
            switch mode {
            case .readOnly: IND_OPEN_READ
            case .readWrite: IND_OPEN_READ_WRITE
            case .createNew: IND_OPEN_CREATE_NEW
            case .readWriteDirect: IND_OPEN_DIRECT
            }
        return PosixFile(try Descriptor(opening: try self.checked(path), in: self.root.number, native), path: path)
    }

    package func list(_ directory: String) throws(IndelibleError) -> [String] {
        let path = try self.checked(directory)
        var names: [String] = []
        let status = unsafe withUnsafeMutablePointer(to: &names) { list in
            unsafe ind_list_at(self.root.number, path, list) { context, name in
                guard let context = unsafe context, let name = unsafe name else { return }
                unsafe context.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
            }
        }
        if status == -ENOENT { return [] }
        try PosixError.check(status, "list", directory)
        return names.sorted()
    }

    package func createDirectory(_ path: String) throws(IndelibleError) {
        try Self.makeDirectories(try self.checked(path), below: self.root.number)
    }

    package func rename(_ from: String, to: String) throws(IndelibleError) {
        try PosixError.check(
            unsafe ind_rename_at(self.root.number, try self.checked(from), try self.checked(to)),
            "rename",
            from,
        )
    }

    package func remove(_ path: String) throws(IndelibleError) {
        try PosixError.check(unsafe ind_remove_at(self.root.number, try self.checked(path)), "remove", path)
    }

    package func syncDirectory(_ path: String) throws(IndelibleError) {
        let directory = try Descriptor(opening: try self.checked(path), in: self.root.number, IND_OPEN_DIRECTORY)
        try PosixError.check(ind_sync_all(directory.number), "sync", path)
    }

    package func exists(_ path: String) throws(IndelibleError) -> Bool {
        let status = unsafe ind_exists_at(self.root.number, try self.checked(path))
        try PosixError.check(min(status, 0), "look for", path)
        return status == 1
    }

    package func makeReadOnly(_ path: String) throws(IndelibleError) {
        try PosixError.check(unsafe ind_mode_at(self.root.number, try self.checked(path), 0o444), "protect", path)
    }

    package func lock(_ path: String) throws(IndelibleError) -> any FileLock {
        let file = try Descriptor(opening: try self.checked(path), in: self.root.number, IND_OPEN_READ_WRITE)
        let status = ind_lock(file.number)
        if status == -EAGAIN {
            throw IndelibleError(
                .failedPrecondition,
                "Another process uses \(self.name). Stop it, or choose another directory.",
            )
        }
        try PosixError.check(status, "lock", path)
        return PosixFileLock(file)
    }

    /// Bytes that may still be written, and bytes in all, on the file system of the root.
    package func space() throws(IndelibleError) -> (free: UInt64, total: UInt64) {
        var free: UInt64 = 0
        var total: UInt64 = 0
        try PosixError.check(unsafe ind_space(self.root.number, &free, &total), "measure", self.name)
        return (free, total)
    }

    /// Paths come from our own code; one that leaves the root is a bug or an attack, never a wish.
    private func checked(_ path: String) throws(IndelibleError) -> String {
        guard path.utf8.count <= Self.pathByteCountMax, !path.hasPrefix("/"), !path.utf8.contains(0),
            !path.split(separator: "/").contains("..")
        else {
            throw IndelibleError(.invalidArgument, "\(path) is not a path below \(self.name).")
        }
        return path.isEmpty ? "." : path
    }

    private static func makeDirectories(_ path: String, below directory: Int32) throws(IndelibleError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made == "/" ? part : "/" + part
            let status = unsafe ind_make_directory_at(directory, made)
            if status != -EEXIST { try PosixError.check(status, "create", made) }
        }
    }
}
