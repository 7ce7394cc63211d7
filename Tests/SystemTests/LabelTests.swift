import AnalyzerCore
import AuditModel
import Cryptography
import Foundation
import IndelibleClient
import JSONText
import Primitives
import ProtobufC
import ServiceProtocol
import Testing
import Transport

extension RealProcesses {
    /// Goal: what people say of events and of alerts are entries with an author and a reason; nobody alone shapes what models
    /// learn from, and a name is the certificate's where there is one.
    struct Labels {
        @Test func labelsAndMutesAreEntries() async throws {
            let suite = try RunningSuite()
            _ = try await suite.up()
            let index = try #require(try await suite.emit(actor: "alice")["index"]?.number?.int)
            let labelled = try await suite.run(
                "label",
                "\(index)",
                "malicious",
                "--reason",
                "seen it",
                "--author",
                "bob",
            )
            #expect(labelled.status == 0, "\(labelled)")
            #expect(try labelled.json["outcome"]?.string == "counts")
            let unknown = try await suite.run("label", "\(index)", "odd", "--reason", "x")
            #expect(unknown.status == 2 && unknown.errors.contains("benign, malicious"), "\(unknown)")
            #expect(try await suite.run("label", "99999", "benign", "--reason", "x").status == 1)
            #expect(try await suite.run("label", "\(index)", "benign", "--reason", " ").status == 2)
            let folder = try TestDirectory()
            let exported = try await suite.run("export", "labels", folder.path("labels.jsonl"))
            #expect(exported.status == 0, "\(exported)")
            let lines = String(decoding: try #require(folder.read("labels.jsonl")), as: UTF8.self)
            let line = try JSONValue(parsing: Array(lines.utf8))
            #expect(line["event_index"]?.number?.int == index && line["label"]?.string == "malicious", "\(lines)")
            #expect(line["author"]?.string == "bob" && line["reason"]?.string == "seen it", "\(lines)")

            let muted = try await suite.run("mute", "category:discovery", "--reason", "a test", "--hours", "2")
            #expect(muted.status == 0, "\(muted)")
            #expect(try await suite.run("mute", "everything", "--reason", "a test", "--hours", "2").status == 2)
            let bodies = try await suite.entries().map(\.body)
            let labels = bodies.compactMap { if case .label(let label) = $0 { label } else { nil } }
            #expect(labels.map(\.author) == ["bob"] && labels.map(\.reason) == ["seen it"])
            let mutes = bodies.compactMap { if case .mute(let mute) = $0 { mute } else { nil } }
            #expect(mutes.map(\.rule) == ["category:discovery"])
        }

        @Test func nobodyShapesTheLabelsAlone() async throws {
            let suite = try RunningSuite()
            let endpoints = try await suite.up("--analyzers", "0", "--verifiers", "0")
            let ingest = IngestClient(
                try ServiceAddress(parsing: try #require(endpoints["ingest_rpc"]?.string)),
                software: "system-tests",
                retry: .none,
            )
            let event = try #require(try await suite.emit(actor: "alice")["index"]?.number?.int)
            // Labels that are not of the command line are held to the same; they need not be of events that exist.
            let others = (0..<LabelPolicy.relabelsPerDayMax).map { UInt64(1_000 + $0) }
            try await Self.submit(([UInt64(event)] + others).map { Self.label($0, "malicious", "ada") }, to: ingest)
            try await Self.submit(others.map { Self.label($0, "benign", "bob") }, to: ingest)
            let busy = (0..<LabelPolicy.labelsPerDayMax).map { UInt64(10_000 + $0) }
            try await Self.submit(busy.map { Self.label($0, "benign", "busy") }, to: ingest)
            await ingest.close()

            let alone = try await suite.label(event, "benign", by: "bob")
            #expect(alone.status == 1 && alone.errors.contains("another person"), "\(alone)")
            #expect(try alone.json["outcome"]?.string == "needs_second")
            #expect(try await suite.labels(of: event) == ["ada malicious"])
            let second = try await suite.label(event, "benign", by: "eve")
            #expect(second.status == 0, "\(second)")
            #expect(try await suite.labels(of: event) == ["bob benign", "eve benign"])
            let tooMany = try await suite.label(event, "benign", by: "busy")
            #expect(tooMany.status == 1 && tooMany.errors.contains("500"), "\(tooMany)")
            #expect(try tooMany.json["outcome"]?.string == "over_cap")
            #expect(try await suite.labels(of: event) == ["bob benign", "eve benign"])
        }

        /// There is no ledger: what was taken waits in the spool.
        @Test func theCertificateIsTheAuthor() async throws {
            let directory = try TestDirectory()
            let now = Int64(Date().timeIntervalSince1970)
            let authority = try CertificateAuthority.create(name: "Test authority", days: 1, now: now)
            try directory.write(Array(authority.identity.certificatePEM.utf8), to: "ca.pem")
            for (name, role, host) in [
                ("collector", "admin", "127.0.0.1"), ("ada", "writer", "ada.example"),
                ("nobody", "writer", "127.0.0.2"),
            ] {
                let identity = try authority.issue(name: name, role: role, hosts: [host], days: 1, now: now)
                try directory.write(Array(identity.certificatePEM.utf8), to: "\(name).pem")
                try directory.write(Array(identity.privateKeyPEM.utf8), to: "\(name).key")
            }
            let ingest = try await HTTPIngest.start(
                in: directory,
                ledger: "127.0.0.1:1",
                [
                    "--tls-cert", directory.path("collector.pem"), "--tls-key", directory.path("collector.key"),
                    "--tls-ca", directory.path("ca.pem"),
                ],
            )
            func submit(with certificate: String) async throws {
                let tls = TLSSettings(
                    certificateChainPath: directory.path("\(certificate).pem"),
                    privateKeyPath: directory.path("\(certificate).key"),
                    trustRootsPath: directory.path("ca.pem"),
                )
                let address = try ServiceAddress(parsing: try #require(ingest.others["rpc"]), tls: tls)
                let client = IngestClient(address, software: "system-tests", retry: .none)
                do {
                    try await Self.submit([Self.label(7, "benign", "somebody else")], to: client)
                } catch {
                    await client.close()
                    throw error
                }
                await client.close()
            }
            try await submit(with: "ada")
            let refused = await #expect(throws: IndelibleError.self) { try await submit(with: "nobody") }
            #expect(refused?.code == .permissionDenied, "it has no name")
            func isInSpool(_ text: String) async throws -> Bool {
                let found = try await Program.run(
                    "grep",
                    ["-rlaF", text, directory.path("ingest/spool")],
                    in: directory,
                )
                return found.status == 0
            }
            #expect(try await isInSpool("ada.example, writer"))
            #expect(try await !isInSpool("somebody else"))
            try await ingest.program.stop()
        }

        private static func label(_ event: UInt64, _ word: String, _ author: String) -> Label {
            Label(eventIndex: event, label: word, reason: "a test", author: author)
        }

        private static func submit(_ labels: [Label], to ingest: IngestClient) async throws {
            let request = SubmitRequest(
                producer: Producer(id: try SecureRandom.bytes(16), epoch: 1),
                firstSequence: 1,
                kind: .label,
                events: labels.map(\.serialized),
            )
            let response = try await ingest.submit(request)
            #expect(response.rejected.isEmpty)
        }
    }
}

extension RunningSuite {
    fileprivate func label(_ event: Int, _ word: String, by author: String) async throws -> Program.Result {
        try await self.run("label", "\(event)", word, "--reason", "a test", "--author", author)
    }

    /// Who says what of an event, as it is exported.
    fileprivate func labels(of event: Int) async throws -> [String] {
        let folder = try TestDirectory()
        let exported = try await self.run("export", "labels", folder.path("labels"))
        guard exported.status == 0 else { throw Unexpected("labels are not exported: \(exported)") }
        return try String(decoding: folder.read("labels") ?? [], as: UTF8.self).split(separator: "\n")
            .map { try JSONValue(parsing: Array($0.utf8)) }
            .filter { $0["event_index"]?.number?.int == event }
            .map { "\($0["author"]?.string ?? "") \($0["label"]?.string ?? "")" }
    }
}
