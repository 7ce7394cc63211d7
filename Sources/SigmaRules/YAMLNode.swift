/// A part of a YAML document, with the line on which it begins.
struct YAMLNode {
    enum Value {
        /// `isPlain`: written without quotes, so it may be a number, a truth value or null.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Member])
    }

    struct Member {
        let key: String
        let line: Int
        let value: YAMLNode
    }

    /// From 1.
    let line: Int
    let value: Value

    /// The value of a map's member.
    subscript(_ key: String) -> YAMLNode? { self.members?.first { $0.key == key }?.value }

    var members: [Member]? {
        guard case .mapping(let members) = self.value else { return nil }
        return members
    }

    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = self.value else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The text of a scalar that is not null.
    var text: String? {
        guard case .scalar(let text, _) = self.value, !self.isNull else { return nil }
        return text
    }

    /// A truth value, written without quotes.
    var bool: Bool? {
        guard case .scalar(let text, isPlain: true) = self.value else { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }

    /// The elements of a list; a scalar counts as a list of one.
    var elements: [YAMLNode]? {
        switch self.value {
        case .sequence(let nodes): nodes
        case .scalar: [self]
        case .mapping: nil
        }
    }

    /// - Throws: ``SigmaError`` when there is no such member, or it is not one piece of text.
    func requiredText(_ key: String) throws(SigmaError) -> String {
        guard let node = self[key] else { throw SigmaError(self.line, "It has no \(key). Add one.") }
        guard let text = node.text, !text.isEmpty else {
            throw SigmaError(node.line, "Its \(key) is not a text. Write one value there.")
        }
        return text
    }
}
