internal import JSONText
internal import Primitives

extension EntryJSON {
    static func write(_ event: AuditEvent, to writer: inout JSONWriter) {
        writer.memberIfAny("id", event.id.map { "\($0)" } ?? "")
        writer.memberIfAny("occurred", time: event.occurredNanoseconds)
        writer.memberIfAny("source", event.source)
        writer.memberIfAny("source_sequence", event.sourceSequence)
        if event.actor != AuditEvent.Actor() { writer.member("actor") { Self.write(event.actor, to: &$0) } }
        writer.memberIfAny("action", event.action)
        if event.actionClass != .unknown { writer.memberIfAny("action_class", "\(event.actionClass)") }
        writer.memberIfAny("targets", each: event.targets) { target, writer in
            writer.memberIfAny("kind", target.kind)
            writer.memberIfAny("id", target.id)
            writer.memberIfAny("display", target.display)
        }
        if event.outcome != AuditEvent.Outcome() { writer.member("outcome") { Self.write(event.outcome, to: &$0) } }
        if event.origin != AuditEvent.Origin() { writer.member("origin") { Self.write(event.origin, to: &$0) } }
        writer.memberIfAny("attributes", each: event.attributes, Self.write(_:to:))
        writer.memberIfAny("format", event.format)
        writer.memberIfAny("raw", record: event.raw)
        Self.write("raw_detached", event.detachedRaw, to: &writer)
        writer.memberIfAny("masks", each: event.masks) { mask, writer in
            writer.memberIfAny("path", mask.path)
            writer.memberIfAny("offset", mask.offset)
            writer.memberIfAny("byte_count", mask.byteCount)
            writer.memberIfAny("rule", mask.rule)
            writer.memberIfAny("action", mask.action)
        }
        if let genAI = event.genAI { writer.member("genai") { Self.write(genAI, to: &$0) } }
    }

    private static func write(_ actor: AuditEvent.Actor, to writer: inout JSONWriter) {
        writer.memberIfAny("id", actor.id)
        if actor.kind != .unknown { writer.memberIfAny("kind", "\(actor.kind)") }
        writer.memberIfAny("display", actor.display)
    }

    private static func write(_ outcome: AuditEvent.Outcome, to writer: inout JSONWriter) {
        writer.memberIfAny("result", "\(outcome.result)")
        writer.memberIfAny("code", outcome.code)
        writer.memberIfAny("reason", outcome.reason)
    }

    private static func write(_ origin: AuditEvent.Origin, to writer: inout JSONWriter) {
        writer.memberIfAny("address", origin.address)
        writer.memberIfAny("user_agent", origin.userAgent)
        writer.memberIfAny("session", origin.session)
        writer.memberIfAny("trace", origin.trace)
    }

    private static func write(_ attribute: AuditEvent.Attribute, to writer: inout JSONWriter) {
        writer.memberIfAny("key", attribute.key)
        writer.memberIfAny("value", attribute.value)
    }

    private static func write(_ genAI: AuditEvent.GenAI, to writer: inout JSONWriter) {
        writer.memberIfAny("provider", genAI.provider)
        writer.memberIfAny("model", genAI.model)
        writer.memberIfAny("model_version", genAI.modelVersion)
        writer.memberIfAny("operation", genAI.operation)
        Self.write("prompt", genAI.prompt, to: &writer)
        Self.write("completion", genAI.completion, to: &writer)
        writer.memberIfAny("input_tokens", genAI.inputTokens)
        writer.memberIfAny("output_tokens", genAI.outputTokens)
        writer.memberIfAny("tool_calls", each: genAI.toolCalls) { call, writer in
            writer.memberIfAny("id", call.id)
            writer.memberIfAny("name", call.name)
            writer.memberIfAny("arguments", call.arguments)
        }
        if !genAI.finishReasons.isEmpty {
            writer.key("finish_reasons")
            writer.array { writer in
                for reason in genAI.finishReasons { writer.string(reason) }
            }
        }
        writer.memberIfAny("data_controls", each: genAI.dataControls, Self.write(_:to:))
    }

    private static func write(_ key: String, _ payload: DetachedPayload?, to writer: inout JSONWriter) {
        guard let payload else { return }
        writer.member(key) { writer in
            writer.memberIfAny("commitment", payload.commitment)
            writer.memberIfAny("byte_count", payload.byteCount)
        }
    }
}
