import ArgumentParser

/// One verdict: `indelible verdict`.
struct VerdictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdict",
        abstract: "Check or explain a verdict.",
        subcommands: [VerdictReplayCommand.self, VerdictExplainCommand.self],
    )
}
