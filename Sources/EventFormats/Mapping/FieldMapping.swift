internal import JSONText
package import Primitives

/// Where a plain JSON record keeps the fields of an event: for each one, dotted paths in order of preference.
///
///     {"time":"ts","actor":["user.email","user.id"],"action":"op","target":"resource.id","outcome":"result.code"}
package struct FieldMapping: Sendable, Equatable {
    package enum Field: String, Sendable, CaseIterable {
        case time
        case source
        case sequence
        case actor
        case actorKind = "actor_kind"
        case actorName = "actor_name"
        case action
        case target
        case targetKind = "target_kind"
        case targetName = "target_name"
        case outcome
        case outcomeCode = "outcome_code"
        case outcomeReason = "outcome_reason"
        case address
        case userAgent = "user_agent"
        case session
        case trace
    }

    private var paths: [Field: [String]] = [:]

    /// The usual names for everything.
    package init() {}

    /// Reads a mapping written as JSON.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a field that does not exist, with those that do, and for a path
    ///   that is neither a string nor a list of strings.
    package init(parsing bytes: [UInt8], what: String) throws(IndelibleError) {
        guard let object = try JSONValue(parsing: bytes, what: what).object else {
            throw IndelibleError(.invalidArgument, "\(what) must be a JSON object of field names and dotted paths.")
        }
        for member in object.members {
            guard let field = Field(rawValue: member.key) else {
                let known = Field.allCases.map(\.rawValue).joined(separator: ", ")
                throw IndelibleError(.invalidArgument, "\(what) names the field \(member.key). Fields are: \(known).")
            }
            let list = member.value.array ?? [member.value]
            let paths = list.compactMap(\.string).filter { !$0.isEmpty }
            guard paths.count == list.count, !paths.isEmpty else {
                throw IndelibleError(.invalidArgument, "\(what): \(member.key) needs a dotted path or a list of them.")
            }
            self.paths[field] = paths
        }
    }

    package subscript(_ field: Field) -> [String] { self.paths[field] ?? [] }
}
