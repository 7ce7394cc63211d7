import ArgumentParser
import Foundation
import IndelibleClient
import JSONText
import LedgerCore
import Platform
import Primitives
import ServiceKit
import ServiceProtocol
import Storage
import TransparencyLog
import VerifierCore

/// Edits one old byte behind the ledger's back, has it found, and puts it back: `indelible demo tamper`.
struct DemoTamperCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tamper",
        abstract: "Edit one old byte on the disk, see it found, and restore it.",
        discussion: """
            Changes one bit of one entry in a sealed segment of a running suite, runs what `indelible verify --data` runs, which
            names the entry, restores the byte, and verifies again. Exits 0 when the change was found and all is well after.
            """,
    )

    @Option(help: "The directory that was given to `indelible up`; the suite must run.")
    var data: String

    @Option(help: "Entry to change; by default one in the middle of what is sealed.")
    var index: UInt64?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let suite = SuiteDirectory(self.data)
            let endpoints = try suite.endpoints()
            let verification = TileVerification(
                source: try TileSource(endpoints.tilesHTTP),
                policy: TrustPolicy(log: try VerifierKey(parsing: endpoints.logVKey)),
                audit: try EntryAudit(default: endpoints),
            )
            let directory = suite.directory(of: "ledger").path()
            let files = try PosixFileSystem(root: directory)
            let index = try await self.target(endpoints)
            guard let place = try EntryPlace.find(index, in: files) else { throw Self.unsealed(self.data) }
            guard case .success = try await verification.run() else {
                throw IndelibleError(
                    .dataLoss,
                    "The log is damaged already. Run `indelible verify --data \(self.data)`.",
                )
            }
            let byte = DiskByte(
                path: directory + place.path,
                offset: place.bytes.lowerBound + UInt64(place.bytes.count) / 2,
            )
            self.say(
                "Entry \(index) stands in \(byte.path), bytes \(place.bytes.lowerBound) to \(place.bytes.upperBound)."
            )
            let started = SystemClock.monotonicNanoseconds
            let finding = try await byte.flipped {
                self.say("One bit of byte \(byte.offset) is changed now. Nobody told the ledger. Verifying …")
                guard case .failure(let finding) = try await verification.run() else { return Finding?.none }
                return finding
            }
            let seconds = Double((SystemClock.monotonicNanoseconds - started) / 1_000_000) / 1_000
            guard let finding else { throw IndelibleError(.internal, "The change was not found: that is a bug.") }
            self.say(finding.text + "\nFound in \(seconds) s. The byte is restored. Verifying …")
            guard case .success(let report) = try await verification.run() else {
                throw IndelibleError(.dataLoss, "The log does not verify after the byte was restored.")
            }
            Terminal.write(self.json ? Self.object(index, byte, finding, seconds) : report.text)
            if finding.index != index { throw Outcome.no }
        }
    }

    private func target(_ endpoints: Endpoints) async throws -> UInt64 {
        let ledger = LedgerClient(
            try ServiceAddress(parsing: endpoints.ledgerRPC),
            software: Software.name("cli"),
            retry: .none,
        )
        let sealed: UInt64
        do {
            sealed = try await ledger.status().sealedSize
            await ledger.close()
        } catch {
            await ledger.close()
            throw error
        }
        guard sealed > 0, self.index ?? 0 < sealed else { throw Self.unsealed(self.data) }
        return self.index ?? sealed / 2
    }

    private static func unsealed(_ data: String) -> IndelibleError {
        IndelibleError(
            .failedPrecondition,
            "That entry is in no sealed segment yet; the newest entries are still in the journal and in memory. Take in more "
                + "events: `indelible simulate --events 70000 --seed 1 | indelible import --data \(data) -`.",
        )
    }

    private func say(_ line: String) { if !self.json { Terminal.write(line + "\n") } }

    private static func object(_ index: UInt64, _ byte: DiskByte, _ finding: Finding, _ seconds: Double) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("index", index)
            writer.member("file", byte.path)
            writer.member("offset", byte.offset)
            writer.key("finding")
            finding.write(to: &writer)
            writer.member("milliseconds", UInt64(seconds * 1_000))
            writer.member("restored", true)
        }
        return writer.text + "\n"
    }
}
