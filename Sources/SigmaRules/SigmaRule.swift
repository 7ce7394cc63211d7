package import Primitives

/// A rule, as its author wrote it and as it is evaluated.
package struct SigmaRule: Sendable {
    /// How bad a hit is.
    package enum Level: String, Sendable, CaseIterable {
        case informational, low, medium, high, critical
    }

    enum Body: Sendable {
        /// Of records of one source, by its position.
        case detection(Expression, source: Int)
        case correlation(Correlation)
    }

    /// SHA-256 of ``text``.
    package let hash: Digest
    package let id: String
    package let title: String
    package let level: Level
    package let tags: [String]
    /// The rule itself, in YAML.
    package let text: [UInt8]
    package let file: String
    /// The line of its file on which it begins.
    package let line: Int
    /// False for a rule that only correlations ask for.
    package internal(set) var isTold = true
    var body: Body

    package var isCorrelation: Bool {
        guard case .correlation = self.body else { return false }
        return true
    }
}

/// Hits of some rules that mean something together.
struct Correlation: Sendable {
    enum Kind: String, Sendable {
        case eventCount = "event_count"
        case valueCount = "value_count"
        case temporal
        case temporalOrdered = "temporal_ordered"
    }

    let kind: Kind
    /// Positions of the rules, in their order.
    let rules: [Int]
    let source: Int
    /// Positions of fields.
    let groupBy: [Int]
    /// Position of the field whose values are counted.
    let counted: Int?
    let timespanNanoseconds: UInt64
    /// Hits, values or rules that it takes.
    let count: Int
}
