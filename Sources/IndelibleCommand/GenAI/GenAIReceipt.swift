import IndelibleClient
import JSONText

/// What `indelible genai` prints of what it recorded.
enum GenAIReceipt {
    static func record(
        _ client: ClientOptions,
        source: String,
        asJSON: Bool,
        _ work: (ModelAudit) async throws -> ModelAudit.Receipt,
    ) async throws {
        let audit = try ModelAudit(try client.ingestClient(), try client.ledgerClient(), source: source)
        let receipt: ModelAudit.Receipt
        do {
            receipt = try await work(audit)
        } catch {
            await audit.close()
            throw error
        }
        await audit.close()
        guard asJSON else {
            return Terminal.write(
                receipt.index.map { "\(receipt.eventID) at \($0)\n" } ?? "\(receipt.eventID) safe in the spool\n"
            )
        }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("event_id", receipt.eventID)
            writer.key("index")
            if let index = receipt.index { writer.integer(index) } else { writer.null() }
            writer.member("durable", receipt.index != nil)
        }
        Terminal.write(writer.text + "\n")
    }
}
