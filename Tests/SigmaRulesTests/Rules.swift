import Primitives
import SigmaRules

/// Rules about one made-up source, whose records are JSON.
enum Rules {
    static let format = "aws.cloudtrail"
    static let sources = [
        RuleSource(
            product: "aws",
            services: ["cloudtrail"],
            formats: [Self.format],
            actorFields: ["userIdentity.arn"],
        ),
        RuleSource(
            product: "windows",
            services: ["security"],
            formats: ["windows.security"],
            actorFields: ["SubjectUserName"],
            roots: ["EventData."],
        ),
    ]

    /// A whole rule around a detection, whose lines begin at the left.
    static func text(_ detection: String, id: String = "one", product: String = "aws/cloudtrail") -> String {
        let lines = detection.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
        let parts = product.split(separator: "/")
        return """
            title: A rule called \(id)
            id: \(id)
            level: high
            logsource:
                product: \(parts[0])
                service: \(parts[1])
            detection:
            \(lines)
            """
    }

    static func compile(_ texts: String...) throws(IndelibleError) -> (set: RuleSet, refusals: [RuleSet.Refusal]) {
        let files = texts.enumerated().map { RuleSet.File(name: "\($0.offset).yml", bytes: Array($0.element.utf8)) }
        return try RuleSet.compile(files, sources: Self.sources)
    }

    /// Whether a detection holds for a record.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the rule is refused.
    static func hits(
        _ detection: String,
        _ record: String,
        product: String = "aws/cloudtrail",
    ) throws(IndelibleError) -> Bool {
        let (set, refusals) = try Self.compile(Self.text(detection, product: product))
        if let first = refusals.first { throw IndelibleError(.invalidArgument, first.message) }
        let format = product == "aws/cloudtrail" ? Self.format : "windows.security"
        return !set.rules(matching: Array(record.utf8), format: format).isEmpty
    }
}
