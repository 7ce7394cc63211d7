package import ArgumentParser
package import Masking
package import Primitives
import Storage

/// What is masked, and where the keys for it are.
package struct MaskingOptions: ParsableArguments {
    /// The rules that are used.
    package enum Choice: ExpressibleByArgument, Equatable, Sendable {
        case none
        case standard
        case file(String)

        package init(argument: String) {
            self =
                switch argument {
                case "none": .none
                case "default": .standard
                default: .file(argument)
                }
        }

        package var defaultValueDescription: String {
            switch self {
            case .none: "none"
            case .standard: "default"
            case .file(let path): path
            }
        }
    }

    @Option(help: ArgumentHelp("What is masked: none, default, or a file of rules.", valueName: "rules"))
    package var masking: Choice = .none

    @Option(help: ArgumentHelp("Where the keys of masking are kept; made when missing.", valueName: "file"))
    package var vault: String?

    package init() {}

    /// The masker that was asked for; `nil` for none.
    ///
    /// - Parameter vault: the vault when the caller names none.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for rules that cannot be used, or when no place is known for the vault.
    package func masker(vault: String?) throws(IndelibleError) -> Masker? {
        guard let rules = try self.rules() else { return nil }
        guard let path = self.vault ?? vault else {
            throw IndelibleError(.invalidArgument, "Masking needs a place for its keys. Name it: --vault FILE.")
        }
        return Masker(rules, keys: try Self.open(path, create: true))
    }

    /// The rules that were asked for; `nil` for none.
    package func rules() throws(IndelibleError) -> MaskRules? {
        switch self.masking {
        case .none: return nil
        case .standard: return try MaskRules.standard()
        case .file(let path):
            let (files, name) = try HostPath(path).open()
            guard let bytes = try files.readAll(name, byteCountMax: MaskRules.byteCountMax) else {
                throw IndelibleError(
                    .invalidArgument,
                    "There is no file \(path). Pass rules, default or none to --masking.",
                )
            }
            return try MaskRules(parsing: bytes, what: path)
        }
    }

    /// A vault anywhere on this machine.
    package static func open(_ path: String, create: Bool) throws(IndelibleError) -> SubjectVault {
        let (files, name) = try HostPath(path).open(create: create)
        return try SubjectVault(name, in: files, create: create)
    }
}
