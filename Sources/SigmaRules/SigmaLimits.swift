/// Bounds that no rule file crosses, so that what strangers wrote cannot exhaust whoever reads it.
package enum SigmaLimits {
    /// Bytes of one file.
    package static let fileByteCountMax = 256 << 10
    /// Bytes of one rule: with what stands beside it, it fits an entry of the log.
    package static let ruleByteCountMax = 48 << 10
    /// Files, and rules, of one set.
    package static let ruleCountMax = 4096
    /// Lists and maps inside one another.
    static let depthMax = 32
    /// Scalars, lists and maps of one file.
    static let nodeCountMax = 20_000
    /// Values of one list.
    static let itemCountMax = 4096
    /// Bytes of one value that is looked for, after all modifiers.
    static let patternByteCountMax = 4096
    /// Parts of a condition.
    static let conditionTermCountMax = 256
    /// Parentheses and `not`s inside one another.
    static let conditionDepthMax = 32
    /// States of one regular expression, after its counts are spelled out.
    static let regexStateCountMax = 512
    /// Bytes of an id, a title and a tag, and how many tags a rule may have: they stand in each verdict.
    static let idByteCountMax = 64
    static let titleByteCountMax = 256
    static let tagByteCountMax = 64
    static let tagCountMax = 16
    /// Hits of a correlation's rules that it may ask for.
    static let correlationCountMax = 256
    /// Rules and fields that a correlation may name.
    static let correlationPartCountMax = 16
    /// A week.
    static let timespanSecondsMax: UInt64 = 7 * 86_400
}

/// Why a rule is refused, and where that stands in its file.
struct SigmaError: Error {
    /// From 1; 0 for none.
    let line: Int
    /// What is wrong and what to do, one or two sentences.
    let message: String

    init(_ line: Int, _ message: String) {
        self.line = line
        self.message = message
    }
}
