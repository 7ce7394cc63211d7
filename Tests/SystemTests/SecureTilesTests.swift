import Foundation
import Glibc
import IndelibleClient
import JSONText
import ServiceProtocol
import Testing
import TransparencyLog

extension RealProcesses {
    /// Goal: a log that is served over `https` is followed and verified, by who trusts the server's authority only.
    ///
    /// Method: an authority made with OpenSSL, and a log's exported files behind Python's own server.
    @Suite(
        .enabled(if: Tool.isHere("openssl") && Tool.isHere("python3"), "tools/install test installs what is missing")
    )
    struct SecureTiles {
        private static let server = """
            import functools, http.server, os, ssl, sys
            tiles, chain, key, ready = sys.argv[1:]
            handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tiles)
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(chain, key)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            with open(ready + ".staged", "w") as file:
                file.write('{"port": %d}' % server.server_address[1])
            os.rename(ready + ".staged", ready)
            server.serve_forever()
            """

        let directory: TestDirectory

        init() throws { self.directory = try TestDirectory() }

        private func openssl(_ arguments: String...) async throws {
            let result = try await Program.run("openssl", arguments, in: self.directory)
            guard result.status == 0 else { throw Unexpected("openssl \(arguments): \(result)") }
        }

        /// An authority, and a certificate of it for this machine.
        private func makeCertificates(_ name: String) async throws {
            let path = { (file: String) in self.directory.path("\(name)-\(file)") }
            try await self.openssl(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                path("ca.key"),
                "-out",
                path("ca.pem"),
                "-days",
                "2",
                "-subj",
                "/CN=Test authority \(name)",
            )
            try await self.openssl(
                "req",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                path("server.key"),
                "-out",
                path("server.csr"),
                "-subj",
                "/CN=tiles",
            )
            try self.directory.write(Array("subjectAltName=IP:127.0.0.1\n".utf8), to: "\(name)-server.cnf")
            try await self.openssl(
                "x509",
                "-req",
                "-in",
                path("server.csr"),
                "-CA",
                path("ca.pem"),
                "-CAkey",
                path("ca.key"),
                "-set_serial",
                "7",
                "-days",
                "2",
                "-extfile",
                path("server.cnf"),
                "-out",
                path("server.pem"),
            )
        }

        private func verify(_ url: String, _ key: VerifierKey, _ authority: String) async throws -> Program.Result {
            try await Program.indelible(
                "verify",
                "--tiles",
                url,
                "--vkey",
                "\(key)",
                "--tls-ca",
                self.directory.path(authority),
                "--json",
                in: self.directory,
            )
        }

        @Test func followsAndVerifiesOverTLS() async throws {
            let ledger = try await TestLedger.start(in: self.directory)
            let key = try await ledger.key
            var producer = TestProducer("tls")
            try await producer.grow(ledger, to: 600)
            _ = try await ledger.client.append(producer.batch(1, acknowledgement: .checkpointed).request)
            let tiles = self.directory.path("tiles")
            let export = try await Program.indelible(
                "export",
                "tiles",
                tiles,
                "--url",
                ledger.tiles,
                in: self.directory,
            )
            #expect(export.status == 0, "\(export)")
            try await ledger.stop()
            try await self.makeCertificates("a")
            try await self.makeCertificates("b")
            try self.directory.write(Array(Self.server.utf8), to: "server.py")
            let server = try Program(
                "python3",
                [
                    self.directory.path("server.py"), tiles, self.directory.path("a-server.pem"),
                    self.directory.path("a-server.key"), self.directory.path("server.json"),
                ],
                in: self.directory,
            )
            let port = try #require(try await server.ready("server.json")["port"]?.number?.int)
            let url = "https://127.0.0.1:\(port)"

            let good = try await self.verify(url, key, "a-ca.pem")
            #expect(good.status == 0, "\(good)")
            #expect(try good.json["size"]?.number?.int == 601)
            // An authority that did not sign the server's certificate.
            let strange = try await self.verify(url, key, "b-ca.pem")
            #expect(strange.status == 3 && strange.output.isEmpty, "\(strange)")

            try self.directory.write(Array("log \(key) \(url)\nquorum none\n".utf8), to: "policy")
            let followers = try ["a", "b"].map { authority in
                try Program(
                    Program.ours("indelible-verifier"),
                    [
                        "--data", self.directory.path("verifier-\(authority)"), "--http", "127.0.0.1:0",
                        "--policy", self.directory.path("policy"), "--poll-seconds", "1", "--rescan-seconds", "1",
                        "--unreachable-seconds", "1", "--http-ca", self.directory.path("\(authority)-ca.pem"),
                    ],
                    in: self.directory,
                )
            }
            let memory = try TestVerifier.memory
            try await eventually("601 entries verified over TLS") { () -> Void? in
                guard let note = self.directory.read("verifier-a/\(memory)/checkpoint") else { return nil }
                return try SignedCheckpoint(parsing: note).checkpoint.size == 601 ? () : nil
            }
            try await eventually("the other says that the certificate is not to be trusted") { () -> Void? in
                followers[1].errors.contains("the log cannot be read") ? () : nil
            }
            #expect(self.directory.read("verifier-b/\(memory)/checkpoint") == nil)
            #expect(self.directory.read("verifier-a/findings.jsonl") == nil)
            for follower in followers { try await follower.stop() }
            try await server.stop(SIGKILL)
        }
    }
}
