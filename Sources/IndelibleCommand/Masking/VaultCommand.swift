import ArgumentParser
import Masking
import Primitives
import ServiceKit

/// The keyholder's tools: `indelible vault`.
struct VaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract: "Open sealed values, and erase subjects.",
        discussion: """
            For whoever may read the vault file of masking: the keyholder. The log itself holds none of its keys.
            """,
        subcommands: [Reveal.self, Erase.self],
    )
}

extension VaultCommand {
    /// Opens one sealed value.
    struct Reveal: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the value in a [masked:RULE:sealed:…] token.",
            discussion: "Exit codes: 0 shown; 1 its key was destroyed, or is in another vault; 2 not a sealed value.",
        )

        @Option(help: ArgumentHelp("The vault.", valueName: "file"))
        var vault: String

        @Argument(help: "The token, as it stands in the event.")
        var token: String

        func run() async throws {
            try await Outcome.report {
                let vault = try MaskingOptions.open(self.vault, create: false)
                let value = try MaskToken.open(self.token) { id throws(IndelibleError) in try vault.key(withID: id) }
                Terminal.write(String(decoding: value, as: UTF8.self) + "\n")
            }
        }
    }

    /// Destroys a subject's keys.
    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Destroy the keys of a subject: what they sealed can never be opened again.",
            discussion: """
                The subject is what the rules name as such, or the value itself: for an e-mail address, the address. Copies \
                of the vault, in backups too, must go as well. Exit codes: 0 destroyed; 1 there was no key of that subject.
                """,
        )

        @Option(help: ArgumentHelp("The vault.", valueName: "file"))
        var vault: String

        @Argument(help: "The subject.")
        var subject: String

        func run() async throws {
            try await Outcome.report {
                let vault = try MaskingOptions.open(self.vault, create: false)
                let written = Array(self.subject.utf8)
                var count = try vault.destroy(written)
                let canonical = MaskToken.canonical(written)
                if canonical != written { count += try vault.destroy(canonical) }
                guard count > 0 else { throw IndelibleError(.notFound, "The vault has no key of this subject.") }
                Terminal.write("\(count) destroyed\n")
            }
        }
    }
}
