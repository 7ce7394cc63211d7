import ArgumentParser

/// What generative models are asked and answer, for programs that are not in Swift: `indelible genai`.
struct GenAICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "genai",
        abstract: "Record a call of a generative model, or a change of a model or policy.",
        subcommands: [GenAICallCommand.self, GenAIChangeCommand.self],
    )
}
