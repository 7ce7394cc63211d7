internal import AuditModel

/// Looks for the literals of all lists in the texts of an event, and for the values of the usual fields in its record.
struct LiteralScanner: Sendable {
    static let v1 = LiteralScanner(LiteralList.all)
    /// Counts stop here.
    static let countMax = 15

    private let lists: [(scope: LiteralList.Scope, range: Range<Int>)]
    private let action: LiteralMatcher
    private let text: LiteralMatcher

    private init(_ lists: [LiteralList]) {
        // The keys of fields come first, as they are located.
        let keys = RecordField.allCases.flatMap(\.keys)
        var literals: [LiteralList.Scope: [String]] = [.action: [], .text: keys]
        var placed: [(scope: LiteralList.Scope, range: Range<Int>)] = []
        for list in lists {
            let start = literals[list.scope, default: []].count
            literals[list.scope, default: []] += list.literals
            placed.append((list.scope, start..<start + list.literals.count))
        }
        self.lists = placed
        self.action = LiteralMatcher(literals[.action, default: []])
        self.text = LiteralMatcher(literals[.text, default: []], locating: keys.count)
    }

    struct Findings: Sendable {
        /// In the order of the lists.
        let counts: [Int32]
        let values: RecordValues
    }

    func findings(_ event: AuditEvent, foldedAction: [UInt8]) -> Findings {
        var inAction = self.action.noHits
        self.action.scan(foldedAction.span, into: &inAction)
        var inText = self.text.noHits
        self.text.scan(event.raw.span, into: &inText)
        // Before other texts are scanned: the places are in the record.
        let values = RecordValues(event.raw.span, ends: inText.ends)
        self.scanFields(of: event, into: &inText)
        let counts = self.lists.map { list in
            Int32(min(Self.countMax, (list.scope == .action ? inAction : inText).count(in: list.range)))
        }
        return Findings(counts: counts, values: values)
    }

    private func scanFields(of event: AuditEvent, into hits: inout LiteralMatcher.Hits) {
        func scan(_ text: String) { if !text.isEmpty { self.text.scan(text.utf8Span.span, into: &hits) } }
        for text in [event.action, event.outcome.code, event.outcome.reason, event.origin.userAgent] { scan(text) }
        for target in event.targets {
            scan(target.kind)
            scan(target.id)
        }
        for attribute in event.attributes {
            scan(attribute.key)
            scan(attribute.value)
        }
        for call in event.genAI?.toolCalls ?? [] {
            scan(call.name)
            scan(call.arguments)
        }
    }
}
