import Foundation
import JSONText
import Primitives
import ServiceKit

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A service that `indelible up` started, or found running.
struct ChildProcess: Sendable {
    /// `POSIX_SPAWN_SETSID`, which the C library's module does not show.
    private static let spawnInNewSession: Int16 = 0x80

    let name: String
    let pid: pid_t

    /// What a service says of itself in its ready file.
    struct Addresses: Sendable {
        let rpc: String?
        let http: String?
        let otlp: String?
    }

    /// Starts an executable that stands beside this one, its output going to the suite's log file for it.
    static func start(
        _ executable: String,
        named name: String,
        arguments: [String],
        in suite: SuiteDirectory,
    ) throws(IndelibleError) -> ChildProcess {
        let path = Self.folder.appending(path: executable).path()
        let arguments = arguments + ["--ready-file", suite.readyFile(of: name).path()]
        let log = suite.logFile(of: name).path()
        try? FileManager.default.removeItem(at: suite.readyFile(of: name))

        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // A session of its own: a Ctrl-C for the terminal's programs does not reach a detached suite.
        unsafe posix_spawnattr_setflags(&attributes, Self.spawnInNewSession)

        Self.keepFilesFromChildren()
        var pid: pid_t = 0
        let texts = [path] + arguments
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe texts.map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe pointers.indices { unsafe free(pointers[index]) }
        }
        let status = unsafe posix_spawn(&pid, path, &actions, &attributes, &pointers, environ)
        guard status == 0 else {
            throw IndelibleError(
                .unavailable,
                "Could not start \(path) (error \(status)). Build the whole package with `make build`.",
            )
        }
        return ChildProcess(name: name, pid: pid)
    }

    /// Whoever started this command may wait for the end of a pipe that it inherited; services would keep that open.
    private static func keepFilesFromChildren() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in names.compactMap({ Int32($0) }) where descriptor > STDERR_FILENO {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }

    /// The folder of the running executable; the services stand in it too.
    private static var folder: URL {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: link ?? CommandLine.arguments[0]).deletingLastPathComponent()
    }

    /// Waits until the process has written its ready file.
    ///
    /// - Throws: ``IndelibleError/Code/unavailable`` when it ends first, ``IndelibleError/Code/deadlineExceeded``.
    func waitUntilReady(in suite: SuiteDirectory, seconds: Int) async throws -> Addresses {
        let file = suite.readyFile(of: self.name).path()
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            if let bytes = FileManager.default.contents(atPath: file) {
                let value = try JSONValue(parsing: Array(bytes), what: file)
                return Addresses(
                    rpc: value["rpc"]?.string,
                    http: value["http"]?.string,
                    otlp: value["otlp"]?.string,
                )
            }
            guard self.isRunning else {
                throw IndelibleError(
                    .unavailable,
                    "\(self.name) ended before it was ready. Its last words are in \(suite.logFile(of: self.name).path())"
                        + "\(Self.lastLine(of: suite.logFile(of: self.name))).",
                )
            }
            guard ContinuousClock.now < deadline else {
                throw IndelibleError(
                    .deadlineExceeded,
                    "\(self.name) was not ready after \(seconds) s. See \(suite.logFile(of: self.name).path()).",
                )
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func lastLine(of file: URL) -> String {
        let text = FileManager.default.contents(atPath: file.path()).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").last.map { ": \($0)" } ?? ""
    }

    /// Whether it still runs as one of ours: a process id that the system gave to somebody else does not count.
    var isRunning: Bool {
        // A child of ours that has ended must be reaped before it stops counting as alive.
        waitpid(self.pid, nil, WNOHANG)
        guard kill(self.pid, 0) == 0 else { return false }
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(self.pid)/exe")
        return link.map { URL(filePath: $0).lastPathComponent.hasPrefix("indelible") } ?? false
    }

    /// Asks it to stop and waits.
    ///
    /// - Returns: whether it ended in time.
    func stop(seconds: Int) async -> Bool {
        guard self.isRunning else { return true }
        kill(self.pid, SIGTERM)
        let deadline = ContinuousClock.now + .seconds(seconds)
        while self.isRunning {
            guard ContinuousClock.now < deadline, (try? await Task.sleep(for: .milliseconds(5))) != nil else {
                return false
            }
        }
        return true
    }
}
