import Foundation
import IndelibleClient
import JSONText
import ServiceProtocol
import Testing
import TransparencyLog

extension RealProcesses {
    /// Goal: whoever trusts Go's sumdb and not us comes to the same conclusions about our logs.
    ///
    /// Method: one log is grown through sizes around the borders of tiles; `tools/interop/verify-log` reads it each time.
    @Suite(.enabled(if: Tool.isHere("go"), "Go is not installed; tools/install test installs it"))
    struct ForeignVerifier {
        static let sizes: [UInt64] = [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 200_000]
        /// Exit code of `verify-aics` where it cannot be installed and need not be.
        static let skipped: Int32 = 77
        static let tool = Program.inPackage("tools/interop/verify-log")

        @Test func acceptsEverySize() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            let key = try await ledger.key.description
            var producer = TestProducer("sizes")
            var old: [String] = []
            for size in Self.sizes {
                try await producer.grow(ledger, to: size)
                let checkpoint = try await ledger.checkpoint()
                #expect(checkpoint.checkpoint.size == size)
                let result = try await Program.run(
                    Self.tool,
                    ["--tiles", ledger.tiles, "--vkey", key, "--all-sizes"] + old,
                    in: directory,
                )
                let report = try result.json
                #expect(result.status == 0 && report["verified"]?.bool == true, "\(size): \(result)")
                #expect(report["size"]?.number?.int == Int(size))
                try directory.write(checkpoint.bytes, to: "checkpoint-\(size)")
                old = ["--old", directory.path("checkpoint-\(size)")]
            }
            let export = try await Program.indelible(
                "export",
                "tiles",
                directory.path("exported"),
                "--url",
                ledger.tiles,
                in: directory,
            )
            #expect(export.status == 0, "\(export)")
            try await ledger.stop()
            // Without the ledger, and from yesterday's checkpoint on.
            let result = try await Program.run(
                Self.tool,
                ["--tiles", directory.path("exported"), "--vkey", key, "--old", directory.path("checkpoint-65537")],
                in: directory,
            )
            #expect(result.status == 0, "\(result)")
            #expect(try result.json["size"]?.number?.int == 200_000)
        }

        /// PyPI's aics-tlog, from the checkpoint of one size to that of the next; in CI it must be there.
        @Test func aSecondImplementationAgrees() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            try directory.write(Array(try await ledger.key.description.utf8), to: "log.vkey")
            var producer = TestProducer("second")
            var old: [String] = []
            for size: UInt64 in [1, 257, 65_537] {
                try await producer.grow(ledger, to: size)
                let checkpoint = try await ledger.checkpoint()
                let result = try await Program.run(
                    Program.inPackage("tools/interop/verify-aics"),
                    ["--tiles", ledger.tiles, "--vkey", directory.path("log.vkey"), "--index", "\(size - 1)"] + old,
                    in: directory,
                )
                if result.status == Self.skipped {
                    FileHandle.standardError.write(Data(result.errors.utf8))
                    break
                }
                #expect(result.status == 0, "\(size): \(result)")
                #expect(result.output.contains("\"size\": \(size)"), "\(result)")
                try directory.write(checkpoint.bytes, to: "checkpoint-\(size)")
                old = ["--old", directory.path("checkpoint-\(size)")]
            }
            try await ledger.stop()
        }

        /// A tool that says yes to everything would pass the test above.
        @Test func refusesOneWrongByte() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            let key = try await ledger.key.description
            var producer = TestProducer("wrong")
            try await producer.grow(ledger, to: 300)
            _ = try await Program.indelible(
                "export",
                "tiles",
                directory.path("exported"),
                "--url",
                ledger.tiles,
                in: directory,
            )
            try await ledger.stop()
            var bundle = try #require(directory.read("exported/tile/entries/000"))
            bundle[bundle.count / 2] ^= 1
            try directory.remove("exported/tile/entries/000")
            try directory.write(bundle, to: "exported/tile/entries/000")
            let result = try await Program.run(
                Self.tool,
                ["--tiles", directory.path("exported"), "--vkey", key],
                in: directory,
            )
            #expect(result.status == 1, "\(result)")
            #expect(try result.json["path"]?.string == "tile/entries/000")
        }

        @Test func acceptsALogThatGrowsMeanwhile() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            var producer = TestProducer("growing")
            try await producer.grow(ledger, to: 20_000)
            let verifier = try Program(
                Self.tool,
                ["--tiles", ledger.tiles, "--vkey", try await ledger.key.description, "--all-sizes"],
                in: directory,
            )
            var size: UInt64 = 20_000
            while verifier.isRunning, size < 2_000_000 {
                size += 100
                try await producer.grow(ledger, to: size)
            }
            let result = try await verifier.result()
            let report = try result.json
            #expect(result.status == 0 && report["verified"]?.bool == true, "\(result)")
            let (start, end) = (report["size"]?.number?.int ?? 0, report["grown_to"]?.number?.int ?? 0)
            #expect(20_000 <= start && start < end, "it grew from \(start) to \(end) under the verifier")
            try await ledger.stop()
        }
    }
}
