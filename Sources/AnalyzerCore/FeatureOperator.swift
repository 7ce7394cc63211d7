internal import AuditModel

/// The closed set of ways in which an event becomes a number.
enum FeatureOperator: Sendable {
    /// Which bucket a text falls into: 0 for none, else 1 to the number of buckets.
    case bucket(Field, count: UInt64)
    /// The number of an enumeration's case, or a count.
    case number(Number)
    /// How many literals of a list occur.
    case literals(list: Int)
    case shape(ShapeFeature)
    /// How many of a prompt's words fall into a bucket.
    case word(Int)
    /// How much a prompt sounds like an attack.
    case lexicon
    case actor(ActorFeature)
    case novelty(NoveltyFeature)

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

    func value(_ event: AuditEvent, _ facts: EventFacts) -> Int32 {
        switch self {
        case .bucket(let field, let count): Self.bucket(field, event, count)
        case .number(let number): Self.number(number, event, facts.category)
        case .literals(let list): facts.literalCounts[list]
        case .shape(let feature): feature.value(facts.shape)
        case .word(let bucket): facts.words.counts[bucket]
        case .lexicon: facts.promptScore
        case .actor(let feature): feature.value(facts.actor)
        case .novelty(let feature): feature.value(facts.actor).rawValue
        }
    }

    private static func bucket(_ field: Field, _ event: AuditEvent, _ count: UInt64) -> Int32 {
        switch field {
        case .format: FNV.bucket(event.format.utf8Span.span, count: count)
        // Without what names one installation.
        case .sourceFamily: Self.bucket(before: "/", in: event.source, count)
        case .action: FNV.bucket(event.action.utf8Span.span, count: count)
        case .service: Self.bucket(before: ".", in: event.action, count)
        case .verb: Self.bucket(afterLastDotIn: event.action, count)
        case .code: FNV.bucket(event.outcome.code.utf8Span.span, count: count)
        // The first product, without its version.
        case .agentFamily: Self.bucket(before: "/ (", in: event.origin.userAgent, count)
        case .targetKind: FNV.bucket((event.targets.first?.kind ?? "").utf8Span.span, count: count)
        }
    }

    /// Of what stands before the first of `ends`, or all of the text.
    private static func bucket(before ends: StaticString, in text: String, _ count: UInt64) -> Int32 {
        let bytes = text.utf8Span.span
        let end = bytes.indices.first { position in
            unsafe UnsafeBufferPointer(start: ends.utf8Start, count: ends.utf8CodeUnitCount).contains(bytes[position])
        }
        return FNV.bucket(bytes.extracting(0..<(end ?? bytes.count)), count: count)
    }

    private static func bucket(afterLastDotIn text: String, _ count: UInt64) -> Int32 {
        let bytes = text.utf8Span.span
        let dot = bytes.indices.last { bytes[$0] == UInt8(ascii: ".") }
        return FNV.bucket(bytes.extracting((dot.map { $0 + 1 } ?? 0)..<bytes.count), count: count)
    }

    private static func number(_ number: Number, _ event: AuditEvent, _ category: ActivityCategory) -> Int32 {
        let hours = event.occurredNanoseconds / 3_600_000_000_000
        switch number {
        case .actorKind: return Int32(event.actor.kind.rawValue)
        case .actionClass: return Int32(event.actionClass.rawValue)
        case .outcome: return Int32(event.outcome.result.rawValue)
        case .category: return category.number
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
        case .shape(let feature): "shape(\(feature.rawValue))"
        case .word(let bucket): "word(\(bucket))"
        case .lexicon: "lexicon(prompt)"
        case .actor(let feature): "actor(\(feature.rawValue))"
        case .novelty(let feature): "novelty(\(feature.rawValue))"
        }
    }
}
