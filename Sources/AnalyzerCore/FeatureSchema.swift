internal import AuditModel
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
    private let stretches: [Stretch]
    /// One line per feature and table row; what ``hash`` is taken over.
    package let canonicalText: String
    package let hash: Digest

    /// Where a vector has the activity table's answer, and what the verdict's category also looks at.
    let categoryPosition: Int
    let listingPosition: Int
    let storePosition: Int

    package var count: Int { self.features.count }
    package var names: [String] { self.features.map(\.name) }

    /// - Throws: ``IndelibleError/Code/internal`` when hashing fails.
    package static func v1() throws(IndelibleError) -> FeatureSchema {
        try FeatureSchema(
            version: 1,
            Self.categorical + Self.numbers + Self.lists + Self.shapes + Self.actors + Self.habits + Self.prompts,
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
        lines += RecordField.canonicalLines
        lines += ActivityTable.canonicalLines
        lines.append(PromptLexicon.canonicalLine)
        lines.append("actors \(ActorTable.actorCountMax) history \(ActorState.historyCountMin)")
        func position(_ name: String) -> Int {
            guard let position = features.firstIndex(where: { $0.name == name }) else {
                preconditionFailure("every schema has \(name)")
            }
            return position
        }
        self.categoryPosition = position("category")
        self.listingPosition = position("verb.list")
        self.storePosition = position("thing.store")
        self.features = features
        self.stretches = Self.stretches(features.map(\.rule))
        self.canonicalText = lines.joined(separator: "\n") + "\n"
        self.hash = try SHA256.hash(Array(self.canonicalText.utf8))
    }

    func vector(_ event: AuditEvent, _ facts: EventFacts) -> [Int32] {
        var vector: [Int32] = []
        vector.reserveCapacity(self.features.count)
        for stretch in self.stretches {
            switch stretch {
            case .rule(let rule): vector.append(rule.value(event, facts))
            case .literals(let lists): vector += facts.literalCounts[lists]
            case .words(let buckets): vector += facts.words.counts[buckets]
            }
        }
        return vector
    }

    /// Features beside each other that are made at once.
    private enum Stretch: Sendable {
        case rule(FeatureOperator)
        case literals(Range<Int>)
        case words(Range<Int>)
    }

    private static func stretches(_ rules: [FeatureOperator]) -> [Stretch] {
        var stretches: [Stretch] = []
        for rule in rules {
            switch (rule, stretches.last) {
            case (.literals(let list), .literals(let lists)) where list == lists.upperBound:
                stretches[stretches.count - 1] = .literals(lists.lowerBound..<list + 1)
            case (.word(let bucket), .words(let buckets)) where bucket == buckets.upperBound:
                stretches[stretches.count - 1] = .words(buckets.lowerBound..<bucket + 1)
            case (.literals(let list), _): stretches.append(.literals(list..<list + 1))
            case (.word(let bucket), _): stretches.append(.words(bucket..<bucket + 1))
            default: stretches.append(.rule(rule))
            }
        }
        return stretches
    }

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
        Feature(name: "text.length", rule: .shape(.length)),
        Feature(name: "text.entropy", rule: .shape(.entropy)),
        Feature(name: "text.foreign", rule: .shape(.foreign)),
        Feature(name: "text.digits", rule: .shape(.digits)),
        Feature(name: "text.capitals", rule: .shape(.capitals)),
        Feature(name: "text.spaces", rule: .shape(.spaces)),
        Feature(name: "text.marks", rule: .shape(.marks)),
        Feature(name: "text.longest_word", rule: .shape(.longestWord)),
        Feature(name: "text.lines", rule: .shape(.lines)),
    ]

    private static let actors = [
        Feature(name: "actor.events", rule: .actor(.events)),
        Feature(name: "actor.seconds_since_previous", rule: .actor(.secondsSincePrevious)),
        Feature(name: "actor.new_address", rule: .novelty(.address)),
        Feature(name: "actor.new_agent", rule: .novelty(.agent)),
        Feature(name: "actor.new_action", rule: .novelty(.action)),
        Feature(name: "actor.new_target", rule: .novelty(.target)),
        Feature(name: "actor.new_hour", rule: .novelty(.hour)),
        Feature(name: "actor.addresses", rule: .actor(.addressCount)),
        Feature(name: "actor.agents", rule: .actor(.agentCount)),
        Feature(name: "actor.actions", rule: .actor(.actionCount)),
        Feature(name: "actor.recent_failures", rule: .actor(.recentFailures)),
        Feature(name: "actor.failure_run", rule: .actor(.failureRun)),
        Feature(name: "actor.recent_novelties", rule: .actor(.recentNovelties)),
        Feature(name: "actor.events_this_minute", rule: .actor(.eventsThisMinute)),
        Feature(name: "actor.events_this_hour", rule: .actor(.eventsThisHour)),
    ]

    private static let habits = [
        Feature(name: "actor.new_place", rule: .novelty(.place)),
        Feature(name: "actor.new_network", rule: .novelty(.network)),
        Feature(name: "actor.seconds_since_action", rule: .actor(.secondsSinceAction)),
        Feature(name: "actor.action_rarity", rule: .actor(.actionRarity)),
        Feature(name: "actor.category_rarity", rule: .actor(.categoryRarity)),
        Feature(name: "actor.hour_rarity", rule: .actor(.hourRarity)),
        Feature(name: "actor.target_habit", rule: .actor(.targetHabit)),
        Feature(name: "actor.amount", rule: .actor(.amount)),
        Feature(name: "actor.amount_excess", rule: .actor(.amountExcess)),
        Feature(name: "actor.same_action", rule: .actor(.sameAction)),
        Feature(name: "actor.action_run", rule: .actor(.actionRun)),
        Feature(name: "actor.action_targets", rule: .actor(.actionTargets)),
        Feature(name: "actor.same_action_failures", rule: .actor(.sameActionFailures)),
        Feature(name: "actor.same_category", rule: .actor(.sameCategory)),
        Feature(name: "actor.services", rule: .actor(.services)),
        Feature(name: "actor.burst", rule: .actor(.burst)),
        Feature(name: "actor.agent_change", rule: .actor(.agentChange)),
        Feature(name: "actor.address_change", rule: .actor(.addressChange)),
    ]

    private static let prompts =
        [Feature(name: "prompt.score", rule: .lexicon)]
        + (0..<WordBuckets.bucketCount).map { Feature(name: "word.\($0)", rule: .word($0)) }
}
