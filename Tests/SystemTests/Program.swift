import Foundation
import Glibc
import JSONText

/// A program that a test started, ours or somebody else's.
final class Program: Sendable {
    /// What a program said by the time that it ended.
    struct Result: Sendable {
        let status: Int32
        let output: String
        let errors: String

        /// The JSON object that it wrote to standard output.
        var json: JSONValue {
            get throws { try JSONValue(parsing: Array(self.output.utf8), what: "the program's output") }
        }
    }

    /// Longest life of a program that is waited for.
    static let lifeSeconds = 180

    private let process: Process
    private let directory: TestDirectory
    private let label: String

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A file of the package, such as a tool's.
    static func inPackage(_ path: String) -> String { Self.root.appending(path: path).path() }

    /// An executable of ours: it stands beside the one that runs the tests.
    static func ours(_ name: String) throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: tests).deletingLastPathComponent().appending(path: name).path()
    }

    /// Starts a program; what it writes goes to files in `directory`.
    ///
    /// - Parameter path: an absolute path, or a name to be found on the `PATH`.
    init(_ path: String, _ arguments: [String], in directory: TestDirectory) throws {
        self.directory = directory
        self.label = "\(URL(filePath: path).lastPathComponent)-\(UUID().uuidString)"
        let process = Process()
        process.executableURL = URL(filePath: path.hasPrefix("/") ? path : "/usr/bin/env")
        process.arguments = (path.hasPrefix("/") ? [] : [path]) + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.file(directory.path(self.label + ".out"))
        process.standardError = try Self.file(directory.path(self.label + ".err"))
        try process.run()
        self.process = process
    }

    deinit { if self.process.isRunning { kill(self.process.processIdentifier, SIGKILL) } }

    /// Runs a program to its end.
    static func run(_ path: String, _ arguments: [String], in directory: TestDirectory) async throws -> Result {
        try await Program(path, arguments, in: directory).result()
    }

    /// Runs `indelible` to its end.
    static func indelible(_ arguments: String..., in directory: TestDirectory) async throws -> Result {
        try await Self.run(Self.ours("indelible"), arguments, in: directory)
    }

    private static func file(_ path: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw Unexpected("could not write \(path)") }
        return file
    }

    var pid: Int32 { self.process.processIdentifier }
    var isRunning: Bool { self.process.isRunning }
    /// What it has written to standard error so far.
    var errors: String { self.text(".err") }

    private func text(_ suffix: String) -> String {
        String(decoding: self.directory.read(self.label + suffix) ?? [], as: UTF8.self)
    }

    /// Waits for its end; one that does not end is killed.
    func result() async throws -> Result {
        do {
            _ = try await eventually("the end of \(self.label)", seconds: Self.lifeSeconds) {
                self.isRunning ? nil : ()
            }
        } catch {
            kill(self.pid, SIGKILL)
            throw Unexpected("\(error); its last words: \(self.errors.suffix(2_000))")
        }
        return Result(status: self.process.terminationStatus, output: self.text(".out"), errors: self.errors)
    }

    /// Sends a signal and waits for the end.
    @discardableResult
    func stop(_ signal: Int32 = SIGTERM) async throws -> Result {
        if self.isRunning { kill(self.pid, signal) }
        return try await self.result()
    }

    /// Waits for a ready file, as services write one.
    ///
    /// - Throws: ``Unexpected`` with the program's last words when it ends first.
    func ready(_ file: String) async throws -> JSONValue {
        try await eventually("\(self.label) is ready") {
            if let bytes = self.directory.read(file) { return try JSONValue(parsing: bytes, what: file) }
            guard self.isRunning else {
                throw Unexpected("\(self.label) ended before it was ready: \(self.errors.suffix(2_000))")
            }
            return nil
        }
    }
}
