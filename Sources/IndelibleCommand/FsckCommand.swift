import Foundation
import IndelibleClient
import ArgumentParser
import JSONText
import LedgerCore
import Platform
import Primitives
import Storage
import TransparencyLog

/// Checks a ledger's directory byte by byte: `indelible fsck`.
struct FsckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck",
        abstract: "Check the ledger's files byte by byte.",
        discussion: """
            Sees what remote readers cannot: journal, manifests, derived files. Beside a running ledger it leaves out what moves,
            journal and newest entries, and says so; to check those, too, stop the ledger or take a copy. Exits 0 when all is
            clean, 1 with findings; with --json one object a finding, then a summary.
            """,
    )

    @Option(help: "The directory that was given to `indelible up`, or a ledger's own.")
    var data: String

    @Option(help: "Verifier key of the log, or a file that holds it; by default that of the suite.")
    var vkey: String?

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let suite = SuiteDirectory(self.data)
            let endpoints = try? suite.endpoints()
            let directory = endpoints == nil ? self.data : suite.directory(of: "ledger").path()
            let files = try PosixFileSystem(root: directory)
            guard try files.exists(Log.lockPath) else {
                throw IndelibleError(.invalidArgument, "There is no log in \(directory).")
            }
            let lock = try Self.lock(files)
            defer { lock?.release() }
            let key =
                try self.vkey.map { try VerifierKey(argument: $0) }
                ?? endpoints.map { try VerifierKey(parsing: $0.logVKey) }
            let report = { (finding: LogFinding) in
                Terminal.write(self.json ? Self.object(finding) : Self.text(finding))
            }
            let isWhole = lock != nil
            let summary =
                isWhole ? try LogCheck(files, key: key).run(report) : try LogScrub(files, key: key).run(report)
            Terminal.write(self.json ? Self.object(summary, isWhole: isWhole) : Self.text(summary, isWhole: isWhole))
            if summary.findingCount > 0 { throw Outcome.no }
        }
    }

    /// - Returns: `nil` when a ledger has the log open.
    private static func lock(_ files: any FileSystem) throws(IndelibleError) -> (any FileLock)? {
        do throws(IndelibleError) { return try files.lock(Log.lockPath) } catch {
            guard error.code == .failedPrecondition else { throw error }
            return nil
        }
    }

    private static func text(_ finding: LogFinding) -> String {
        let index = finding.index.map { ", entry \($0)" } ?? ""
        return
            "\(finding.kind.rawValue): \(finding.path)\(index)\n  expected \(finding.expected)\n  found    \(finding.found)\n"
    }

    private static func text(_ summary: LogCheckSummary, isWhole: Bool) -> String {
        let result = summary.findingCount == 0 ? "Clean" : "\(summary.findingCount) findings"
        let rest = isWhole ? "" : " The ledger runs: its journal and the entries in it were not checked."
        return "\(result): \(summary.entryCount) entries, \(summary.segmentCount) segments, "
            + "\(summary.payloadCount) payloads.\(rest)\n"
    }

    private static func object(_ finding: LogFinding) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("kind", finding.kind.rawValue)
            writer.key("index")
            if let index = finding.index { writer.integer(index) } else { writer.null() }
            for (key, text) in [("path", finding.path), ("expected", finding.expected), ("found", finding.found)] {
                writer.member(key, text)
            }
        }
        return writer.text + "\n"
    }

    private static func object(_ summary: LogCheckSummary, isWhole: Bool) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("entries", summary.entryCount)
            writer.member("segments", summary.segmentCount)
            writer.member("payloads", summary.payloadCount)
            writer.member("findings", summary.findingCount)
            writer.member("journal_checked", isWhole)
        }
        return writer.text + "\n"
    }
}
