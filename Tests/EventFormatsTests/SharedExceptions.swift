import Foundation

/// Records of the shared data that do not say who acted, what was done, to what, or how it ended: docs/collection.md lists them.
///
/// Judged by the records alone, by other code than the normaliser's: a record is excepted when no value in it has a name that
/// could stand for the field.
enum SharedExceptions {
    /// Words in the names of values, at any depth, that could stand for a field.
    private static let words: [String: Set<String>] = [
        "actor": [
            "account", "actor", "admin", "author", "caller", "email", "identity", "ip", "login", "member", "owner",
            "principal", "profile", "pusher", "sender", "user", "username",
        ],
        "action": ["action", "activity", "event", "method", "type", "verb"],
        "target": [
            "bucket", "host", "id", "name", "object", "path", "repo", "repository", "resource", "target", "uri",
        ],
        "outcome": ["code", "conclusion", "decision", "error", "outcome", "result", "status", "success"],
    ]

    /// Rule tests are cut down to what their rule looks at, to `{}` some of them; the prompts are of nobody.
    static func shareMax(of field: String, in name: String) -> Double {
        switch field {
        case "actor" where name.hasPrefix("genai_prompts"): 1
        case "actor" where name.hasPrefix("panther_rule_tests"): 0.07
        case "action" where name.hasPrefix("panther_rule_tests"): 0.02
        case "target" where name.hasPrefix("panther_rule_tests"): 0.03
        case "outcome" where name.hasPrefix("panther_rule_tests"): 0.005
        default: 0
        }
    }

    static func names(nothingFor field: String, _ record: [UInt8]) -> Bool {
        guard let words = self.words[field],
            let value = try? JSONSerialization.jsonObject(with: Data(record))
        else { return false }
        return Self.names(in: value).isDisjoint(with: words)
    }

    /// The words of the names under which there is a value.
    private static func names(in value: Any, under path: Set<String> = []) -> Set<String> {
        switch value {
        case let object as [String: Any]:
            object.reduce(into: []) { names, member in
                names.formUnion(Self.names(in: member.value, under: path.union(Self.words(of: member.key))))
            }
        case let list as [Any]: list.reduce(into: []) { $0.formUnion(Self.names(in: $1, under: path)) }
        case let text as String: text.isEmpty ? [] : path
        case is NSNull: []
        default: path
        }
    }

    /// `recipientAccountId` and `recipient_account_id` are three words.
    private static func words(of name: String) -> Set<String> {
        var words: Set<String> = []
        var word = ""
        var wasLower = false
        for character in name {
            let breaks = !character.isLetter || (character.isUppercase && wasLower)
            if breaks, !word.isEmpty {
                words.insert(word)
                word = ""
            }
            if character.isLetter { word += character.lowercased() }
            wasLower = character.isLowercase
        }
        return word.isEmpty ? words : words.union([word])
    }
}
