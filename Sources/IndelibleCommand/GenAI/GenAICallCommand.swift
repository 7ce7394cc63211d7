import ArgumentParser
import IndelibleClient
import Masking
import Primitives
import ServiceKit

/// Records one call of a generative model: `indelible genai call`.
struct GenAICallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Record one call of a generative model.",
        discussion: """
            Prompt and completion are kept beside the log, and the entry commits to them. With --masking they are masked first;
            masking by ingest does not reach them.

              indelible genai call --data DIR --actor ann --model m-1 --prompt question.txt --completion answer.txt \\
                --tool-call 'search={"q":"x"}' --data-control pii=passed
            """,
    )

    @OptionGroup var client: ClientOptions
    @OptionGroup var masking: MaskingOptions

    @Option(help: "Who asked.")
    var actor: String

    @Option(help: "The model, as it was asked for.")
    var model: String

    @Option(name: .customLong("model-version"), help: "The version that answered.")
    var modelVersion = ""

    @Option(help: "Whose model it is.")
    var provider = ""

    @Option(help: "What was asked for; the event's action is genai. and this.")
    var operation = "chat"

    @Option(help: "File with all that the model was given, or - for standard input.")
    var prompt: String?

    @Option(help: "File with all that it answered, or - for standard input.")
    var completion: String?

    @Option(
        name: .customLong("tool-call"),
        help: ArgumentHelp("A tool that it asked for. Can be repeated.", valueName: "name=arguments"),
    )
    var toolCalls: [NamedValue] = []

    @Option(
        name: .customLong("data-control"),
        help: ArgumentHelp("What a filter decided. Can be repeated.", valueName: "filter=decision"),
    )
    var dataControls: [NamedValue] = []

    @Option(name: .customLong("finish-reason"), help: "Why it stopped. Can be repeated.")
    var finishReasons: [String] = []

    @Option(name: .customLong("input-tokens"), help: "Tokens of the prompt.")
    var inputTokens: UInt64 = 0

    @Option(name: .customLong("output-tokens"), help: "Tokens of the completion.")
    var outputTokens: UInt64 = 0

    @Option(help: "success, failure or denied.")
    var outcome = "success"

    @Option(help: "The conversation that it belongs to.")
    var session = ""

    @Option(help: "Where the event comes from.")
    var source = "cli"

    @Flag(help: "Print {\"event_id\",\"index\",\"durable\"}.")
    var json = false

    func validate() throws {
        guard self.prompt != "-" || self.completion != "-" else {
            throw ValidationError("Standard input is --prompt or --completion, not both.")
        }
    }

    func run() async throws {
        try await Outcome.report {
            guard let outcome = ModelInteraction.Outcome(rawValue: self.outcome) else {
                throw IndelibleError(.invalidArgument, "--outcome is success, failure or denied.")
            }
            let masker = try self.masking.masker(vault: self.client.vault)
            var interaction = ModelInteraction(actor: self.actor, model: self.model)
            interaction.provider = self.provider
            interaction.modelVersion = self.modelVersion
            interaction.operation = self.operation
            interaction.prompt = try await Self.read(self.prompt, masker)
            interaction.completion = try await Self.read(self.completion, masker)
            interaction.toolCalls = try self.toolCalls.map { call in
                let arguments = Array(call.value.utf8)
                let masked = try masker?.mask(arguments).bytes ?? arguments
                return .init(name: call.name, arguments: String(decoding: masked, as: UTF8.self))
            }
            interaction.dataControls = self.dataControls.map { .init(name: $0.name, decision: $0.value) }
            interaction.finishReasons = self.finishReasons
            interaction.inputTokens = self.inputTokens
            interaction.outputTokens = self.outputTokens
            interaction.outcome = outcome
            interaction.session = self.session
            let call = interaction
            try await GenAIReceipt.record(self.client, source: self.source, asJSON: self.json) {
                try await $0.record(call)
            }
        }
    }

    private static func read(_ path: String?, _ masker: Masker?) async throws -> [UInt8]? {
        guard let path else { return nil }
        var bytes: [UInt8] = []
        try await ImportFile(path: path).read { chunk in
            bytes += chunk
            return true
        }
        return try masker?.mask(bytes).bytes ?? bytes
    }
}

/// `NAME=VALUE`.
struct NamedValue: ExpressibleByArgument {
    let name: String
    let value: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        (self.name, self.value) = (parts[0], parts[1])
    }
}
