import ProtobufC
import ArgumentParser
import AuditModel
import IndelibleClient
import Cryptography
import Primitives
import ServiceProtocol

/// Prints entries: `indelible tail`.
struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Print entries from an index on.",
        discussion: "With --json each line is an object with index, kind, leaf_hash and the decoded entry.",
    )

    /// Entries shown when no --from says where to start.
    private static let entryCount: UInt64 = 10

    @OptionGroup var client: ClientOptions

    @Option(help: "First index; without it the last \(TailCommand.entryCount) entries are shown.")
    var from: UInt64?

    @Option(help: "Stop before this index.")
    var to: UInt64 = 0

    @Flag(help: "Stay at the end and print what comes.")
    var follow = false

    @Option(help: "Only this kind (\(EntryKind.names.map(\.name).joined(separator: ", "))). Can be repeated.")
    var kind: [String] = []

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let kinds = try self.kind.map { name in
                guard let kind = EntryKind(name: name) else {
                    throw IndelibleError(
                        .invalidArgument,
                        "There is no kind of entry named \(name). See `indelible tail --help`.",
                    )
                }
                return kind
            }
            let ledger = try self.client.ledgerClient()
            let start: UInt64
            if let from {
                start = from
            } else {
                let size = try await ledger.status().durableSize
                start = size - min(size, Self.entryCount)
            }
            let request = ReadEntriesRequest(
                from: start,
                to: self.to,
                follow: self.follow,
                kinds: kinds.isEmpty ? .all : EntryKindSet(kinds),
                slots: .all,
            )
            for try await batch in ledger.readEntries(request) {
                for item in batch.view.items {
                    let entry = batch.entry(item)
                    let hash = LeafHash.hash(entry)
                    Terminal.write(
                        self.json
                            ? EntryJSON.line(index: item.index, leafHash: hash, entry: entry) + "\n"
                            : EntryLine.text(index: item.index, entry: entry) + "\n"
                    )
                }
            }
            await ledger.close()
        }
    }
}

/// One entry as a line for people.
enum EntryLine {
    static func text(index: UInt64, entry: [UInt8]) -> String {
        guard let decoded = try? Entry(serialized: entry) else { return "\(index)  (not an entry of this version)" }
        guard case .event(let bytes) = decoded.body, let event = try? AuditEvent(serialized: bytes) else {
            return "\(index)  \((try? EntryScan(entry.span).kind).map { "\($0)" } ?? "unknown")"
        }
        let targets = event.targets.map(\.id).joined(separator: " ")
        let when = TimeText.rfc3339(nanoseconds: event.occurredNanoseconds)
        return "\(index)  \(when)  \(event.actor.id)  \(event.action)  \(targets)  \(event.outcome.result)"
    }
}
