import ArgumentParser
import AuditModel
import Cryptography
import EventFormats
import JSONText
import Masking
import Primitives
import ServiceKit

/// Shows what rules do: `indelible mask`.
struct MaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mask",
        abstract: "Show what masking makes of texts, line by line.",
        discussion: """
            For trying rules before they are used. Takes nothing in and keeps nothing; without --vault, pseudonyms and sealed
            values are made under keys that are forgotten at the end.

              indelible mask --masking rules.json records.jsonl
              indelible mask --show-rules > rules.json       the default rules, to start from
            """,
    )

    @OptionGroup var options: MaskingOptions

    @Flag(help: "Print {\"text\",\"spans\":[{\"offset\",\"byte_count\",\"rule\",\"action\"}]} for each line.")
    var json = false

    @Flag(help: "Print the default rules and stop.")
    var showRules = false

    @Argument(help: ArgumentHelp("A file, or - for standard input.", valueName: "file"))
    var file = "-"

    /// Keys of one run.
    private struct Forgotten: MaskKeys {
        let pseudonymKey: [UInt8]

        func key(of subject: [UInt8]) throws(IndelibleError) -> SubjectKey {
            let bytes = try HMACSHA256.authenticate(subject, key: self.pseudonymKey).bytes
            return SubjectKey(id: Array(bytes.prefix(SubjectKey.idByteCount)), bytes: bytes)
        }
    }

    func run() async throws {
        try await Outcome.report {
            guard !self.showRules else { return Terminal.write(MaskRules.standardText) }
            let masker = try self.masker()
            var rest: [UInt8] = []
            try await ImportFile(path: self.file).read { chunk in
                rest += chunk
                guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return true }
                for line in rest[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
                    try self.show(masker.mask(Array(line)))
                }
                rest.removeSubrange(...end)
                return true
            }
            if !rest.isEmpty { try self.show(masker.mask(rest)) }
        }
    }

    private func masker() throws(IndelibleError) -> Masker {
        var options = self.options
        if options.masking == .none { options.masking = .standard }
        if options.vault != nil, let masker = try options.masker(vault: nil) { return masker }
        let rules = if let rules = try options.rules() { rules } else { try MaskRules.standard() }
        return Masker(rules, keys: Forgotten(pseudonymKey: try SecureRandom.bytes(32)))
    }

    private func show(_ masked: MaskedText) {
        let text = String(decoding: masked.bytes, as: UTF8.self)
        guard self.json else { return Terminal.write(text + "\n") }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("text", text)
            writer.key("spans")
            writer.array { writer in
                for span in masked.spans {
                    writer.object { writer in
                        writer.member("offset", span.offset)
                        writer.member("byte_count", span.byteCount)
                        writer.member("rule", span.rule)
                        writer.member("action", span.action)
                    }
                }
            }
        }
        Terminal.write(writer.text + "\n")
    }
}
