import IndelibleClient
import ArgumentParser
import Primitives
import ServiceKit

/// Stops a suite: `indelible down`.
struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop the suite gracefully.",
        discussion: "Analyzers first, then ingest, ledger and verifiers, each after it has finished what it accepted.",
    )

    /// Longest wait for one process; its own drain limit is shorter.
    static let stopSeconds = 30

    @Option(help: "The directory that was given to `indelible up`.")
    var data: String

    func run() async throws {
        try await Outcome.report { try await Self.stop(SuiteDirectory(self.data)) }
    }

    static func stop(_ directory: SuiteDirectory) async throws {
        let endpoints = try directory.endpoints()
        var late: [String] = []
        for (name, pid) in endpoints.processIdentifiers.reversed() {
            let child = ChildProcess(name: name, pid: pid)
            if await !child.stop(seconds: Self.stopSeconds) { late.append("\(name) (process \(pid))") }
        }
        guard late.isEmpty else {
            throw IndelibleError(
                .deadlineExceeded,
                "Still running after \(Self.stopSeconds) s: \(late.joined(separator: ", ")). "
                    + "Nothing acknowledged is lost if you kill them.",
            )
        }
    }
}
