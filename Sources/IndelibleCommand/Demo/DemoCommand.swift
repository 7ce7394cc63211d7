import ArgumentParser

/// Shows what the suite promises, on a suite that runs: `indelible demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show on a running suite what it promises.",
        subcommands: [DemoTamperCommand.self],
    )
}
