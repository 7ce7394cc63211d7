internal import JSONText
internal import Primitives

extension MaskRule {
    private static let members = ["name", "path", "content", "except", "action", "keep", "subject", "comment"]
    private static let nameByteCountMax = 32

    /// Reads one rule of a file.
    ///
    /// - Parameter place: how an error calls the rule before its name is known.
    init(_ object: JSONObject, what: String, place: String) throws(IndelibleError) {
        guard let name = object["name"]?.string, (1...Self.nameByteCountMax).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0.isBase64URL })
        else {
            throw MaskRules.refused(
                what,
                "\(place) needs a name of 1 to \(Self.nameByteCountMax) letters, digits, _ and -",
            )
        }
        let place = "\(place) (\(name))"
        for member in object.members where !Self.members.contains(member.key) {
            let known = Self.members.joined(separator: ", ")
            throw MaskRules.refused(what, "\(place) has a member \(member.key); members are \(known)")
        }
        self.name = name
        self.selector = try Self.selector(object, what, place)
        self.except = try Self.paths(object["except"] ?? [], what, place)
        self.action = try Self.action(object, what, place)
        self.subject = try Self.subject(object, self.action, what, place)
    }

    private static func selector(
        _ object: JSONObject,
        _ what: String,
        _ place: String,
    ) throws(IndelibleError) -> Selector {
        switch (object["path"], object["content"]) {
        case (let path?, nil): return .paths(try Self.paths(path, what, place))
        case (nil, let content?):
            var types: [SensitiveType] = []
            for name in try Self.texts(content, what, place) {
                guard let type = SensitiveType(rawValue: name) else {
                    let known = SensitiveType.allCases.map(\.rawValue).joined(separator: ", ")
                    throw MaskRules.refused(what, "\(place) looks for \(name); what can be found is \(known)")
                }
                types.append(type)
            }
            return .content(types)
        default: throw MaskRules.refused(what, "\(place) needs either path or content")
        }
    }

    private static func action(
        _ object: JSONObject,
        _ what: String,
        _ place: String,
    ) throws(IndelibleError) -> MaskAction {
        let keep = object["keep"]
        let action: MaskAction
        switch object["action"]?.string {
        case "redact": action = .redact
        case "keyed_hash": action = .keyedHash
        case "encrypt": action = .encrypt
        case "keep_last":
            guard let count = keep?.number?.int, (1...MaskAction.keepMax).contains(count) else {
                throw MaskRules.refused(what, "\(place) needs keep, a number from 1 to \(MaskAction.keepMax)")
            }
            return .keepLast(count)
        default:
            throw MaskRules.refused(what, "\(place) needs an action: redact, keep_last, keyed_hash or encrypt")
        }
        guard keep == nil else { throw MaskRules.refused(what, "\(place) has keep, which belongs to keep_last only") }
        return action
    }

    private static func subject(
        _ object: JSONObject,
        _ action: MaskAction,
        _ what: String,
        _ place: String,
    ) throws(IndelibleError) -> Subject {
        guard let subject = object["subject"] else { return .value }
        guard action == .encrypt else {
            throw MaskRules.refused(what, "\(place) has a subject, which belongs to encrypt only")
        }
        let fields = try Self.texts(subject, what, place)
        guard fields.allSatisfy({ !$0.isEmpty && !$0.contains("*") }) else {
            throw MaskRules.refused(what, "\(place) names a subject with a wildcard; it must be one field")
        }
        return .fields(fields)
    }

    private static func paths(
        _ value: JSONValue,
        _ what: String,
        _ place: String,
    ) throws(IndelibleError) -> [FieldPath] {
        var paths: [FieldPath] = []
        for text in value.array?.isEmpty == true ? [] : try Self.texts(value, what, place) {
            guard let path = FieldPath(text) else {
                throw MaskRules.refused(
                    what,
                    "\(place) has the path \(text); a path is 1 to \(FieldPath.segmentCountMax) names with dots between them",
                )
            }
            paths.append(path)
        }
        return paths
    }

    /// A string, or a list of at least one.
    private static func texts(_ value: JSONValue, _ what: String, _ place: String) throws(IndelibleError) -> [String] {
        let list = value.array ?? [value]
        let texts = list.compactMap(\.string)
        guard texts.count == list.count, !texts.isEmpty else {
            throw MaskRules.refused(
                what,
                "\(place) needs a string, or a list of strings, for path, content, except and subject",
            )
        }
        return texts
    }
}
