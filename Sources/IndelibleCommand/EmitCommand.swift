import ArgumentParser
import AuditModel
import Cryptography
import IndelibleClient
import JSONText
import Masking
import Platform
import Primitives
import ProtobufC
import ServiceKit
import ServiceProtocol

/// Records one event: `indelible emit`.
struct EmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emit",
        abstract: "Record one event.",
        discussion: """
            For scripts and CI jobs. Prints the event's id and index once it is safe:

              indelible emit --data DIR --actor ci/deploy --action deployment.start --target service/web
            """,
    )

    @OptionGroup var client: ClientOptions
    @OptionGroup var masking: MaskingOptions

    @Option(help: "Who did it.")
    var actor: String

    @Option(help: "What was done: a dotted verb, such as user.role.update.")
    var action: String

    @Option(help: "What it was done to, KIND/ID or ID. Can be repeated.")
    var target: [String] = []

    @Option(help: "success, failure, denied or unknown.")
    var outcome = "success"

    @Option(help: "Where the event comes from.")
    var source = "cli"

    @Flag(help: "Print {\"event_id\",\"index\",\"durable\"}.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let now = SystemClock.wallNanoseconds
            var event = try self.event(at: now)
            try self.masking.masker(vault: self.client.vault)?.mask(&event)
            let ingest = try self.client.ingestClient()
            let request = SubmitRequest(
                producer: Producer(id: try SecureRandom.bytes(16), epoch: now),
                firstSequence: 1,
                events: [event.serialized],
            )
            let response = try await ingest.submit(request)
            await ingest.close()
            if let rejected = response.rejected.first {
                throw IndelibleError(.invalidArgument, "The event was rejected: \(rejected.reason)")
            }
            self.show(event.id.map { "\($0)" } ?? "", response)
        }
    }

    private func event(at now: UInt64) throws(IndelibleError) -> AuditEvent {
        let results: [String: AuditEvent.Outcome.Result] = [
            "success": .success, "failure": .failure, "denied": .denied, "unknown": .unknown,
        ]
        guard let result = results[self.outcome] else {
            throw IndelibleError(.invalidArgument, "--outcome is success, failure, denied or unknown.")
        }
        let randomness = try SecureRandom.bytes(16)
        let words = stride(from: 0, to: 16, by: 8).map { start in
            randomness[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        var event = AuditEvent()
        event.id = EventID(unixMilliseconds: now / 1_000_000, randomness: (words[0], words[1]))
        event.occurredNanoseconds = now
        event.source = self.source
        event.actor = .init(id: self.actor)
        event.action = self.action
        event.targets = self.target.map { text in
            let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
            return parts.count == 2 ? .init(kind: parts[0], id: parts[1]) : .init(id: text)
        }
        event.outcome = .init(result)
        return event
    }

    private func show(_ id: String, _ response: SubmitResponse) {
        guard self.json else {
            return Terminal.write(response.durable ? "\(id) at \(response.firstIndex)\n" : "\(id) safe in the spool\n")
        }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("event_id", id)
            writer.key("index")
            if response.durable { writer.integer(response.firstIndex) } else { writer.null() }
            writer.member("durable", response.durable)
        }
        Terminal.write(writer.text + "\n")
    }
}
