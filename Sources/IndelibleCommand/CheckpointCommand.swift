import ArgumentParser
import IndelibleClient
import Primitives
import ServiceProtocol

/// Prints the signed checkpoint: `indelible checkpoint`.
struct CheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Print the signed checkpoint.",
        discussion: """
            A signed note (C2SP tlog-checkpoint): origin, size and root of the log, the log's signature, then the witnesses'
            cosignatures. Keep one somewhere else: the log can never contradict it unnoticed.
            """,
    )

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await Outcome.report {
            let ledger = try self.client.ledgerClient()
            let checkpoint = try await ledger.checkpoint()
            await ledger.close()
            Terminal.write(checkpoint.note)
        }
    }
}
