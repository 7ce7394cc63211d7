import ArgumentParser
import AuditModel
import IndelibleClient
import JSONText
import Cryptography
import Primitives
import ServiceProtocol

/// Prints one entry: `indelible show`.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print one entry.",
        discussion: "With --raw the exact bytes that the leaf hash is of: SHA-256 of a zero byte and these bytes.",
    )

    @OptionGroup var client: ClientOptions

    @Argument(help: "Index of the entry.")
    var index: UInt64

    @Flag(help: "The exact bytes of the entry.")
    var raw = false

    func run() async throws {
        try await Outcome.report {
            let ledger = try self.client.ledgerClient()
            await AccessSession(what: "show", range: self.index..<self.index + 1).record(through: self.client)
            let entry = try await ledger.entry(self.index)
            await ledger.close()
            guard !self.raw else { return Terminal.write(entry) }
            var writer = JSONWriter(.pretty)
            EntryJSON.write(index: self.index, leafHash: LeafHash.hash(entry), entry: entry, to: &writer)
            Terminal.write(writer.text + "\n")
        }
    }
}

extension LedgerClient {
    /// - Throws: ``IndelibleError/Code/notFound`` when the log is not that long.
    func entry(_ index: UInt64) async throws -> [UInt8] {
        if index < .max {
            let request = ReadEntriesRequest(from: index, to: index + 1, follow: false, kinds: .all, slots: .all)
            for try await batch in self.readEntries(request) {
                if let item = batch.view.items.first { return batch.entry(item) }
            }
        }
        throw IndelibleError(.notFound, "The log has no entry \(index) yet.")
    }
}
