internal import AuditModel

/// Looks for the literals of all lists in the texts of an event, and for the values of the usual fields in its record.
struct LiteralScanner: Sendable {
    static let v1 = LiteralScanner(LiteralList.all)
    /// Counts stop here.
    static let countMax: Int32 = 15

    private let listCount: Int
    private let action: LiteralMatcher
    private let text: LiteralMatcher
    /// Of each literal, the position of its list; -1 for the keys of fields.
    private let actionLists: [Int]
    private let textLists: [Int]

    private init(_ lists: [LiteralList]) {
        // The keys of fields come first, as they are located.
        let keys = RecordField.allCases.flatMap(\.keys)
        var literals: [LiteralList.Scope: [String]] = [.action: [], .text: keys]
        var positions: [LiteralList.Scope: [Int]] = [.action: [], .text: keys.map { _ in -1 }]
        for (position, list) in lists.enumerated() {
            literals[list.scope, default: []] += list.literals
            positions[list.scope, default: []] += list.literals.map { _ in position }
        }
        self.listCount = lists.count
        self.action = LiteralMatcher(literals[.action, default: []])
        self.text = LiteralMatcher(literals[.text, default: []], locating: keys.count)
        self.actionLists = positions[.action, default: []]
        self.textLists = positions[.text, default: []]
    }

    /// Memory that scans use again and again.
    struct Scratch: Sendable {
        /// Of ``ActivityTable``.
        var ofActivity = ActivityTable.v1.noHits
        fileprivate var inAction = LiteralScanner.v1.action.noHits
        fileprivate var inText = LiteralScanner.v1.text.noHits
    }

    struct Findings: Sendable {
        /// In the order of the lists.
        let counts: [Int32]
        let values: RecordValues
    }

    func findings(_ event: AuditEvent, foldedAction: Span<UInt8>, _ scratch: inout Scratch) -> Findings {
        scratch.inAction.removeAll()
        scratch.inText.removeAll()
        self.action.scan(foldedAction, into: &scratch.inAction)
        self.text.scan(event.raw.span, into: &scratch.inText)
        // Before other texts are scanned: the places are in the record.
        let values = RecordValues(event.raw.span, ends: scratch.inText.ends)
        self.scanFields(of: event, into: &scratch.inText)
        var counts = [Int32](repeating: 0, count: self.listCount)
        scratch.inAction.count(by: self.actionLists, in: &counts)
        scratch.inText.count(by: self.textLists, in: &counts)
        for list in counts.indices { counts[list] = min(Self.countMax, counts[list]) }
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
