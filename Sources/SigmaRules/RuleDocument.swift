internal import Cryptography
internal import Primitives

/// What every rule says of itself, read and checked.
struct RuleDocument {
    let root: YAMLNode
    let text: [UInt8]
    let file: String
    let line: Int
    let hash: Digest
    let id: String
    /// What correlations may call it, beside its id.
    let name: String?
    let title: String
    let level: SigmaRule.Level
    let tags: [String]

    /// - Throws: ``SigmaError`` naming the line.
    init(_ document: YAMLReader.Document, text: [UInt8], file: String) throws(SigmaError) {
        let root = document.root
        guard root.members != nil else {
            throw SigmaError(
                document.line,
                "It is no rule: it is not a map. Begin with title.",
            )
        }
        guard text.count <= SigmaLimits.ruleByteCountMax else {
            throw SigmaError(
                document.line,
                "The rule has more than \(SigmaLimits.ruleByteCountMax) bytes. Shorten it.",
            )
        }
        if let action = root["action"] {
            throw SigmaError(action.line, "Collections with action are not read. Write each rule whole.")
        }
        self.root = root
        self.text = text
        self.file = file
        self.line = document.line
        do throws(IndelibleError) { self.hash = try SHA256.hash(text) } catch {
            throw SigmaError(document.line, error.message)
        }
        _ = try root.requiredText("title")
        self.title = try Self.bounded(root, "title", SigmaLimits.titleByteCountMax) ?? ""
        let name = try Self.bounded(root, "name", SigmaLimits.idByteCountMax)
        let written = try Self.bounded(root, "id", SigmaLimits.idByteCountMax)
        guard let id = written ?? name else {
            throw SigmaError(document.line, "It has no id. Add one: `id: ` and a random UUID (uuidgen makes them).")
        }
        self.id = id
        self.name = name
        if let node = root["level"] {
            guard let level = node.text.flatMap({ SigmaRule.Level(rawValue: $0) }) else {
                let all = SigmaRule.Level.allCases.map(\.rawValue).joined(separator: ", ")
                throw SigmaError(node.line, "Its level must be one of \(all).")
            }
            self.level = level
        } else {
            self.level = .medium
        }
        self.tags = try Self.tags(root)
    }

    private static func bounded(_ root: YAMLNode, _ key: String, _ byteCountMax: Int) throws(SigmaError) -> String? {
        guard root[key] != nil else { return nil }
        let text = try root.requiredText(key)
        guard text.utf8.count <= byteCountMax else {
            throw SigmaError(root.line, "Its \(key) has more than \(byteCountMax) bytes. Shorten it.")
        }
        return text
    }

    private static func tags(_ root: YAMLNode) throws(SigmaError) -> [String] {
        guard let node = root["tags"], !node.isNull else { return [] }
        guard let elements = node.elements, elements.count <= SigmaLimits.tagCountMax else {
            throw SigmaError(node.line, "Its tags must be a list of at most \(SigmaLimits.tagCountMax).")
        }
        var tags: [String] = []
        for element in elements {
            guard let tag = element.text, tag.utf8.count <= SigmaLimits.tagByteCountMax else {
                throw SigmaError(element.line, "A tag must be a text of at most \(SigmaLimits.tagByteCountMax) bytes.")
            }
            tags.append(tag)
        }
        return tags
    }

    func rule(_ body: SigmaRule.Body) -> SigmaRule {
        SigmaRule(
            hash: self.hash,
            id: self.id,
            title: self.title,
            level: self.level,
            tags: self.tags,
            text: self.text,
            file: self.file,
            line: self.line,
            body: body,
        )
    }
}
