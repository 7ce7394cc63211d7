internal import Cryptography
package import Primitives

/// Rules compiled into one structure, so that an event is read once and only the rules that it may concern are evaluated.
package struct RuleSet: Sendable {
    /// A file of rules, as read.
    package struct File: Sendable {
        package let name: String
        package let bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// A rule that cannot be used.
    package struct Refusal: Sendable, Equatable {
        package let file: String
        /// From 1; 0 when it is the file as a whole.
        package let line: Int
        /// What is wrong and what to do.
        package let message: String
    }

    /// The rules of one source.
    struct Bench: Sendable {
        var table: FieldTable
        /// By field and text, the rules that may hold for an event that says so.
        var index: [Int: [[UInt8]: [Int]]] = [:]
        /// Rules that must be evaluated for each event.
        var others: [Int] = []
        /// Correlations of the source.
        var correlations: [Int] = []
    }

    /// What rules mean, as evaluated here: another meaning is another hash, and verdicts name it.
    package static let semantics = "indelible/sigma/v1"

    /// SHA-256 over the rules' hashes, sorted.
    package let hash: Digest
    /// In the order of their hashes.
    package let rules: [SigmaRule]
    let benches: [Bench]
    /// Of each format, the sources whose rules are evaluated.
    let formats: [String: [Int]]

    package var hasCorrelations: Bool { self.rules.contains(where: \.isCorrelation) }

    /// SHA-256 of ``semantics``.
    ///
    /// - Throws: ``IndelibleError/Code/internal`` when hashing fails.
    package static func semanticsHash() throws(IndelibleError) -> Digest {
        try SHA256.hash(Array("\(Self.semantics)\n".utf8))
    }

    /// The hash of a set, whatever the order of its rules.
    ///
    /// - Throws: ``IndelibleError/Code/internal`` when hashing fails.
    package static func hash(of rules: [Digest]) throws(IndelibleError) -> Digest {
        let sorted = rules.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }
        return try SHA256.hash(Array("indelible/rule-set/v1\n".utf8), sorted.flatMap { $0 })
    }

    init(rules: [SigmaRule], benches: [Bench], formats: [String: [Int]]) throws(IndelibleError) {
        self.hash = try Self.hash(of: rules.map(\.hash))
        self.rules = rules
        self.benches = benches
        self.formats = formats
    }

    /// The rules that hold for a record, and what it says in the fields that they look at; `nil` when no rule is about it.
    func matches(source: Int, record: [UInt8]) -> (rules: [Int], values: FieldValues) {
        let bench = self.benches[source]
        var values = bench.table.values(in: record)
        var candidates = bench.others
        for (field, texts) in bench.index {
            for value in values.values[field] {
                if let found = texts[value.folded] { candidates += found }
            }
        }
        var matched: [Int] = []
        var last: Int?
        for rule in candidates.sorted() where rule != last {
            last = rule
            guard case .detection(let expression, _) = self.rules[rule].body, expression.holds(&values) else {
                continue
            }
            matched.append(rule)
        }
        return (matched, values)
    }

    /// The rules that hold for a record alone, whatever came before: positions in ``rules``, rising.
    ///
    /// - Parameter format: of the event.
    package func rules(matching record: [UInt8], format: String) -> [Int] {
        (self.formats[format] ?? []).flatMap { self.matches(source: $0, record: record).rules }.sorted()
    }
}
