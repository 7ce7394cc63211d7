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
    private static let entryCount = 10
    /// Entries looked at for the last ones of a kind.
    private static let lookBackCount: UInt64 = 65_536

    @OptionGroup var client: ClientOptions

    @Option(
        help: """
            First index; without it the last \(TailCommand.entryCount) entries are shown, or the last of the kinds asked for \
            among the newest \(TailCommand.lookBackCount).
            """
    )
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
            let wanted = kinds.isEmpty ? EntryKindSet.all : EntryKindSet(kinds)
            if let from {
                let size = self.to == 0 ? try await ledger.status().durableSize : self.to
                await self.session(min(from, size)..<size).record(through: self.client)
                try await self.write(ledger, wanted, from: from, follow: self.follow)
            } else {
                let size = try await ledger.status().durableSize
                let end = self.to == 0 ? size : min(self.to, size)
                await self.session(end - min(end, UInt64(Self.entryCount))..<end).record(through: self.client)
                let count = kinds.isEmpty ? UInt64(Self.entryCount) : Self.lookBackCount
                var last: [String] = []
                try await self.read(ledger, wanted, from: end - min(end, count), to: end, follow: false) {
                    if last.count == Self.entryCount { last.removeFirst() }
                    last.append($0)
                }
                for line in last { Terminal.write(line) }
                if self.follow { try await self.write(ledger, wanted, from: end, follow: true) }
            }
            await ledger.close()
        }
    }

    /// What is there now; with --follow the record says that more was read.
    private func session(_ range: Range<UInt64>) -> AccessSession {
        AccessSession(what: self.follow ? "tail --follow" : "tail", range: range)
    }

    private func write(_ ledger: LedgerClient, _ kinds: EntryKindSet, from: UInt64, follow: Bool) async throws {
        try await self.read(ledger, kinds, from: from, to: self.to, follow: follow) { Terminal.write($0) }
    }

    private func read(
        _ ledger: LedgerClient,
        _ kinds: EntryKindSet,
        from: UInt64,
        to: UInt64,
        follow: Bool,
        _ show: (String) -> Void,
    ) async throws {
        // An empty stretch; to the ledger `to: 0` would mean all.
        guard follow || to == 0 || from < to else { return }
        let request = ReadEntriesRequest(from: from, to: to, follow: follow, kinds: kinds, slots: .all)
        for try await batch in ledger.readEntries(request) {
            for item in batch.view.items {
                let entry = batch.entry(item)
                let hash = LeafHash.hash(entry)
                show(
                    self.json
                        ? EntryJSON.line(index: item.index, leafHash: hash, entry: entry) + "\n"
                        : EntryLine.text(index: item.index, entry: entry) + "\n"
                )
            }
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
