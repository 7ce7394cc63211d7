import AnalyzerCore
import AuditModel
import JSONText
import Primitives
import ProtobufC
import TransparencyLog

/// Signs a word on a model, has it recorded, and says where.
enum ModelWord {
    static func record(
        _ record: ModelRecord,
        _ action: ModelTimeline.Action,
        card: String,
        signedBy signer: NoteSigner,
        _ client: ClientOptions,
    ) async throws {
        var record = record
        record.action = action.rawValue
        record.card = card
        let signed = try record.signed(by: signer.key)
        let index = try await RecordSubmission(kind: .model, body: signed.serialized).submit(through: client)
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("model", record.modelHash.hex)
            writer.member("name", record.name)
            writer.member("action", record.action)
            writer.key("index")
            if let index { writer.integer(index) } else { writer.null() }
        }
        Terminal.write(writer.text + "\n")
    }
}
