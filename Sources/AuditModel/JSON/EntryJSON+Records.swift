internal import JSONText
internal import Primitives

extension EntryJSON {
    static func write(_ seal: BatchSeal, _ body: SealBody, to writer: inout JSONWriter) {
        writer.memberIfAny("collector", body.collector)
        writer.memberIfAny("key_id", hex: body.keyID)
        writer.memberIfAny("epoch", time: body.epoch)
        writer.memberIfAny("sequence", body.sequence)
        writer.memberIfAny("count", body.count)
        writer.memberIfAny("root", body.root)
        writer.memberIfAny("previous", body.previous)
        writer.memberIfAny("signature", hex: seal.signature)
    }

    static func write(_ key: KeyRecord, _ body: KeyRecord.Body, to writer: inout JSONWriter) {
        writer.memberIfAny("name", body.name)
        writer.memberIfAny("public_key", hex: body.publicKey)
        writer.memberIfAny("purpose", body.purpose)
        writer.memberIfAny("action", body.action)
        writer.memberIfAny("from", time: body.fromNanoseconds)
        writer.memberIfAny("signature", hex: key.signature)
    }

    /// The kinds whose members are the fields of their message.
    static func write(record body: EntryBody, to writer: inout JSONWriter) {
        switch body {
        case .verdicts(let batch): Self.write(batch, to: &writer)
        case .label, .model, .dataset, .rule, .state, .mute: Self.write(judgement: body, to: &writer)
        default: Self.write(operation: body, to: &writer)
        }
    }

    private static func write(_ batch: VerdictBatch, to writer: inout JSONWriter) {
        writer.memberIfAny("model_hash", batch.modelHash)
        if let set = batch.ruleSetHash { writer.memberIfAny("rule_set_hash", set) }
        writer.memberIfAny("schema_hash", batch.schemaHash)
        writer.memberIfAny("slot", batch.slot)
        writer.memberIfAny("verdicts", each: batch.verdicts, Self.write(_:to:))
    }

    private static func write(_ verdict: Verdict, to writer: inout JSONWriter) {
        writer.member("event_index", verdict.eventIndex)
        writer.memberIfAny("leaf_hash", verdict.leafHash)
        writer.memberIfAny("category", verdict.category)
        writer.member("risk", verdict.risk)
        writer.memberIfAny("severity", verdict.severity)
        Self.write("features", verdict.features, to: &writer) { $1.integer($0) }
        Self.write("margins", verdict.margins, to: &writer) { $1.number($0) }
        Self.write("margin_bits", verdict.marginBits, to: &writer) { $1.string(Self.bits($0)) }
        if verdict.actorPrevious > 0 {
            writer.member("actor_previous_index", verdict.actorPrevious - 1)
        }
        writer.memberIfAny("contributions", each: verdict.contributions) { contribution, writer in
            writer.member("feature", contribution.feature)
            writer.key("value")
            writer.number(contribution.value)
            writer.memberIfAny("value_bits", Self.bits(contribution.valueBits))
        }
        writer.memberIfAny("rules", each: verdict.rules, Self.write(_:to:))
    }

    private static func write(_ rule: RuleHit, to writer: inout JSONWriter) {
        writer.memberIfAny("rule_hash", rule.ruleHash)
        writer.memberIfAny("id", rule.id)
        writer.memberIfAny("title", rule.title)
        writer.memberIfAny("level", rule.level)
        Self.write("tags", rule.tags, to: &writer) { $1.string($0) }
        Self.write("events", rule.events, to: &writer) { $1.integer($0) }
    }

    /// Eight hexadecimal digits, the most significant first.
    private static func bits(_ bits: UInt32) -> String {
        Hex.encode([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> $0) })
    }

    private static func write<Element>(
        _ key: String,
        _ elements: [Element],
        to writer: inout JSONWriter,
        _ element: (Element, inout JSONWriter) -> Void,
    ) {
        guard !elements.isEmpty else { return }
        writer.key(key)
        writer.array { writer in
            for value in elements { element(value, &writer) }
        }
    }

    private static func write(judgement body: EntryBody, to writer: inout JSONWriter) {
        switch body {
        case .label(let label):
            writer.member("event_index", label.eventIndex)
            writer.memberIfAny("label", label.label)
            writer.memberIfAny("reason", label.reason)
            writer.memberIfAny("author", label.author)
        case .model(let model):
            writer.memberIfAny("model_hash", model.modelHash)
            writer.memberIfAny("schema_hash", model.schemaHash)
            writer.memberIfAny("name", model.name)
            writer.memberIfAny("action", model.action)
            writer.memberIfAny("card", model.card)
            writer.memberIfAny("signature", hex: model.signature)
        case .dataset(let dataset):
            writer.memberIfAny("dataset_hash", dataset.datasetHash)
            writer.memberIfAny("name", dataset.name)
            writer.memberIfAny("card", dataset.card)
        case .rule(let rule):
            writer.memberIfAny("rule_hash", rule.ruleHash)
            writer.memberIfAny("name", rule.name)
            writer.memberIfAny("action", rule.action)
            writer.memberIfAny("text", rule.text)
        case .state(let state):
            writer.memberIfAny("model_hash", state.modelHash)
            writer.memberIfAny("up_to", state.upTo)
            writer.memberIfAny("state_hash", state.stateHash)
            writer.memberIfAny("state_base64", Base64.encode(state.state))
        case .mute(let mute):
            writer.memberIfAny("rule", mute.rule)
            writer.memberIfAny("author", mute.author)
            writer.memberIfAny("reason", mute.reason)
            writer.memberIfAny("expires", time: mute.expiresNanoseconds)
        default: preconditionFailure("the caller sends judgements only")
        }
    }

    private static func write(operation body: EntryBody, to writer: inout JSONWriter) {
        switch body {
        case .source(let source):
            writer.memberIfAny("source", source.source)
            writer.memberIfAny("change", source.change)
            writer.memberIfAny("first_sequence", source.firstSequence)
            writer.memberIfAny("last_sequence", source.lastSequence)
            writer.memberIfAny("detail", source.detail)
        case .access(let access):
            writer.memberIfAny("who", access.who)
            writer.memberIfAny("what", access.what)
            writer.memberIfAny("first_index", access.firstIndex)
            writer.memberIfAny("last_index", access.lastIndex)
            writer.memberIfAny("purpose", access.purpose)
        case .retention(let retention):
            writer.memberIfAny("up_to", retention.upTo)
            writer.memberIfAny("policy", retention.policy)
        case .hold(let hold):
            writer.memberIfAny("name", hold.name)
            writer.memberIfAny("action", hold.action)
            writer.memberIfAny("first_index", hold.firstIndex)
            writer.memberIfAny("last_index", hold.lastIndex)
        case .erasure(let erasure):
            writer.memberIfAny("subject", erasure.subject)
            writer.memberIfAny("reason", erasure.reason)
        case .verification(let verification):
            writer.memberIfAny("verifier", verification.verifier)
            writer.memberIfAny("size", verification.size)
            writer.memberIfAny("root", verification.root)
            writer.memberIfAny("result", verification.result)
            writer.memberIfAny("detail", verification.detail)
            writer.memberIfAny("signature", hex: verification.signature)
        case .alert(let alert):
            writer.memberIfAny("kind", alert.kind)
            writer.memberIfAny("detail", alert.detail)
            writer.memberIfAny("index", alert.index)
        case .lifecycle(let lifecycle):
            writer.memberIfAny("component", lifecycle.component)
            writer.memberIfAny("change", lifecycle.change)
            writer.memberIfAny("software", lifecycle.software)
            writer.memberIfAny("detail", lifecycle.detail)
        default: preconditionFailure("the caller sends operations only")
        }
    }
}
