import ArgumentParser
import IndelibleClient

/// Records that a model or a policy was changed: `indelible genai change`.
struct GenAIChangeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change",
        abstract: "Record that a generative model, or a policy on its use, was changed.",
    )

    @OptionGroup var client: ClientOptions

    @Option(help: "Who changed it.")
    var actor: String

    @Option(help: "The model that was changed.")
    var model: String?

    @Option(help: "The policy that was changed.")
    var policy: String?

    @Option(help: "The version until now.")
    var from = ""

    @Option(help: "The version from now on.")
    var to: String

    @Option(help: "Why.")
    var reason = ""

    @Option(help: "Where the event comes from.")
    var source = "cli"

    @Flag(help: "Print {\"event_id\",\"index\",\"durable\"}.")
    var json = false

    func validate() throws {
        guard (self.model == nil) != (self.policy == nil) else {
            throw ValidationError("Say what was changed: either --model or --policy.")
        }
    }

    func run() async throws {
        try await Outcome.report {
            let change = ModelChange(
                actor: self.actor,
                subject: self.model == nil ? .policy : .model,
                name: self.model ?? self.policy ?? "",
                from: self.from,
                to: self.to,
                reason: self.reason,
            )
            try await GenAIReceipt.record(self.client, source: self.source, asJSON: self.json) {
                try await $0.record(change)
            }
        }
    }
}
