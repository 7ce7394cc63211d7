import Foundation
import AnalyzerCore
import ArgumentParser
import AuditModel
import BoostedTrees
import JSONText
import Primitives
import ServiceKit
import Storage

/// Makes a model known to the log: `indelible model register`.
struct ModelRegisterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Record a model in the log, signed by the operator, and put its file where analyzers find it.",
        discussion: """
            The record's card is JSON: the attributes of the model's file
            (thresholds, training data, metrics), its size and shape. The file is
            copied to DIR/models of the suite, called like its SHA-256; other
            analyzers need it in their --models folder before it is shadowed.

            Prints model, name, action and index as one JSON object, as the
            commands shadow, promote and retire do.
            """,
    )

    @Argument(help: "Model file, trained on the feature schema of this version.")
    var file: String

    @OptionGroup var client: ClientOptions
    @OptionGroup var signing: ModelSigningOptions

    func run() async throws {
        try await Outcome.report {
            let signer = try self.signing.signer(self.client)
            let (files, name) = try HostPath(self.file).open()
            guard let bytes = try files.readAll(name, byteCountMax: AnalyzerModel.fileByteCountMax) else {
                throw IndelibleError(.invalidArgument, "There is no file \(self.file).")
            }
            let model = try AnalyzerModel(bytes)
            if let data = self.client.data {
                let folder = SuiteDirectory(data).modelsDirectory.path()
                let (models, name) = try HostPath("\(folder)/\(model.hash.hex)").open(create: true)
                try models.replaceDurably(name, with: bytes)
            }
            let record = ModelRecord(modelHash: model.hash, schemaHash: model.schema.hash, name: model.name)
            let card = Self.card(try BoostedModel(bytes), byteCount: bytes.count)
            try await ModelWord.record(record, .registered, card: card, signedBy: signer, self.client)
        }
    }

    private static func card(_ model: BoostedModel, byteCount: Int) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("bytes", byteCount)
            writer.member("objective", model.objective)
            writer.member("attributes") { writer in
                for (key, value) in model.attributes.sorted(by: { $0.key < $1.key }) { writer.member(key, value) }
            }
        }
        return writer.text
    }
}
