import Foundation
import Glibc
import IndelibleClient
import JSONText
import ServiceProtocol
import Testing
import TransparencyLog

extension RealProcesses {
    /// Goal: `verify` says yes and no to each form in which a log can be had, offline and live, by key and by policy.
    ///
    /// Method: a ledger and a verifier that cosigns; then bytes on the ledger's disk, in the export and in the proof change.
    struct Verification {
        let directory: TestDirectory
        let ledger: TestLedger
        let witness: Program
        let key: VerifierKey
        let policy: String
        let stricter: String

        init() async throws {
            self.directory = try TestDirectory()
            let made = try await Program.indelible(
                "keys",
                "create",
                "witness.example/w",
                "--purpose",
                "witness",
                "--out",
                self.directory.path("w.key"),
                "--json",
                in: self.directory,
            )
            let witnessKey = try #require(try made.json["vkey"]?.string, "\(made)")
            let logMade = try await Program.indelible(
                "keys",
                "create",
                TestLedger.origin,
                "--out",
                self.directory.path("log.key"),
                "--json",
                in: self.directory,
            )
            self.key = try VerifierKey(parsing: try #require(try logMade.json["vkey"]?.string, "\(logMade)"))
            self.witness = try Program(
                Program.ours("indelible-verifier"),
                [
                    "--data", self.directory.path("verifier"), "--log", "\(self.key)", "--http", "127.0.0.1:0",
                    "--key", self.directory.path("w.key"), "--ready-file", self.directory.path("w.json"),
                ],
                in: self.directory,
            )
            let address = try #require(try await self.witness.ready("w.json")["http"]?.string)
            self.ledger = try await TestLedger.start(
                in: self.directory,
                [
                    "--key", self.directory.path("log.key"), "--witness", "\(witnessKey)=http://\(address)",
                    "--segment-entries", "256",
                ],
            )
            self.policy = self.directory.path("policy")
            let text = "log \(self.key)\nwitness w \(witnessKey)\nquorum w\n"
            try self.directory.write(Array(text.utf8), to: "policy")
            // A second witness, which has never heard of the log.
            let other = try NoteSigner(name: "w2.example", type: .cosignature, seed: [UInt8](repeating: 4, count: 32))
            self.stricter = self.directory.path("stricter")
            let more = "log \(self.key)\nwitness w \(witnessKey)\nwitness x \(other.verifierKey)\n"
            try self.directory.write(Array((more + "group both all w x\nquorum both\n").utf8), to: "stricter")
            var producer = TestProducer("verify")
            try await producer.grow(self.ledger, to: 600)
            _ = try await self.ledger.client.append(producer.batch(1, acknowledgement: .witnessed).request)
        }

        private func verify(_ arguments: String...) async throws -> Program.Result {
            try await Program.run(Program.ours("indelible"), ["verify"] + arguments + ["--json"], in: self.directory)
        }

        /// Exit code 1, and the finding that scripts read.
        private func expectFinding(_ result: Program.Result, _ kind: String, at index: Int?) throws {
            #expect(result.status == 1, "\(result)")
            let finding = try result.json
            #expect(finding["kind"]?.string == kind && finding["index"]?.number?.int == index, "\(result)")
            let keys = Set(finding.object?.members.map(\.key) ?? [])
            #expect(keys == ["kind", "index", "path", "expected", "found", "remedy"], "\(result)")
        }

        private func stop() async throws {
            try await self.ledger.stop()
            try await self.witness.stop()
        }

        @Test func judgesALiveLog() async throws {
            for place in [["--log", self.ledger.rpc], ["--log", self.ledger.tiles], ["--tiles", self.ledger.tiles]] {
                let good = try await self.verify(place[0], place[1], "--policy", self.policy)
                #expect(good.status == 0, "\(good)")
                #expect(try good.json["size"]?.number?.int == 601)
                #expect(try good.json["cosignatures"]?.number?.int == 1)
                let strict = try await self.verify(place[0], place[1], "--policy", self.stricter)
                try self.expectFinding(strict, "checkpoint-invalid", at: nil)
            }
            try self.flip("ledger/segments/000000000001.seg", at: 4096 + 305)
            for place in [["--log", self.ledger.rpc], ["--log", self.ledger.tiles]] {
                let damaged = try await self.verify(place[0], place[1], "--policy", self.policy)
                // "verify 1", "verify 2", … each with two bytes of length before it.
                try self.expectFinding(damaged, "payload-altered", at: 256 + 300 / 12)
            }
            try await self.stop()
            #expect(try await self.verify("--log", self.ledger.rpc, "--vkey", "\(self.key)").status == 3)
        }

        @Test func judgesFiles() async throws {
            let tiles = self.directory.path("exported")
            let proof = self.directory.path("7.proof")
            let export = try await Program.indelible(
                "export",
                "tiles",
                tiles,
                "--url",
                self.ledger.tiles,
                in: directory,
            )
            #expect(export.status == 0, "\(export)")
            let prove = try await Program.indelible(
                "prove",
                "7",
                "--ledger",
                self.ledger.rpc,
                "--out",
                proof,
                in: self.directory,
            )
            #expect(prove.status == 0, "\(prove)")
            try await self.stop()

            #expect(try await self.verify("--tiles", tiles, "--policy", self.policy).status == 0)
            #expect(try await self.verify("--tiles", tiles, "--vkey", "\(self.key)").status == 0)
            try self.expectFinding(
                await self.verify("--tiles", tiles, "--policy", self.stricter),
                "checkpoint-invalid",
                at: nil,
            )
            let entry = self.directory.path("7.entry")
            try self.directory.write(Array("verify 8".utf8), to: "7.entry")
            let one = try await self.verify("--proof", proof, "--entry", entry, "--policy", self.policy)
            #expect(one.status == 0, "\(one)")
            let strict = try await self.verify("--proof", proof, "--entry", entry, "--policy", self.stricter)
            try self.expectFinding(strict, "payload-altered", at: 7)
            try self.directory.write(Array("verify 9".utf8), to: "7.entry")
            let wrong = try await self.verify("--proof", proof, "--entry", entry, "--policy", self.policy)
            try self.expectFinding(wrong, "payload-altered", at: 7)

            for usage in [["--tiles", tiles], ["--proof", proof], ["--vkey", "\(self.key)"]] {
                let result = try await Program.run(
                    Program.ours("indelible"),
                    ["verify"] + usage,
                    in: self.directory,
                )
                #expect(result.status == 2, "\(result)")
            }
            try self.directory.write(Array("log nonsense\n".utf8), to: "policy")
            #expect(try await self.verify("--tiles", tiles, "--policy", self.policy).status == 2)
            #expect(try await self.verify("--tiles", tiles, "--policy", tiles + "/none").status == 2)
        }

        private func flip(_ file: String, at offset: UInt64) throws {
            let path = self.directory.path(file)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let handle = try #require(FileHandle(forUpdatingAtPath: path))
            try handle.seek(toOffset: offset)
            let byte = try #require(try handle.read(upToCount: 1)?.first)
            try handle.seek(toOffset: offset)
            try handle.write(contentsOf: [byte ^ 1])
            try handle.close()
        }
    }
}
