import Platform
import Primitives
import Simulation
import Storage
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Goal: the simulated disk and the machine's file system behave alike, so that what holds on the one holds on the other.
@Suite struct FileSystemTests {
    enum Kind: CaseIterable, Sendable { case simulated, posix }

    /// Runs `body` on a fresh file system of that kind.
    static func with(_ kind: Kind, _ body: (any FileSystem) throws -> Void) throws {
        guard kind == .posix else { return try body(SimulatedDisk()) }
        var name = Array("/tmp/indelible-storage-XXXXXX".utf8CString)
        let path: String? = unsafe name.withUnsafeMutableBufferPointer { name in
            guard let base = name.baseAddress, let made = unsafe mkdtemp(base) else { return nil }
            return unsafe String(cString: made)
        }
        guard let path else { throw PosixError(number: errno) }
        defer { Self.removeAll(path) }
        try body(PosixFileSystem(root: path))
    }

    private static func removeAll(_ path: String) {
        guard let files = try? PosixFileSystem(root: path) else { return }
        for folder in ["a/b", "a", ""] {
            for name in (try? files.list(folder)) ?? [] {
                try? files.remove(folder.isEmpty ? name : "\(folder)/\(name)")
            }
            _ = unsafe rmdir(folder.isEmpty ? path : "\(path)/\(folder)")
        }
    }

    @Test(arguments: Kind.allCases) func readsBackWhatWasWritten(_ kind: Kind) throws {
        try Self.with(kind) { files in
            let file = try files.open("f", .readWrite)
            try file.write([1, 2, 3], at: 4)
            #expect(try file.size() == 7)
            #expect(try file.read(10, at: 0) == [0, 0, 0, 0, 1, 2, 3])
            #expect(try file.read(10, at: 6) == [3])
            #expect(try file.read(10, at: 60) == [])
            try file.truncate(5)
            try file.sync()
            #expect(try files.open("f", .readOnly).read(10, at: 0) == [0, 0, 0, 0, 1])
            try file.allocate(5_000)
            #expect(try file.read(5_000, at: 0) == [0, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 4_995))
        }
    }

    @Test(arguments: Kind.allCases) func opensAsAsked(_ kind: Kind) throws {
        try Self.with(kind) { files in
            #expect(throws: IndelibleError.self) { try files.open("f", .readOnly) }
            _ = try files.open("f", .createNew)
            let error = #expect(throws: IndelibleError.self) { try files.open("f", .createNew) }
            #expect(error?.code == .alreadyExists)
            #expect(throws: IndelibleError.self) { try files.open("no/f", .readWrite) }
            #expect(throws: IndelibleError.self) { try files.remove("g") }
            #expect(throws: IndelibleError.self) { try files.rename("g", to: "h") }
        }
    }

    @Test(arguments: Kind.allCases) func writesPastTheCacheInBlocks(_ kind: Kind) throws {
        try Self.with(kind) { files in
            let file = try files.open("d", .readWriteDirect)
            try file.allocate(16_384)
            let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 8_192, alignment: DirectIO.alignment)
            defer { unsafe block.deallocate() }
            for position in 0..<block.count { unsafe block[position] = UInt8(truncatingIfNeeded: position * 13) }
            try unsafe file.write(UnsafeRawBufferPointer(block), at: 4_096)
            try file.sync()
            let expected = unsafe Array(block)
            #expect(try files.open("d", .readOnly).read(8_192, at: 4_096) == expected)
            #expect(try unsafe file.read(into: block, at: 12_288) == 4_096, "fewer only where the file ends")
            #expect(unsafe block.prefix(4_096).allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: Kind.allCases) func keepsNames(_ kind: Kind) throws {
        try Self.with(kind) { files in
            #expect(try files.list("a") == [])
            try files.createDirectory("a/b")
            try files.createDirectory("a/b")
            for name in ["z", "b/y", "x"] { _ = try files.open("a/\(name)", .readWrite) }
            #expect(try files.list("a") == ["b", "x", "z"])
            try files.rename("a/z", to: "a/x")
            try files.syncDirectory("a")
            #expect(try files.list("a") == ["b", "x"])
            #expect(try files.exists("a/x") && files.exists("a/b") && !files.exists("a/z"))
            try files.remove("a/x")
            #expect(try files.list("a") == ["b"])
        }
    }

    @Test(arguments: Kind.allCases) func replacesWholeFiles(_ kind: Kind) throws {
        try Self.with(kind) { files in
            #expect(try files.readAll("w", byteCountMax: 10) == nil)
            try files.replaceDurably("w", with: [1, 2, 3])
            try files.replaceDurably("w", with: [4])
            #expect(try files.readAll("w", byteCountMax: 10) == [4])
            #expect(try files.list("") == ["w"])
            try files.replaceDurably("w", with: [UInt8](repeating: 0, count: 11))
            #expect(throws: IndelibleError.self) { try files.readAll("w", byteCountMax: 10) }
        }
    }

    @Test(arguments: Kind.allCases) func lets(_ kind: Kind) throws {
        try Self.with(kind) { files in
            let lock = try files.lock("lock")
            let error = #expect(throws: IndelibleError.self) { try files.lock("lock") }
            #expect(error?.code == .failedPrecondition)
            lock.release()
            try files.lock("lock").release()
        }
    }

    @Test func keepsBelowItsRoot() throws {
        try Self.with(.posix) { files in
            for path in ["/etc/passwd", "../x", "a/../../x", String(repeating: "x", count: 2_000)] {
                let error = #expect(throws: IndelibleError.self) { try files.open(path, .readWrite) }
                #expect(error?.code == .invalidArgument)
            }
        }
    }

    @Test func explainsWhatTheSystemSays() throws {
        let error = #expect(throws: IndelibleError.self) { try PosixFileSystem(root: "/nonexistent/folder") }
        #expect(error?.code == .notFound && error?.message.contains("/nonexistent/folder") ?? false)
        #expect(error?.cause as? PosixError == PosixError(number: ENOENT))
    }

    @Test func tellsTheSpaceLeft() throws {
        let space = try PosixFileSystem(root: "/").space()
        #expect(space.total > 0 && space.free <= space.total)
    }

    @Test func clocksRun() {
        let before = SystemClock.monotonicNanoseconds
        #expect(SystemClock.wallNanoseconds > 1_600_000_000_000_000_000)
        #expect(SystemClock.processProcessorNanoseconds > 0 && SystemClock.threadProcessorNanoseconds > 0)
        #expect(SystemClock.monotonicNanoseconds >= before)
    }
}
