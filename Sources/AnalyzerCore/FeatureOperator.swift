internal import AuditModel

/// The closed set of ways in which an event becomes a number.
enum FeatureOperator: Sendable {
    /// Which bucket a text falls into: 0 for none, else 1 to the number of buckets.
    case bucket(Field, count: UInt64)
    /// The number of an enumeration's case, or a count.
    case number(Number)
    /// How many literals of a list occur.
    case literals(list: Int)
    case shape(String, @Sendable (TextShape) -> Int32)
    /// How many of a prompt's words fall into a bucket.
    case word(Int)
    /// How much a prompt sounds like an attack.
    case lexicon
    case actor(String, @Sendable (ActorState.Observation) -> Int32)
    case novelty(String, @Sendable (ActorState.Observation) -> ActorState.Observation.Novelty)

    enum Field: String, Sendable {
        case format, sourceFamily = "source_family", action, service, verb, code, agentFamily = "agent_family"
        case targetKind = "target_kind"
    }

    enum Number: String, Sendable {
        case actorKind = "actor_kind", actionClass = "action_class", outcome, category
        case targetCount = "target_count", toolCalls = "tool_calls", hour, weekday
    }

    /// From which entries a feature is made, and so what it takes to make it again.
    enum Scope: String, Sendable {
        /// The event alone.
        case event
        /// The event and the actor's earlier ones.
        case actor
    }

    var scope: Scope {
        switch self {
        case .actor, .novelty: .actor
        default: .event
        }
    }

    func value(_ facts: EventFacts) -> Int32 {
        switch self {
        case .bucket(let field, let count): Self.bucket(field, facts, count)
        case .number(let number): Self.number(number, facts)
        case .literals(let list): facts.literalCounts[list]
        case .shape(_, let part): part(facts.shape)
        case .word(let bucket): facts.words.counts[bucket]
        case .lexicon: facts.promptScore
        case .actor(_, let part): part(facts.actor)
        case .novelty(_, let part): part(facts.actor).rawValue
        }
    }

    private static func bucket(_ field: Field, _ facts: EventFacts, _ count: UInt64) -> Int32 {
        switch field {
        case .format: FNV.bucket(facts.event.format.utf8, count: count)
        case .sourceFamily: FNV.bucket(facts.sourceFamily, count: count)
        case .action: FNV.bucket(facts.event.action.utf8, count: count)
        case .service: FNV.bucket(facts.service, count: count)
        case .verb: FNV.bucket(facts.verb, count: count)
        case .code: FNV.bucket(facts.event.outcome.code.utf8, count: count)
        case .agentFamily: FNV.bucket(facts.agentFamily, count: count)
        case .targetKind: FNV.bucket((facts.event.targets.first?.kind ?? "").utf8, count: count)
        }
    }

    private static func number(_ number: Number, _ facts: EventFacts) -> Int32 {
        let event = facts.event
        let hours = event.occurredNanoseconds / 3_600_000_000_000
        switch number {
        case .actorKind: return Int32(event.actor.kind.rawValue)
        case .actionClass: return Int32(event.actionClass.rawValue)
        case .outcome: return Int32(event.outcome.result.rawValue)
        case .category: return facts.category.number
        case .targetCount: return Int32(min(15, event.targets.count))
        case .toolCalls: return Int32(min(15, event.genAI?.toolCalls.count ?? 0))
        case .hour: return hours == 0 ? -1 : Int32(hours % 24)
        // The Unix epoch was a Thursday; 0 is Monday.
        case .weekday: return hours == 0 ? -1 : Int32((hours / 24 + 3) % 7)
        }
    }
}

extension FeatureOperator: CustomStringConvertible {
    /// The operator with its arguments, as the schema's text has it.
    var description: String {
        switch self {
        case .bucket(let field, let count): "bucket(\(field.rawValue), \(count))"
        case .number(let number): "number(\(number.rawValue))"
        case .literals(let list): "literals(\(LiteralList.all[list].name))"
        case .shape(let name, _): "shape(\(name))"
        case .word(let bucket): "word(\(bucket))"
        case .lexicon: "lexicon(prompt)"
        case .actor(let name, _): "actor(\(name))"
        case .novelty(let name, _): "novelty(\(name))"
        }
    }
}
