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
            Sees what remote readers cannot: journal, manifests, derived files. Stop the ledger first, or check a copy. Exits 0
            when all is clean, 1 with findings; with --json one object a finding, then a summary.
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
            let lock = try files.lock(Log.lockPath)
            defer { lock.release() }
            let key =
                try self.vkey.map { try VerifierKey(argument: $0) }
                ?? endpoints.map { try VerifierKey(parsing: $0.logVKey) }
            let summary = try LogCheck(files, key: key).run { finding in
                Terminal.write(self.json ? Self.object(finding) : Self.text(finding))
            }
            Terminal.write(self.json ? Self.object(summary) : Self.text(summary))
            if summary.findingCount > 0 { throw Outcome.no }
        }
    }

    private static func text(_ finding: LogFinding) -> String {
        let index = finding.index.map { ", entry \($0)" } ?? ""
        return
            "\(finding.kind.rawValue): \(finding.path)\(index)\n  expected \(finding.expected)\n  found    \(finding.found)\n"
    }

    private static func text(_ summary: LogCheckSummary) -> String {
        let result = summary.findingCount == 0 ? "Clean" : "\(summary.findingCount) findings"
        return
            "\(result): \(summary.entryCount) entries, \(summary.segmentCount) segments, \(summary.payloadCount) payloads.\n"
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

    private static func object(_ summary: LogCheckSummary) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("entries", summary.entryCount)
            writer.member("segments", summary.segmentCount)
            writer.member("payloads", summary.payloadCount)
            writer.member("findings", summary.findingCount)
        }
        return writer.text + "\n"
    }
}
