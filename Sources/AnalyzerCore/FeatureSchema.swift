internal import Cryptography
package import Primitives

/// The features of one version: what they are called, how they are made, and a hash that a model is bound to.
///
/// All are integers below 2^24, which binary32 holds exactly, so the same log gives the same vectors on every machine. Any
/// change to a list, a table or an operator changes ``canonicalText``, its hash, and so refuses older models.
package struct FeatureSchema: Sendable {
    package struct Feature: Sendable {
        package let name: String
        let rule: FeatureOperator
    }

    package let features: [Feature]
    /// One line per feature and table row; what ``hash`` is taken over.
    package let canonicalText: String
    package let hash: Digest

    /// Where the activity table's answer stands in a vector.
    let categoryPosition: Int

    package var count: Int { self.features.count }
    package var names: [String] { self.features.map(\.name) }

    /// - Throws: ``IndelibleError/Code/internal`` when hashing fails.
    package static func v1() throws(IndelibleError) -> FeatureSchema {
        try FeatureSchema(
            version: 1,
            Self.categorical + Self.numbers + Self.lists + Self.shapes + Self.actors + Self.words,
        )
    }

    private init(version: Int, _ features: [Feature]) throws(IndelibleError) {
        var lines = ["indelible/features/v\(version)"]
        for (position, feature) in features.enumerated() {
            lines.append("\(position) \(feature.name) \(feature.rule.scope.rawValue) \(feature.rule)")
        }
        for list in LiteralList.all {
            lines.append("list \(list.name) \(list.scope.rawValue): \(list.literals.joined(separator: "|"))")
        }
        lines += ActivityTable.canonicalLines
        lines.append("actors \(ActorTable.actorCountMax) history \(ActorState.historyCountMin)")
        guard let category = features.firstIndex(where: { $0.name == "category" }) else {
            preconditionFailure("every schema has the category")
        }
        self.categoryPosition = category
        self.features = features
        self.canonicalText = lines.joined(separator: "\n") + "\n"
        self.hash = try SHA256.hash(Array(self.canonicalText.utf8))
    }

    func vector(_ facts: EventFacts) -> [Int32] { self.features.map { $0.rule.value(facts) } }

    private static let categorical = [
        Feature(name: "format", rule: .bucket(.format, count: 64)),
        Feature(name: "source_family", rule: .bucket(.sourceFamily, count: 64)),
        Feature(name: "action", rule: .bucket(.action, count: 1024)),
        Feature(name: "service", rule: .bucket(.service, count: 256)),
        Feature(name: "verb", rule: .bucket(.verb, count: 512)),
        Feature(name: "code", rule: .bucket(.code, count: 128)),
        Feature(name: "agent_family", rule: .bucket(.agentFamily, count: 128)),
        Feature(name: "target_kind", rule: .bucket(.targetKind, count: 128)),
    ]

    private static let numbers = [
        Feature(name: "actor_kind", rule: .number(.actorKind)),
        Feature(name: "action_class", rule: .number(.actionClass)),
        Feature(name: "outcome", rule: .number(.outcome)),
        Feature(name: "category", rule: .number(.category)),
        Feature(name: "targets", rule: .number(.targetCount)),
        Feature(name: "tool_calls", rule: .number(.toolCalls)),
        Feature(name: "hour", rule: .number(.hour)),
        Feature(name: "weekday", rule: .number(.weekday)),
    ]

    private static let lists = LiteralList.all.enumerated().map { position, list in
        Feature(name: list.name, rule: .literals(list: position))
    }

    private static let shapes = [
        Feature(name: "text.length", rule: .shape("length", \.length)),
        Feature(name: "text.entropy", rule: .shape("entropy", \.entropy)),
        Feature(name: "text.foreign", rule: .shape("foreign", \.foreign)),
        Feature(name: "text.digits", rule: .shape("digits", \.digits)),
        Feature(name: "text.capitals", rule: .shape("capitals", \.capitals)),
        Feature(name: "text.spaces", rule: .shape("spaces", \.spaces)),
        Feature(name: "text.marks", rule: .shape("marks", \.marks)),
        Feature(name: "text.longest_word", rule: .shape("longest_word", \.longestWord)),
        Feature(name: "text.lines", rule: .shape("lines", \.lines)),
    ]

    private static let actors = [
        Feature(name: "actor.events", rule: .actor("events", \.events)),
        Feature(name: "actor.seconds_since_previous", rule: .actor("seconds_since_previous", \.secondsSincePrevious)),
        Feature(name: "actor.new_address", rule: .novelty("address", \.address)),
        Feature(name: "actor.new_agent", rule: .novelty("agent", \.agent)),
        Feature(name: "actor.new_action", rule: .novelty("action", \.action)),
        Feature(name: "actor.new_target", rule: .novelty("target", \.target)),
        Feature(name: "actor.new_hour", rule: .novelty("hour", \.hour)),
        Feature(name: "actor.addresses", rule: .actor("addresses", \.addressCount)),
        Feature(name: "actor.agents", rule: .actor("agents", \.agentCount)),
        Feature(name: "actor.actions", rule: .actor("actions", \.actionCount)),
        Feature(name: "actor.recent_failures", rule: .actor("recent_failures", \.recentFailures)),
        Feature(name: "actor.failure_run", rule: .actor("failure_run", \.failureRun)),
        Feature(name: "actor.recent_novelties", rule: .actor("recent_novelties", \.recentNovelties)),
        Feature(name: "actor.events_this_minute", rule: .actor("events_this_minute", \.eventsThisMinute)),
        Feature(name: "actor.events_this_hour", rule: .actor("events_this_hour", \.eventsThisHour)),
    ]

    private static let words = (0..<WordBuckets.bucketCount).map { Feature(name: "word.\($0)", rule: .word($0)) }
}
