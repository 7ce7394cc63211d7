import AuditModel
import Foundation
import IndelibleClient
import JSONText
import Primitives
import ProtobufC
import ServiceProtocol
import Testing

extension RealProcesses {
    /// Goal: a model is registered, shadowed, compared on the live stream and promoted, each an entry that the operator
    /// signed, and analyzers follow without a restart.
    ///
    /// Method: a suite, and the shipped model with thresholds so low that everything is alarming.
    struct ModelChanges {
        @Test func aModelTakesOver() async throws {
            let suite = try RunningSuite()
            _ = try await suite.up("--analyzers", "2")
            for number in 0..<6 { _ = try await suite.emit(actor: "actor-\(number)") }
            let folder = try TestDirectory()
            let shipped = try Data(contentsOf: URL(filePath: Program.inPackage("models/indelible-v1.json")))
            var text = String(decoding: shipped, as: UTF8.self)
            for name in ["low", "medium", "high", "critical"] {
                text.replace(
                    try Regex("\"indelible.threshold.\(name)\":\"[^\"]*\""),
                    with: "\"indelible.threshold.\(name)\":\"-90\"",
                )
            }
            try folder.write(Array(text.utf8), to: "alarming.json")

            let early = try await suite.run("model", "shadow", "ab")
            #expect(early.status == 1, "it is not registered: \(early)")
            let registered = try await suite.run("model", "register", folder.path("alarming.json"))
            #expect(registered.status == 0, "\(registered)")
            let hash = try #require(try registered.json["model"]?.string)
            let untested = try await suite.run("model", "promote", hash)
            #expect(untested.status == 2, "nobody has compared it: \(untested)")
            let shadowed = try await suite.run("model", "shadow", String(hash.prefix(12)))
            #expect(shadowed.status == 0, "\(shadowed)")
            let list = try await suite.run("model", "list", "--json")
            #expect(try list.json["state"]?.string == "shadowed" && list.errors.contains("own model"), "\(list)")
            #expect(try await suite.run("model", "shadow", hash).status == 2, "it is shadowed already")
            for number in 0..<5 { _ = try await suite.emit(actor: "actor-\(number)") }
            let compared = try await eventually("five events judged by both") { () -> JSONValue? in
                let compared = try await suite.run("model", "compare", hash, "--json")
                guard compared.status == 0, try compared.json["events"]?.number?.int == 5 else { return nil }
                return try compared.json
            }
            #expect(compared["feature_differences"]?.number?.int == 0)
            #expect((compared["raised"]?.number?.int ?? 0) > 0)
            #expect(compared["mean_margin_difference"]?.number?.double == 0)

            #expect(try await suite.run("model", "promote", hash, "--events-min", "6").status == 2)
            let promoted = try await suite.run("model", "promote", hash, "--events-min", "5")
            #expect(promoted.status == 0, "\(promoted)")
            #expect(try await suite.run("model", "retire", hash).status == 2, "it is in force")
            let index = try #require(try await suite.emit(actor: "actor-1")["index"]?.number?.int)
            let verdicts = try await eventually("the new model's verdict") { () -> [(event: Int, model: String)]? in
                let all = try await suite.verdicts()
                return all.contains { $0.event == index } ? all : nil
            }
            #expect(verdicts.filter { $0.event == index }.map(\.model) == [hash])
            #expect(verdicts.filter { $0.model == hash }.count == 6)
            #expect(verdicts.filter { $0.model != hash }.count == 11)
            #expect(Set(verdicts.map { "\($0.event) \($0.model)" }).count == verdicts.count)

            let last = try await suite.run("model", "list")
            #expect(last.status == 0 && last.output == "\(hash)  in_force  indelible-v1\n", "\(last)")
            let records = try await suite.entries().compactMap { entry -> ModelRecord? in
                guard case .model(let record) = entry.body else { return nil }
                return record
            }
            #expect(records.map(\.action) == ["registered", "shadowed", "promoted"])
            #expect(records.allSatisfy { $0.signature.count == 64 })
            #expect(records[0].card.contains("indelible.threshold.low") && records[2].card.contains("\"events\":5"))
            let replayed = try await suite.run(
                "verdict",
                "replay",
                "\(index)",
                "--model",
                folder.path("alarming.json"),
            )
            #expect(replayed.status == 0, "\(replayed)")
        }
    }
}

extension RunningSuite {
    /// What the log holds: event and model.
    fileprivate func verdicts() async throws -> [(event: Int, model: String)] {
        try await self.entries().flatMap { entry -> [(event: Int, model: String)] in
            guard case .verdicts(let batch) = entry.body else { return [] }
            return batch.verdicts.map { (Int($0.eventIndex), batch.modelHash.hex) }
        }
    }
}
