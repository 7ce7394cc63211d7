internal import JSONText
internal import Primitives

extension EntryJSON {
    static func write(_ event: AuditEvent, to writer: inout JSONWriter) {
        writer.member("id", event.id.map { "\($0)" } ?? "")
        writer.member("occurred", time: event.occurredNanoseconds)
        writer.member("source", event.source)
        writer.member("source_sequence", event.sourceSequence)
        if event.actor != AuditEvent.Actor() { writer.member("actor") { Self.write(event.actor, to: &$0) } }
        writer.member("action", event.action)
        if event.actionClass != .unknown { writer.member("action_class", "\(event.actionClass)") }
        writer.member("targets", each: event.targets) { target, writer in
            writer.member("kind", target.kind)
            writer.member("id", target.id)
            writer.member("display", target.display)
        }
        if event.outcome != AuditEvent.Outcome() { writer.member("outcome") { Self.write(event.outcome, to: &$0) } }
        if event.origin != AuditEvent.Origin() { writer.member("origin") { Self.write(event.origin, to: &$0) } }
        writer.member("attributes", each: event.attributes, Self.write(_:to:))
        writer.member("format", event.format)
        writer.member("raw", record: event.raw)
        Self.write("raw_detached", event.detachedRaw, to: &writer)
        writer.member("masks", each: event.masks) { mask, writer in
            writer.member("path", mask.path)
            writer.member("offset", mask.offset)
            writer.member("byte_count", mask.byteCount)
            writer.member("rule", mask.rule)
            writer.member("action", mask.action)
        }
        if let genAI = event.genAI { writer.member("genai") { Self.write(genAI, to: &$0) } }
    }

    private static func write(_ actor: AuditEvent.Actor, to writer: inout JSONWriter) {
        writer.member("id", actor.id)
        if actor.kind != .unknown { writer.member("kind", "\(actor.kind)") }
        writer.member("display", actor.display)
    }

    private static func write(_ outcome: AuditEvent.Outcome, to writer: inout JSONWriter) {
        writer.member("result", "\(outcome.result)")
        writer.member("code", outcome.code)
        writer.member("reason", outcome.reason)
    }

    private static func write(_ origin: AuditEvent.Origin, to writer: inout JSONWriter) {
        writer.member("address", origin.address)
        writer.member("user_agent", origin.userAgent)
        writer.member("session", origin.session)
        writer.member("trace", origin.trace)
    }

    private static func write(_ attribute: AuditEvent.Attribute, to writer: inout JSONWriter) {
        writer.member("key", attribute.key)
        writer.member("value", attribute.value)
    }

    private static func write(_ genAI: AuditEvent.GenAI, to writer: inout JSONWriter) {
        writer.member("provider", genAI.provider)
        writer.member("model", genAI.model)
        writer.member("model_version", genAI.modelVersion)
        writer.member("operation", genAI.operation)
        Self.write("prompt", genAI.prompt, to: &writer)
        Self.write("completion", genAI.completion, to: &writer)
        writer.member("input_tokens", genAI.inputTokens)
        writer.member("output_tokens", genAI.outputTokens)
        writer.member("tool_calls", each: genAI.toolCalls) { call, writer in
            writer.member("id", call.id)
            writer.member("name", call.name)
            writer.member("arguments", call.arguments)
        }
        if !genAI.finishReasons.isEmpty {
            writer.key("finish_reasons")
            writer.array { writer in
                for reason in genAI.finishReasons { writer.string(reason) }
            }
        }
        writer.member("data_controls", each: genAI.dataControls, Self.write(_:to:))
    }

    private static func write(_ key: String, _ payload: DetachedPayload?, to writer: inout JSONWriter) {
        guard let payload else { return }
        writer.member(key) { writer in
            writer.member("commitment", payload.commitment)
            writer.member("byte_count", payload.byteCount)
        }
    }
}
