import ArgumentParser

/// Tries rules before analyzers use them: `indelible rules`.
struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Check Sigma rules, and try them on events.",
        discussion: "No suite has to run. Analyzers use a folder of rules with `up --rules DIR`.",
        subcommands: [RulesCheckCommand.self, RulesTestCommand.self],
    )
}
