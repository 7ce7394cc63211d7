import ArgumentParser
import IndelibleClient
import Cryptography
import JSONText
import Primitives
import ServiceKit
import Storage
import TransparencyLog

/// Makes and shows key files: `indelible keys`.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, show and export signing keys.",
        discussion: """
            A key file holds one Ed25519 key in the form that Go's signed-note tools read. What others need to check
            signatures is its vkey: `keys show` prints it, `keys export` writes it to a file.
            """,
        subcommands: [Create.self, Show.self, Export.self, Enrol.self],
    )
}

extension KeysCommand {
    /// What a key signs; decides the type byte in its vkey (C2SP signed-note).
    enum Purpose: String, ExpressibleByArgument, CaseIterable {
        case log, collector, witness

        var type: KeyType { self == .witness ? .cosignature : .ed25519 }
    }

    /// Draws a key and writes its file.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Draw a new key. An existing file is never replaced.")

        @Argument(help: "The key's name. For a log this is its origin, such as example.com/audit.")
        var name: String

        @Option(help: "log, collector or witness.")
        var purpose = Purpose.log

        @Option(help: "File to write, readable by you only.")
        var out: String

        @Flag(help: "Print {\"file\",\"vkey\"}.")
        var json = false

        func run() async throws {
            try await Outcome.report {
                let (files, name) = try KeysCommand.place(self.out)
                guard try !files.exists(name) else {
                    throw IndelibleError(
                        .failedPrecondition,
                        "\(self.out) exists. Choose another file; keys are not replaced.",
                    )
                }
                let signer = try KeyFile.loadOrCreate(name, name: self.name, type: self.purpose.type, in: files)
                KeysCommand.show(signer, file: self.out, json: self.json)
            }
        }
    }

    /// Prints the public part of a key file.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the vkey of a key file.")

        @Argument(help: "A key file.")
        var file: String

        @Flag(help: "Print {\"file\",\"vkey\"}.")
        var json = false

        func run() async throws {
            try await Outcome.report {
                KeysCommand.show(try KeysCommand.load(self.file), file: self.file, json: self.json)
            }
        }
    }

    /// Writes the public part of a key file to another file.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write the vkey of a key file to a file for others.")

        @Argument(help: "A key file.")
        var file: String

        @Option(help: "File to write.")
        var out: String

        func run() async throws {
            try await Outcome.report {
                let signer = try KeysCommand.load(self.file)
                let (files, name) = try KeysCommand.place(self.out)
                try files.replaceDurably(name, with: Array((signer.verifierKey.description + "\n").utf8))
            }
        }
    }

    /// Has the operator's word on a key recorded: `indelible keys enrol`.
    struct Enrol: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Record in the log that a key is enrolled, or retired.",
            discussion: """
                Signed with the operator's root key, which verifiers are given with --operator: they believe no other word on
                keys. Keep the root key away from the machines that the log watches.
                """,
        )

        @OptionGroup var client: ClientOptions

        @Argument(help: "The key's vkey, as `keys show` prints it.", transform: { try VerifierKey(parsing: $0) })
        var key: VerifierKey

        @Option(help: "Key file of the operator's root key.")
        var root: String

        @Option(help: "log, collector or witness.")
        var purpose = Purpose.collector

        @Flag(help: "The key counts no more, instead of: from now on.")
        var retired = false

        func run() async throws {
            try await Outcome.report {
                guard self.key.type == self.purpose.type else {
                    throw IndelibleError(.invalidArgument, "\(self.key) is no key of a \(self.purpose.rawValue).")
                }
                let root = try KeysCommand.load(self.root)
                let ingest = try self.client.ingestClient()
                let enrolment = KeyEnrolment(
                    purpose: self.purpose.rawValue,
                    key: self.key,
                    action: self.retired ? "retired" : "enrolled",
                )
                try await enrolment.submit(signedBy: root, to: ingest)
                await ingest.close()
            }
        }
    }

    private static func load(_ path: String) throws(IndelibleError) -> NoteSigner {
        let (files, name) = try Self.place(path)
        guard let signer = try KeyFile.load(name, in: files) else {
            throw IndelibleError(
                .invalidArgument,
                "There is no file \(path). Make a key with `indelible keys create`.",
            )
        }
        return signer
    }

    /// The folder of a file, and the file's name in it.
    private static func place(_ path: String) throws(IndelibleError) -> (files: any FileSystem, name: String) {
        try HostPath(path).open()
    }

    private static func show(_ signer: NoteSigner, file: String, json: Bool) {
        let vkey = signer.verifierKey.description
        guard json else { return Terminal.write(vkey + "\n") }
        var writer = JSONWriter()
        writer.object {
            $0.member("file", file)
            $0.member("vkey", vkey)
        }
        Terminal.write(writer.text + "\n")
    }
}
