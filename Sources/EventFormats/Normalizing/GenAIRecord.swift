internal import AuditModel
internal import JSONText
internal import Primitives

/// A call of a generative model: a Bedrock model invocation log, or a record with OpenTelemetry's `gen_ai.*` attributes.
struct GenAIRecord {
    let event: AuditEvent

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when it names no operation.
    init(_ record: JSONObject) throws(IndelibleError) {
        if let operation = record["operation"]?.string {
            self.event = Self.invocation(record, operation)
        } else if let attributes = Self.attributes(of: record),
            let operation = attributes["gen_ai.operation.name"]?.string
        {
            self.event = Self.span(record, attributes, operation)
        } else {
            throw IndelibleError(
                .invalidArgument,
                "not a call of a model: neither operation nor gen_ai.operation.name is there",
            )
        }
    }

    // MARK: - Bedrock

    private static func invocation(_ record: JSONObject, _ operation: String) -> AuditEvent {
        let model = record["modelId"]?.string ?? ""
        let identity = record["identity"]?["arn"]?.string ?? record["accountId"]?.scalarText ?? ""
        var event = AuditEvent()
        event.occurredNanoseconds = record["timestamp"]?.scalarText.flatMap(Timestamp.nanoseconds) ?? 0
        event.source = record["accountId"]?.scalarText.map { "aws.bedrock/\($0)" } ?? "aws.bedrock"
        event.actor = Self.actor(identity)
        event.action = "genai.\(ActionName.words(operation).joined(separator: "_"))"
        event.actionClass = operation.hasPrefix("List") || operation.hasPrefix("Get") ? .read : .execute
        event.targets = [AuditEvent.Target(kind: "genai.model", id: model)]
        let call = Self.call(record, operation, model)
        event.outcome =
            call.dataControls.isEmpty
            ? Self.outcome(code: record["errorCode"]?.string)
            : AuditEvent.Outcome(.denied, code: "guardrail_intervened")
        event.origin = AuditEvent.Origin(
            session: record["requestMetadata"]?["session"]?.string ?? "",
            trace: record["requestId"]?.string ?? "",
        )
        event.attributes = AuditEvent.Attribute.list([
            ("aws.region", record["region"]), ("aws.account", record["accountId"]),
        ])
        event.genAI = call
        return event
    }

    private static func call(_ record: JSONObject, _ operation: String, _ model: String) -> AuditEvent.GenAI {
        let input = record["input"]
        let output = record["output"]
        let body = output?["outputBodyJson"]
        var call = AuditEvent.GenAI()
        call.provider = "aws.bedrock"
        call.model = model
        call.modelVersion = Self.version(of: model)
        call.operation = operation
        call.inputTokens = Self.count(input?["inputTokenCount"] ?? body?["usage"]?["inputTokens"])
        call.outputTokens = Self.count(output?["outputTokenCount"] ?? body?["usage"]?["outputTokens"])
        let content = body?["output"]?["message"]?["content"]?.array ?? body?["content"]?.array ?? []
        call.toolCalls = content.compactMap { part in
            guard let use = part["toolUse"]?.object ?? (part["type"]?.string == "tool_use" ? part.object : nil) else {
                return nil
            }
            return AuditEvent.ToolCall(
                id: use["toolUseId"]?.string ?? use["id"]?.string ?? "",
                name: use["name"]?.string ?? "",
                arguments: use["input"]?.text() ?? "",
            )
        }
        if let reason = body?["stopReason"]?.string ?? body?["stop_reason"]?.string { call.finishReasons = [reason] }
        if call.finishReasons == ["guardrail_intervened"]
            || body?["amazon-bedrock-guardrailAction"]?.string == "INTERVENED"
        {
            call.dataControls = [AuditEvent.Attribute(key: "guardrail", value: "intervened")]
        }
        return call
    }

    /// What follows the last hyphen before a colon, as in `anthropic.claude-3-haiku-20240307-v1:0`.
    private static func version(of model: String) -> String {
        guard let colon = model.lastIndex(of: ":"), let hyphen = model[..<colon].lastIndex(of: "-") else { return "" }
        return String(model[model.index(after: hyphen)...])
    }

    // MARK: - OpenTelemetry

    private static func attributes(of record: JSONObject) -> JSONObject? {
        record["gen_ai.operation.name"] == nil ? record["attributes"]?.object : record
    }

    private static func span(_ record: JSONObject, _ attributes: JSONObject, _ operation: String) -> AuditEvent {
        let times = [record["timestamp"], record["startTimeUnixNano"], record["time"]]
        let identity = [attributes["enduser.id"], attributes["user.id"], attributes["service.name"], record["service"]]
        let model = attributes["gen_ai.response.model"]?.string ?? attributes["gen_ai.request.model"]?.string ?? ""
        var event = AuditEvent()
        event.occurredNanoseconds = times.lazy.compactMap { $0?.scalarText.flatMap(Timestamp.nanoseconds) }.first ?? 0
        event.actor = Self.actor(identity.lazy.compactMap { $0?.string }.first ?? "")
        event.action = "genai.\(ActionName.words(operation).joined(separator: "_"))"
        event.actionClass = .execute
        event.targets = [AuditEvent.Target(kind: "genai.model", id: model)]
        event.outcome = Self.outcome(code: attributes["error.type"]?.string)
        event.origin = AuditEvent.Origin(
            address: attributes["client.address"]?.string ?? "",
            session: attributes["gen_ai.conversation.id"]?.string ?? "",
            trace: record["traceId"]?.string ?? record["trace_id"]?.string ?? "",
        )
        var call = AuditEvent.GenAI()
        call.provider = attributes["gen_ai.provider.name"]?.string ?? attributes["gen_ai.system"]?.string ?? ""
        call.model = model
        call.operation = operation
        call.inputTokens = Self.count(attributes["gen_ai.usage.input_tokens"])
        call.outputTokens = Self.count(attributes["gen_ai.usage.output_tokens"])
        call.finishReasons = attributes["gen_ai.response.finish_reasons"]?.array?.compactMap(\.string) ?? []
        if let tool = attributes["gen_ai.tool.name"]?.string {
            call.toolCalls = [
                AuditEvent.ToolCall(id: attributes["gen_ai.tool.call.id"]?.string ?? "", name: tool)
            ]
        }
        event.genAI = call
        return event
    }

    // MARK: - Both

    private static func actor(_ identity: String) -> AuditEvent.Actor {
        let kind: AuditEvent.Actor.Kind =
            identity.isEmpty ? .unknown : identity.contains(":assumed-role/") ? .service : .user
        return AuditEvent.Actor(id: identity, kind: kind)
    }

    private static func outcome(code: String?) -> AuditEvent.Outcome {
        guard let code, !code.isEmpty else { return AuditEvent.Outcome(.success) }
        let isDenied = OutcomeWord.result(code) == .denied
        return AuditEvent.Outcome(isDenied ? .denied : .failure, code: code)
    }

    private static func count(_ value: JSONValue?) -> UInt64 { value?.number?.uint64 ?? 0 }
}
