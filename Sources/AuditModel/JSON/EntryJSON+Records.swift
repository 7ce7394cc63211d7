internal import JSONText
internal import Primitives

extension EntryJSON {
    static func write(_ seal: BatchSeal, _ body: SealBody, to writer: inout JSONWriter) {
        writer.member("collector", body.collector)
        writer.member("key_id", hex: body.keyID)
        writer.member("epoch", time: body.epoch)
        writer.member("sequence", body.sequence)
        writer.member("count", body.count)
        writer.member("root", body.root)
        writer.member("previous", body.previous)
        writer.member("signature", hex: seal.signature)
    }

    static func write(_ key: KeyRecord, _ body: KeyRecord.Body, to writer: inout JSONWriter) {
        writer.member("name", body.name)
        writer.member("public_key", hex: body.publicKey)
        writer.member("purpose", body.purpose)
        writer.member("action", body.action)
        writer.member("from", time: body.fromNanoseconds)
        writer.member("signature", hex: key.signature)
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
        writer.member("model_hash", batch.modelHash)
        writer.member("schema_hash", batch.schemaHash)
        writer.member("slot", batch.slot)
        writer.member("verdicts", each: batch.verdicts, Self.write(_:to:))
    }

    private static func write(_ verdict: Verdict, to writer: inout JSONWriter) {
        writer.key("event_index")
        writer.integer(verdict.eventIndex)
        writer.member("leaf_hash", verdict.leafHash)
        writer.member("category", verdict.category)
        writer.key("risk")
        writer.integer(verdict.risk)
        writer.member("severity", verdict.severity)
        Self.write("features", verdict.features, to: &writer) { $1.integer($0) }
        Self.write("margins", verdict.margins, to: &writer) { $1.number($0) }
        Self.write("margin_bits", verdict.marginBits, to: &writer) { $1.string(Self.bits($0)) }
        if verdict.actorPrevious > 0 {
            writer.key("actor_previous_index")
            writer.integer(verdict.actorPrevious - 1)
        }
        writer.member("contributions", each: verdict.contributions) { contribution, writer in
            writer.key("feature")
            writer.integer(contribution.feature)
            writer.key("value")
            writer.number(contribution.value)
            writer.member("value_bits", Self.bits(contribution.valueBits))
        }
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
            writer.key("event_index")
            writer.integer(label.eventIndex)
            writer.member("label", label.label)
            writer.member("reason", label.reason)
            writer.member("author", label.author)
        case .model(let model):
            writer.member("model_hash", model.modelHash)
            writer.member("schema_hash", model.schemaHash)
            writer.member("name", model.name)
            writer.member("action", model.action)
            writer.member("card", model.card)
            writer.member("signature", hex: model.signature)
        case .dataset(let dataset):
            writer.member("dataset_hash", dataset.datasetHash)
            writer.member("name", dataset.name)
            writer.member("card", dataset.card)
        case .rule(let rule):
            writer.member("rule_hash", rule.ruleHash)
            writer.member("name", rule.name)
            writer.member("action", rule.action)
            writer.member("text", rule.text)
        case .state(let state):
            writer.member("model_hash", state.modelHash)
            writer.member("up_to", state.upTo)
            writer.member("state_hash", state.stateHash)
            writer.member("state_base64", Base64.encode(state.state))
        case .mute(let mute):
            writer.member("rule", mute.rule)
            writer.member("author", mute.author)
            writer.member("reason", mute.reason)
            writer.member("expires", time: mute.expiresNanoseconds)
        default: preconditionFailure("the caller sends judgements only")
        }
    }

    private static func write(operation body: EntryBody, to writer: inout JSONWriter) {
        switch body {
        case .source(let source):
            writer.member("source", source.source)
            writer.member("change", source.change)
            writer.member("first_sequence", source.firstSequence)
            writer.member("last_sequence", source.lastSequence)
            writer.member("detail", source.detail)
        case .access(let access):
            writer.member("who", access.who)
            writer.member("what", access.what)
            writer.member("first_index", access.firstIndex)
            writer.member("last_index", access.lastIndex)
            writer.member("purpose", access.purpose)
        case .retention(let retention):
            writer.member("up_to", retention.upTo)
            writer.member("policy", retention.policy)
        case .hold(let hold):
            writer.member("name", hold.name)
            writer.member("action", hold.action)
            writer.member("first_index", hold.firstIndex)
            writer.member("last_index", hold.lastIndex)
        case .erasure(let erasure):
            writer.member("subject", erasure.subject)
            writer.member("reason", erasure.reason)
        case .verification(let verification):
            writer.member("verifier", verification.verifier)
            writer.member("size", verification.size)
            writer.member("root", verification.root)
            writer.member("result", verification.result)
            writer.member("detail", verification.detail)
            writer.member("signature", hex: verification.signature)
        case .alert(let alert):
            writer.member("kind", alert.kind)
            writer.member("detail", alert.detail)
            writer.member("index", alert.index)
        case .lifecycle(let lifecycle):
            writer.member("component", lifecycle.component)
            writer.member("change", lifecycle.change)
            writer.member("software", lifecycle.software)
            writer.member("detail", lifecycle.detail)
        default: preconditionFailure("the caller sends operations only")
        }
    }
}
