import Foundation
import JSONText
import Testing
import TransparencyLog

extension RealProcesses {
    /// Goal: a log that shows two verifiers different trees is caught by them, without anybody else.
    ///
    /// Method: two ledgers with one key take the same entries, then different ones; each has a verifier of its own, and the
    /// verifiers ask each other.
    @Suite struct SplitView {
        @Test func isFoundByTheVerifiersThemselves() async throws {
            let directory = try TestDirectory()
            let first = try await TestLedger.start(in: directory, data: "one")
            let second = try await TestLedger.start(
                in: directory,
                data: "two",
                ["--key", directory.path("one/log.key")],
            )
            let key = try await first.key
            #expect(try await second.key == key)
            for ledger in [first, second] {
                var common = TestProducer("common")
                try await common.grow(ledger, to: 300)
            }
            var (left, right) = (TestProducer("left"), TestProducer("right"))
            try await left.grow(first, to: 700)
            try await right.grow(second, to: 500)

            let ready = ["one", "two"].map { directory.path("verifier-\($0).json") }
            var verifiers: [TestVerifier] = []
            for (ledger, number) in [(first, 0), (second, 1)] {
                verifiers.append(
                    try TestVerifier(
                        of: ledger,
                        key: key,
                        in: directory,
                        name: "verifier-\(number)",
                        [
                            "--rescan-seconds", "0", "--ready-file", ready[number], "--peer", "@" + ready[1 - number],
                            "--peer-seconds", "1",
                        ],
                    )
                )
            }
            // One finds it and says where; the other takes over the proof.
            try await verifiers[0].waitForFinding("forked", at: 300)
            try await verifiers[1].waitForFinding("forked", at: nil)
            for (number, verifier) in verifiers.enumerated() {
                let line = verifier.findings.split(separator: "\n").first { $0.contains("forked") }.map {
                    Array($0.utf8)
                }
                let path = try #require(try JSONValue(parsing: line ?? [], what: "a finding")["path"]?.string)
                let evidence = directory.path("verifier-\(number)/\(path)")
                let good = try await Program.indelible(
                    "verify",
                    "--evidence",
                    evidence,
                    "--vkey",
                    "\(key)",
                    "--json",
                    in: directory,
                )
                #expect(good.status == 0, "\(good)")
                #expect(try good.json["kind"]?.string == "forked")
                #expect(try good.json["size"]?.number?.int == 500 && good.json["other_size"]?.number?.int == 700)
                let other = try NoteSigner(name: key.name, type: .ed25519, seed: [UInt8](repeating: 1, count: 32))
                let bad = try await Program.indelible(
                    "verify",
                    "--evidence",
                    evidence,
                    "--vkey",
                    "\(other.verifierKey)",
                    in: directory,
                )
                #expect(bad.status == 1, "\(bad)")
                try await verifier.program.stop()
            }
            try await first.stop()
            try await second.stop()
        }

        /// Two verifiers of one honest log, one of them behind the other.
        @Test func isNotSeenWhereThereIsNone() async throws {
            let suite = try RunningSuite()
            let endpoints = try await suite.up("--verifiers", "2", "--analyzers", "0")
            for number in 0..<5 { _ = try await suite.emit(actor: "person-\(number)") }
            let urls = endpoints["witness_http"]?.array?.compactMap(\.string) ?? []
            #expect(urls.count == 2)
            try await eventually("both verifiers have asked each other twice") { () -> Void? in
                for url in urls {
                    let asked = try await suite.metric("indelible_verifier_peer_comparisons_total", at: url) ?? 0
                    guard asked >= 2 else { return nil }
                    #expect(try await suite.metric("indelible_verifier_findings_total", at: url) == 0)
                }
                return ()
            }
            #expect(try await suite.run("down").status == 0)
        }
    }
}
