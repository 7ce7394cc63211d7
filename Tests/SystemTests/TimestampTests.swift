import Foundation
import JSONText
import NIOCore
import NIOHTTP1
import Logging
import Primitives
import ServiceKit
import Testing
import TransparencyLog
import VerifierCore

extension RealProcesses {
    /// Goal: an authority's stamp says when a checkpoint was there, and a proof carries it to whoever asks.
    ///
    /// Method: an authority made with `openssl ts`, behind an HTTP server of the test; OpenSSL's own verification agrees.
    @Suite(.enabled(if: Tool.isHere("openssl"), "openssl is not installed; tools/install test installs it"))
    struct Timestamps {
        /// A time-stamp authority in a directory.
        private struct Authority: Sendable {
            let directory: TestDirectory

            init(in directory: TestDirectory) async throws {
                self.directory = directory
                let configuration = """
                    [req]
                    distinguished_name = dn
                    prompt = no
                    [dn]
                    CN = Test time-stamp authority
                    [tsa_ext]
                    extendedKeyUsage = critical,timeStamping
                    [tsa]
                    default_tsa = here
                    [here]
                    serial = \(directory.path("serial"))
                    crypto_device = builtin
                    signer_cert = \(directory.path("tsa.pem"))
                    signer_key = \(directory.path("tsa.key"))
                    signer_digest = sha256
                    default_policy = 1.2.3.4.1
                    digests = sha256
                    """
                try directory.write(Array(configuration.utf8), to: "tsa.cnf")
                try directory.write(Array("01\n".utf8), to: "serial")
                try await self.openssl(
                    "req",
                    "-x509",
                    "-newkey",
                    "rsa:2048",
                    "-nodes",
                    "-keyout",
                    "tsa.key",
                    "-out",
                    "tsa.pem",
                    "-days",
                    "2",
                    "-config",
                    "tsa.cnf",
                    "-extensions",
                    "tsa_ext",
                )
            }

            @discardableResult
            func openssl(_ arguments: String...) async throws -> Program.Result {
                let files = arguments.map {
                    $0.hasPrefix("tsa.") || $0.hasPrefix("stamp.") ? self.directory.path($0) : $0
                }
                let result = try await Program.run("openssl", files, in: self.directory)
                guard result.status == 0 else { throw Unexpected("openssl \(arguments): \(result)") }
                return result
            }

            func answer(_ query: [UInt8]) async throws -> [UInt8] {
                try self.directory.write(query, to: "stamp.tsq")
                try await self.openssl(
                    "ts",
                    "-reply",
                    "-queryfile",
                    "stamp.tsq",
                    "-out",
                    "stamp.tsr",
                    "-config",
                    "tsa.cnf",
                )
                return self.directory.read("stamp.tsr") ?? []
            }

            func serve() async throws -> HTTPServer {
                let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                return try await HTTPServer(host: "127.0.0.1", port: 0, logger: logger) { request, loop in
                    let query = Array(request.body.readableBytesView)
                    return loop.makeFutureWithTask {
                        HTTPReply(
                            .ok,
                            "application/timestamp-reply",
                            body: ByteBuffer(bytes: try await self.answer(query)),
                        )
                    }
                }
            }
        }

        @Test func opensslAndWeAgree() async throws {
            let directory = try TestDirectory()
            let authority = try await Authority(in: directory)
            let certificates = String(decoding: directory.read("tsa.pem") ?? [], as: UTF8.self)
            let subject = Array("what is to be stamped".utf8)
            let response = try await authority.answer(Timestamp.request(subject, nonce: 77))
            let seconds = try Timestamp.verify(response, over: subject, nonce: 77, authorities: certificates)
            #expect(seconds > 1_700_000_000)
            #expect(try Timestamp.verify(response, over: subject, authorities: certificates) == seconds)
            // Another subject, nonce or authority, and every changed byte.
            let refused = { (response: [UInt8], subject: [UInt8], nonce: UInt64?, authorities: String) in
                _ = #expect(throws: IndelibleError.self) {
                    try Timestamp.verify(response, over: subject, nonce: nonce, authorities: authorities)
                }
            }
            refused(response, subject + [1], nil, certificates)
            refused(response, subject, 78, certificates)
            refused(response, subject, nil, "")
            for position in stride(from: 0, to: response.count, by: 7) {
                refused(Array(response.prefix(position)), subject, 77, certificates)
            }
            let stranger = try TestDirectory()
            let other = try await Authority(in: stranger)
            refused(response, subject, 77, String(decoding: stranger.read("tsa.pem") ?? [], as: UTF8.self))
            refused(try await other.answer(Timestamp.request(subject, nonce: 77)), subject, 77, certificates)
        }

        @Test func aProofShowsWhen() async throws {
            let directory = try TestDirectory()
            let authority = try await Authority(in: directory)
            let server = try await authority.serve()
            let ledger = try await TestLedger.start(in: directory)
            let key = try await ledger.key
            var producer = TestProducer("stamped")
            try await producer.grow(ledger, to: 40)
            let verifier = try TestVerifier(
                of: ledger,
                key: key,
                in: directory,
                [
                    "--rescan-seconds", "0", "--timestamp-url", "http://\(Endpoint(server.address))/",
                    "--timestamp-ca", directory.path("tsa.pem"), "--timestamp-seconds", "1",
                ],
            )
            let place = try "verifier/\(TestVerifier.memory)/timestamps/40"
            try await eventually("a stamp") { () -> Void? in directory.read(place + ".tsr").map { _ in () } }
            // OpenSSL comes to the same conclusion from the same files.
            let verified = try await authority.openssl(
                "ts",
                "-verify",
                "-data",
                directory.path(place + ".checkpoint"),
                "-in",
                directory.path(place + ".tsr"),
                "-CAfile",
                "tsa.pem",
            )
            #expect((verified.output + verified.errors).contains("Verification: OK"), "\(verified)")
            try await producer.grow(ledger, to: 50)
            let proof = directory.path("7.tlog-proof")
            let prove = try await Program.indelible(
                "prove",
                "7",
                "--ledger",
                ledger.rpc,
                "--out",
                proof,
                "--checkpoint",
                directory.path(place + ".checkpoint"),
                "--timestamp",
                directory.path(place + ".tsr"),
                in: directory,
            )
            #expect(prove.status == 0, "\(prove)")
            try directory.write(Array("stamped 8".utf8), to: "7.bin")
            let arguments = [
                "verify", "--proof", proof, "--entry", directory.path("7.bin"), "--vkey", "\(key)", "--json",
            ]
            let indelible = try Program.ours("indelible")
            let good = try await Program.run(
                indelible,
                arguments + ["--timestamp-ca", directory.path("tsa.pem")],
                in: directory,
            )
            #expect(good.status == 0, "\(good)")
            #expect(try (good.json["stamped_at"]?.number?.int ?? 0) > 1_700_000_000)
            let stranger = try TestDirectory()
            _ = try await Authority(in: stranger)
            let bad = try await Program.run(
                indelible,
                arguments + ["--timestamp-ca", stranger.path("tsa.pem")],
                in: directory,
            )
            #expect(bad.status == 1, "\(bad)")
            try await verifier.program.stop()
            try await ledger.stop()
            await server.shutdown()
        }
    }
}
