internal import AuditModel

/// Looks for the literals of all lists in the texts of an event.
struct LiteralScanner: Sendable {
    static let v1 = LiteralScanner(LiteralList.all)
    /// Counts stop here.
    static let countMax = 15

    private let lists: [(scope: LiteralList.Scope, range: Range<Int>)]
    private let action: LiteralMatcher
    private let text: LiteralMatcher

    private init(_ lists: [LiteralList]) {
        var literals: [LiteralList.Scope: [String]] = [.action: [], .text: []]
        var placed: [(scope: LiteralList.Scope, range: Range<Int>)] = []
        for list in lists {
            let start = literals[list.scope, default: []].count
            literals[list.scope, default: []] += list.literals
            placed.append((list.scope, start..<start + list.literals.count))
        }
        self.lists = placed
        self.action = LiteralMatcher(literals[.action, default: []])
        self.text = LiteralMatcher(literals[.text, default: []])
    }

    /// In the order of the lists.
    func counts(_ event: AuditEvent, foldedAction: [UInt8]) -> [Int32] {
        var inAction = self.action.noHits
        self.action.scan(foldedAction.span, into: &inAction)
        var inText = self.text.noHits
        self.text.scan(event.raw.span, into: &inText)
        for field in Self.fields(of: event) { self.text.scan(field.utf8Span.span, into: &inText) }
        return self.lists.map { list in
            let hits = list.scope == .action ? inAction : inText
            return Int32(min(Self.countMax, hits.count(in: list.range)))
        }
    }

    private static func fields(of event: AuditEvent) -> [String] {
        var fields = [event.action, event.outcome.code, event.outcome.reason, event.origin.userAgent]
        for target in event.targets { fields += [target.kind, target.id] }
        for attribute in event.attributes { fields += [attribute.key, attribute.value] }
        for call in event.genAI?.toolCalls ?? [] { fields += [call.name, call.arguments] }
        return fields
    }
}
