import Foundation
import Glibc
import IndelibleClient
import JSONText
import NIOHTTP1
import Primitives
import ServiceKit
import ServiceProtocol
import Testing
import TransparencyLog

extension RealProcesses {
    /// Goal: a witness that we did not write cosigns our log, and our witness answers what others recorded.
    @Suite struct ForeignWitness {
        private static let tool = Program.inPackage("tools/interop/witness-aics")
        /// Exit code of the tool where it cannot be installed and need not be.
        private static let skipped: Int32 = 77

        /// PyPI's aics-witness, at several sizes and over a restart of the ledger; in CI it must be there.
        @Test func cosignsOurCheckpoints() async throws {
            let directory = try TestDirectory()
            let first = try await TestLedger.start(in: directory)
            let key = try await first.key
            try await first.stop()
            let data = directory.path("aics")
            let made = try await Program.run(
                Self.tool,
                [
                    "init", "--data", data, "--name", "witness.example/aics", "--origin", TestLedger.origin, "--vkey",
                    "\(key)",
                ],
                in: directory,
            )
            guard made.status != Self.skipped else {
                FileHandle.standardError.write(Data(made.errors.utf8))
                return
            }
            #expect(made.status == 0, "\(made)")
            let vkey = made.output.trimmingCharacters(in: .newlines)
            let witness = try Program(Self.tool, ["serve", "--data", data], in: directory)
            let url = try await eventually("the witness listens") {
                guard witness.isRunning else { throw Unexpected("the witness ended: \(witness.errors)") }
                let words = witness.errors.split { $0 == " " || $0 == "\n" }
                return words.first { $0.hasPrefix("http://") }.map(String.init)
            }
            let policy = try TrustPolicy(parsing: Array("log \(key)\nwitness w \(vkey)\nquorum w\n".utf8))
            var producer = TestProducer("foreign")
            for sizes: [UInt64] in [[1, 256, 257], [5_000]] {
                let ledger = try await TestLedger.start(in: directory, ["--witness", "\(vkey)=\(url)"])
                for size in sizes {
                    try await producer.grow(ledger, to: size)
                    try await eventually("its cosignature of \(size)") { () -> Void? in
                        let note = try SignedNote(parsing: try await ledger.client.checkpoint().note)
                        guard let verdict = try? policy.verify(note) else { return nil }
                        return verdict.checkpoint.size == size && verdict.cosignatures.count == 1 ? () : nil
                    }
                }
                try await ledger.stop()
            }
            let status = try await Program.run(Self.tool, ["status", "--data", data], in: directory)
            #expect(status.output.contains("\"size\": 5000"), "\(status)")
            // Foundation starts programs with SIGTERM blocked, and Python leaves it so.
            try await witness.stop(SIGKILL)
        }

        /// Requests that other implementations accepted, sent to our witness over HTTP.
        @Test(.enabled(if: Self.vectors != nil, "no shared vectors: set INDELIBLE_SHARED"))
        func recordedRequestsGetTheirStatus() async throws {
            let directory = try TestDirectory()
            let vectors = try #require(Self.vectors)
            let read = { (name: String) in Array(try Data(contentsOf: vectors.appending(path: name))) }
            let log = try VerifierKey(parsing: String(decoding: read("log.vkey").prefix { $0 != 0x0a }, as: UTF8.self))
            let seed = [UInt8](0x20...0x3f)
            let signer = try NoteSigner(name: "witness.example/w1", type: .cosignature, seed: seed)
            let secret = try NoteSigner.privateKey(name: signer.name, type: .cosignature, seed: seed)
            try directory.write(Array((secret + "\n").utf8), to: "witness.key")
            let program = try Program(
                Program.ours("indelible-verifier"),
                [
                    "--data", directory.path("witness"), "--key", directory.path("witness.key"), "--log", "\(log)",
                    "--http", "127.0.0.1:0", "--ready-file", directory.path("witness.json"),
                ],
                in: directory,
            )
            let http = try #require(try await program.ready("witness.json")["http"]?.string)
            let post = { (body: [UInt8]) in
                try await HTTPClient.request(
                    .POST,
                    "http://\(http)\(WitnessPath.addCheckpoint)",
                    body: body,
                    seconds: 30,
                )
            }
            let (small, grown) = (try read("req0to3.txt"), try read("req3to7.txt"))
            for body in [small, grown] {
                let reply = try await post(body)
                #expect(reply.status == 200)
                let text = try WitnessRequest(parsing: body).checkpoint.note.text
                let line = try #require(try SignedNote.signatureLines(reply.body).first)
                #expect(signer.verifierKey.verify(line, over: text) != nil)
            }
            let again = try await post(grown)
            #expect(again.status == 409 && again.body == Array("7\n".utf8))
            #expect(again.headers.first(name: "Content-Type") == "text/x.tlog.size")
            let text = String(decoding: grown, as: UTF8.self)
            let rows: [(change: (String) -> String, status: Int)] = [
                ({ $0.replacingOccurrences(of: "old 3", with: "old 9") }, 400),
                ({ $0.replacingOccurrences(of: "old 3", with: "old 03") }, 400),
                ({ $0.replacingOccurrences(of: "log.example/indelible-test\n7", with: "log.example/other\n7") }, 404),
                ({ $0.replacingOccurrences(of: "D4X53Vqhs", with: "D4X53Vqht") }, 403),
                ({ $0.replacingOccurrences(of: "old 3", with: "old 7") }, 422),
            ]
            for (change, status) in rows {
                let reply = try await post(Array(change(text).utf8))
                #expect(reply.status == status, "\(change(text).prefix(80))")
            }
            let monitored = try await HTTPClient.request(
                .GET,
                "http://\(http)\(WitnessPath.checkpoint(of: log.name))",
                seconds: 30,
            )
            let note = try SignedNote(parsing: monitored.body)
            #expect(try note.verified(by: [log, signer.verifierKey]).count == 2)
            try await program.stop()
        }

        private static let vectors: URL? = {
            let beside = URL(filePath: Program.inPackage("../shared")).standardizedFileURL
            let root = ProcessInfo.processInfo.environment["INDELIBLE_SHARED"].map { URL(filePath: $0) } ?? beside
            let directory = root.appending(path: "vectors/tlog")
            return FileManager.default.fileExists(atPath: directory.path) ? directory : nil
        }()
    }
}
