import Foundation
import Glibc
import IndelibleClient
import JSONText
import Primitives
import ServiceKit
import ServiceProtocol
import Testing
import TransparencyLog
import VerifierCore

extension RealProcesses {
    /// Goal: one verifier follows all logs of a policy, tells them apart, and says what the policy asks for and does not get.
    ///
    /// Method: a ledger process with two logs, a policy that names both and a witness that nobody runs.
    struct FollowedPolicy {
        private static let other = "log.example/other"

        /// What a verifier with that policy has in its directory.
        private struct Follower {
            let program: Program
            let directory: TestDirectory

            init(_ policy: [String], _ options: [String], in directory: TestDirectory) throws {
                self.directory = directory
                try directory.write(Array((policy.joined(separator: "\n") + "\n").utf8), to: "policy")
                self.program = try Program(
                    Program.ours("indelible-verifier"),
                    [
                        "--data", directory.path("verifier"), "--policy", directory.path("policy"), "--http",
                        "127.0.0.1:0",
                    ] + options,
                    in: directory,
                )
            }

            func verified(_ origin: String, _ size: UInt64) async throws {
                let path = "verifier/\(FollowDirectory.path(of: try Witness.hash(of: origin)))/checkpoint"
                try await eventually("\(size) verified entries of \(origin)") { () -> Void? in
                    guard let note = self.directory.read(path) else { return nil }
                    return try SignedCheckpoint(parsing: note).checkpoint.size == size ? () : nil
                }
            }

            var findings: [JSONValue] {
                get throws {
                    let lines = (self.directory.read("verifier/findings.jsonl") ?? []).split(separator: 0x0a)
                    return try lines.map { try JSONValue(parsing: Array($0), what: "a finding") }
                }
            }

            func finding(_ kind: String, of origin: String) async throws -> JSONValue {
                try await eventually("\(kind) of \(origin)") {
                    try self.findings.first { $0["kind"]?.string == kind && $0["log"]?.string == origin }
                }
            }
        }

        private static func start(_ directory: TestDirectory) async throws -> (ledger: TestLedger, keys: [VerifierKey])
        {
            let ledger = try await TestLedger.start(
                in: directory,
                ["--also", "\(Self.other)=\(directory.path("other"))"],
            )
            var keys: [VerifierKey] = []
            for (origin, count) in [(TestLedger.origin, 300), (Self.other, 70)] {
                // A ledger with several logs wants to hear which.
                let address = try ServiceAddress(parsing: ledger.rpc)
                let client = LedgerClient(address, log: origin, software: "system-tests", retry: .none)
                keys.append(try VerifierKey(parsing: try await client.status().logVerifierKey))
                var producer = TestProducer("p")
                _ = try await client.append(producer.batch(count, acknowledgement: .checkpointed).request)
                await client.close()
            }
            return (ledger, keys)
        }

        @Test func severalLogsAreToldApart() async throws {
            let directory = try TestDirectory()
            let (ledger, keys) = try await Self.start(directory)
            let lines = keys.map { "log \($0) \(ledger.rpc)" } + ["quorum none"]
            let follower = try Follower(lines, ["--unreachable-seconds", "1"], in: directory)
            try await follower.verified(TestLedger.origin, 300)
            try await follower.verified(Self.other, 70)
            #expect(try follower.findings.isEmpty)
            try await ledger.stop(SIGKILL)
            for (origin, size) in [(TestLedger.origin, 300), (Self.other, 70)] {
                let finding = try await follower.finding("unreachable", of: origin)
                #expect(finding["index"]?.number?.int == size && finding["path"]?.string == ledger.rpc, "\(finding)")
            }
            try await follower.program.stop()
        }

        @Test func missingCosignaturesAreNamed() async throws {
            let directory = try TestDirectory()
            let (ledger, keys) = try await Self.start(directory)
            let witness = try NoteSigner(
                name: "witness.example/w",
                type: .cosignature,
                seed: [UInt8](repeating: 1, count: 32),
            )
            let lines = ["log \(keys[0]) \(ledger.rpc)", "witness w \(witness.verifierKey)", "quorum w"]
            let follower = try Follower(lines, ["--stale-seconds", "1"], in: directory)
            try await follower.verified(TestLedger.origin, 300)
            let finding = try await follower.finding("checkpoint-stale", of: TestLedger.origin)
            #expect(finding["expected"]?.string == "cosignatures of the policy's quorum", "\(finding)")
            try await follower.program.stop()
            try await ledger.stop()
        }
    }
}
