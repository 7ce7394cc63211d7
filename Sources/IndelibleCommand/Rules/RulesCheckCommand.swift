import ArgumentParser
import JSONText
import Primitives
import SigmaRules

/// Says which rules can be used: `indelible rules check`.
struct RulesCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Compile every rule of a folder, and say which cannot be used and why.",
        discussion: """
            With --json one object a line: of a rule file, line, id, title, level,
            hash (SHA-256 of its text), correlation and told (false for a rule
            that only a correlation asks for); of a refusal file, line, refused;
            last rules, refused and rule_set (the hash of the set).

            Exit codes: 0 all can be used; 1 some cannot, or there is none.
            """,
    )

    @Argument(help: "Folder of .yml files; folders in it count too.")
    var directory: String

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let (set, refusals) = try RuleSet.folder(self.directory)
            let rules = set.rules.sorted { ($0.file, $0.line) < ($1.file, $1.line) }
            for rule in rules { Terminal.write(self.json ? Self.json(rule) : Self.text(rule)) }
            for refusal in refusals { Terminal.write(self.json ? Self.json(refusal) : Self.text(refusal)) }
            Terminal.write(self.json ? Self.json(set, refusals.count) : Self.text(set, refusals.count))
            if !refusals.isEmpty || set.rules.isEmpty { throw Outcome.no }
        }
    }

    private static func text(_ rule: SigmaRule) -> String {
        "ok       \(rule.level.rawValue)  \(rule.title)  (\(rule.file):\(rule.line))\n"
    }

    private static func text(_ refusal: RuleSet.Refusal) -> String {
        "refused  \(refusal.file):\(refusal.line): \(refusal.message)\n"
    }

    private static func text(_ set: RuleSet, _ refused: Int) -> String {
        "\(set.rules.count) rules, \(refused) refused; rule set \(set.hash.hex)\n"
    }

    private static func json(_ rule: SigmaRule) -> String {
        Self.line { writer in
            writer.member("file", rule.file)
            writer.member("line", rule.line)
            writer.member("id", rule.id)
            writer.member("title", rule.title)
            writer.member("level", rule.level.rawValue)
            writer.member("hash", rule.hash.hex)
            writer.member("correlation", rule.isCorrelation)
            writer.member("told", rule.isTold)
        }
    }

    private static func json(_ refusal: RuleSet.Refusal) -> String {
        Self.line { writer in
            writer.member("file", refusal.file)
            writer.member("line", refusal.line)
            writer.member("refused", refusal.message)
        }
    }

    private static func json(_ set: RuleSet, _ refused: Int) -> String {
        Self.line { writer in
            writer.member("rules", set.rules.count)
            writer.member("refused", refused)
            writer.member("rule_set", set.hash.hex)
        }
    }

    private static func line(_ members: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.object(members)
        return writer.text + "\n"
    }
}
