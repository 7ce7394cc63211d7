package import ArgumentParser
import ServiceKit

/// The command line for people and scripts.
package struct Indelible: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "indelible",
        abstract: "An immutable audit log that reads itself.",
        discussion: """
            Start everything on this machine, put events in, and prove them:

              indelible up --data ./audit --detach
              indelible simulate --events 1000 --seed 1 | indelible import --data ./audit -
              indelible checkpoint --data ./audit
              indelible prove 0 --data ./audit --out 0.tlog-proof
              indelible verify --data ./audit

            Exit codes: 0 yes; 1 the answer is no (not verified, not found, tampered); 2 bad usage or bad input;
            3 could not reach or finish.
            """,
        version: Software.version,
        groupedSubcommands: [
            .init(
                name: "Suite",
                subcommands: [
                    UpCommand.self, DownCommand.self, StatusCommand.self, WatchCommand.self, AnalyzersCommand.self,
                    SourcesCommand.self,
                ],
            ),
            .init(
                name: "Events in",
                subcommands: [
                    ImportCommand.self, TailFileCommand.self, EmitCommand.self, GenAICommand.self, MaskCommand.self,
                    SimulateCommand.self,
                ],
            ),
            .init(
                name: "Entries out",
                subcommands: [
                    TailCommand.self, ShowCommand.self, VerdictsCommand.self, ExportCommand.self,
                ],
            ),
            .init(
                name: "Evidence",
                subcommands: [
                    CheckpointCommand.self, ProveCommand.self, VerifyCommand.self, VerdictCommand.self,
                    FsckCommand.self, DemoCommand.self,
                ],
            ),
            .init(name: "Keys", subcommands: [KeysCommand.self, VaultCommand.self]),
            .init(name: "Models", subcommands: [ModelCommand.self, FeaturesCommand.self, LabelCommand.self]),
            .init(name: "Rules", subcommands: [RulesCommand.self]),
            .init(name: "Alerts", subcommands: [AlertCommand.self, MuteCommand.self]),
            .init(name: "Measure", subcommands: [LoadCommand.self]),
        ],
    )

    package init() {}

    /// The whole program: parses, runs, and ends with one of the four exit codes.
    package static func start() async -> Never {
        do {
            var command = try Self.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            Self.exit()
        } catch {
            guard Self.exitCode(for: error) == .validationFailure else { Self.exit(withError: error) }
            Terminal.note(Self.fullMessage(for: error))
            Self.exit(withError: Outcome.badInput)
        }
    }
}
