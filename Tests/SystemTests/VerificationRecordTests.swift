import AuditModel
import JSONText
import NIOHTTP1
import Primitives
import ProtobufC
import ServiceKit
import Testing
import TransparencyLog
import VerifierCore

extension RealProcesses {
    /// Goal: a reading of the whole log is on record, signed by who read it, and never because of such a record.
    @Suite struct VerificationRecords {
        @Test func oneForEachReadingOfSomethingNew() async throws {
            let suite = try RunningSuite()
            let endpoints = try await suite.up("--analyzers", "0")
            let url = try #require(endpoints["witness_http"]?.array?.first?.string)
            let vkey = try #require(endpoints["witness_vkeys"]?.array?.first?.string)
            _ = try await suite.emit(actor: "somebody")
            try await suite.waitUntilWitnessed()
            try await Self.rescan(suite, url, count: 1)
            let records = try await Self.records(suite, atLeast: 1)
            #expect(records.count == 1, "\(records)")
            let record = try #require(records.first?["entry"]?["verification"] ?? records.first?["verification"])
            #expect(record["verifier"]?.string == vkey)
            #expect(record["result"]?.string == "verified")

            // Idle: the record itself, and its seal, are read and cause nothing.
            try await suite.waitUntilWitnessed()
            let size = try await suite.status()["durable_size"]?.number?.int
            for count in 2...4 { try await Self.rescan(suite, url, count: count) }
            #expect(try await suite.status()["durable_size"]?.number?.int == size)

            // The file says the same and its signature holds.
            let hash = try Witness.hash(of: "indelible.local/log")
            let file = try suite.read("verifier/follow/\(hash)/verification.json")
            let bytes = Base64.decode(file["record"]?.string ?? "") ?? []
            let exported = try VerificationRecord(serialized: bytes)
            #expect(exported.isSigned(by: try VerifierKey(parsing: vkey).publicKey))
            #expect(exported.size == UInt64(size ?? 0))
            #expect(try await suite.run("down").status == 0)
        }

        private static func rescan(_ suite: RunningSuite, _ url: String, count: Int) async throws {
            let response = try await HTTPClient.request(.POST, url + "/rescan", seconds: 30)
            #expect(response.status == 202)
            try await eventually("rescan \(count)") { () -> Void? in
                try await suite.metric("indelible_verifier_rescans_total", at: url) == count ? () : nil
            }
        }

        private static func records(_ suite: RunningSuite, atLeast count: Int) async throws -> [JSONValue] {
            try await eventually("the record is in the log") {
                let result = try await suite.run("tail", "--kind", "verification", "--json")
                let lines = try result.output.split(separator: "\n").map {
                    try JSONValue(parsing: Array($0.utf8), what: "an entry")
                }
                return lines.count >= count ? lines : nil
            }
        }
    }
}
