import Foundation
import Glibc
import NIOHTTP1
import ServiceKit
import Testing

extension RealProcesses {
    /// Goal: a ledger finds damage in its own files although nobody reads them, and says so in `/healthz`; a file that is
    /// whole again is no finding of the next run.
    struct Scrubbing {
        private static let arguments = [
            "--segment-entries", "64", "--scrub-seconds", "1", "--scrub-bytes-per-second", "0",
        ]

        private static func get(_ ledger: TestLedger, _ path: String) async throws -> (status: Int, text: String) {
            let answer = try await HTTPClient.request(.GET, ledger.tiles + path, seconds: 30)
            return (answer.status, String(decoding: answer.body, as: UTF8.self))
        }

        private static func gauge(_ ledger: TestLedger, _ name: String) async throws -> Int {
            let text = try await Self.get(ledger, "/metrics").text
            let line = text.split(separator: "\n").first { $0.hasPrefix("indelible_ledger_\(name) ") }
            return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
        }

        @Test func aLedgerFindsDamageInItsOwnFiles() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory, Self.arguments)
            var producer = TestProducer("scrub")
            // Segments are tiny: a larger batch would wait for room that never comes.
            for size in stride(from: UInt64(60), through: 300, by: 60) { try await producer.grow(ledger, to: size) }
            try await eventually("all segments read again") { () -> Void? in
                try await Self.gauge(ledger, "scrub_finished_segments") == 4 ? () : nil
            }
            #expect(try await Self.get(ledger, "/healthz").status == 200)
            #expect(try await Self.gauge(ledger, "scrub_findings_total") == 0)

            let file = directory.url.appending(path: "ledger/segments/000000000002.seg")
            let whole = try Data(contentsOf: file)
            var damaged = whole
            damaged[4096 + 100] ^= 1
            // In place: the ledger has the file open. It is read-only for whoever is not root.
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path())
            let write = { (bytes: Data) in
                let handle = try FileHandle(forWritingTo: file)
                try handle.write(contentsOf: bytes)
                try handle.close()
            }
            try write(damaged)
            let problem = try await eventually("the damage to be found") { () -> String? in
                let answer = try await Self.get(ledger, "/healthz")
                return answer.status == 503 ? answer.text : nil
            }
            #expect(problem.contains("segments/000000000002.seg, entry 1"), "\(problem)")
            #expect(try await Self.gauge(ledger, "scrub_findings_total") >= 1)
            // It goes on serving, and takes entries.
            try await producer.grow(ledger, to: 310)
            try write(whole)
            try await ledger.stop()

            let again = try await TestLedger.start(in: directory, Self.arguments)
            #expect(try await Self.get(again, "/healthz").status == 200)
            try await eventually("another pass") { () -> Void? in
                try await Self.gauge(again, "scrub_finished_segments") == 4 ? () : nil
            }
            #expect(try await Self.get(again, "/healthz").status == 200)
            try await again.stop()
        }
    }
}
