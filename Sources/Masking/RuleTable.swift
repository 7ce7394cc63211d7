/// Rules arranged for looking them up: by the last name of a path, by type.
struct RuleTable: Sendable {
    let rules: [MaskRule]
    let scanner: ContentScanner
    /// What is masked wherever it stands: the types that some rule has.
    private let byType: [SensitiveType: [Int]]
    /// Positions of path rules in file order.
    private let pathRules: [Int]
    private let lastNames: Set<UInt64>
    private let hasWildcardEnd: Bool
    /// Fields of records that encryption asks for.
    let subjectFields: [String]

    init(_ rules: [MaskRule]) {
        var byType: [SensitiveType: [Int]] = [:]
        var pathRules: [Int] = []
        var lastNames: Set<UInt64> = []
        var hasWildcardEnd = false
        var subjectFields: [String] = []
        for (position, rule) in rules.enumerated() {
            switch rule.selector {
            case .content(let types): for type in types { byType[type, default: []].append(position) }
            case .paths(let paths):
                pathRules.append(position)
                for path in paths {
                    if let name = path.lastName { lastNames.insert(name) } else { hasWildcardEnd = true }
                }
            }
            if case .fields(let fields) = rule.subject { subjectFields += fields }
        }
        self.rules = rules
        self.scanner = ContentScanner(byType.keys)
        self.byType = byType
        self.pathRules = pathRules
        self.lastNames = lastNames
        self.hasWildcardEnd = hasWildcardEnd
        self.subjectFields = subjectFields
    }

    /// The rule for the value at `names`; `nil` when no path leads there.
    func rule(at names: [UInt64]) -> Int? {
        guard let last = names.last, self.hasWildcardEnd || self.lastNames.contains(last) else { return nil }
        return self.pathRules.first { position in
            guard case .paths(let paths) = self.rules[position].selector else { return false }
            return paths.contains { $0.matches(names) } && !self.rules[position].except.contains { $0.matches(names) }
        }
    }

    /// The rule for what was found in the field at `names`; `nil` when every rule for it excepts that field.
    func rule(for type: SensitiveType, at names: [UInt64]) -> Int? {
        self.byType[type]?.first { position in !self.rules[position].except.contains { $0.matches(names) } }
    }
}
