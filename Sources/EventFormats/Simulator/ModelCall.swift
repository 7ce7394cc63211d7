internal import JSONText

/// A call of a generative model as Bedrock's model invocation logging records it (schema version 1.0, Converse).
struct ModelCall: Sendable {
    struct Tool: Sendable {
        let name: String
        let input: JSONValue
    }

    let prompt: String
    var answer = "Here is what I found."
    var tool: Tool?
    var inputTokens: Int?
    var stopReason: String?

    init(
        _ prompt: String,
        answer: String = "Here is what I found.",
        tool: Tool? = nil,
        inputTokens: Int? = nil,
        stopReason: String? = nil,
    ) {
        self.prompt = prompt
        self.answer = answer
        self.tool = tool
        self.inputTokens = inputTokens
        self.stopReason = stopReason
    }

    static let models = [
        "anthropic.claude-sonnet-4-20250514-v1:0", "amazon.nova-pro-v1:0", "meta.llama3-3-70b-instruct-v1:0",
        "mistral.mistral-large-2407-v1:0",
    ]

    /// An everyday request of a role.
    static func everyday(
        _ role: SimulatedActor.Role,
        _ world: SimulatedWorld,
        _ generator: inout SeededGenerator,
    ) -> ModelCall {
        let table = generator.pick(world.tables)
        let workload = generator.pick(world.workloads)
        let count = generator.number(2...40)
        switch role {
        case .support, .assistant:
            let order = generator.number(10_000...99_999)
            return ModelCall(
                "A customer asks where order \(order) is. Draft a friendly reply in \(count) sentences.",
                answer: "Of course. Let me look at that order first.",
                tool: generator.chance(perMille: 600)
                    ? Tool(name: "lookup_order", input: ["order": .number(JSONNumber(order))]) : nil,
            )
        case .finance, .analyst:
            return ModelCall(
                "Summarise the \(table) report of the last \(count) days and list what changed most.",
                answer: "The largest change is in the second week.",
                tool: generator.chance(perMille: 400)
                    ? Tool(name: "run_query", input: ["table": .string(table), "days": .number(JSONNumber(count))])
                    : nil,
            )
        default:
            return ModelCall(
                "Explain why the \(workload) tests fail after \(count) minutes and propose the smallest change.",
                answer: "The test waits for a port that is never opened.",
                tool: generator.chance(perMille: 300)
                    ? Tool(name: "read_file", input: ["path": .string("services/\(workload)/main.py")]) : nil,
            )
        }
    }

    func write(
        _ step: SimulatedStep,
        _ time: UInt64,
        _ world: SimulatedWorld,
        _ generator: inout SeededGenerator,
    ) -> [UInt8] {
        let actor = step.actor
        let inputTokens = self.inputTokens ?? self.prompt.utf8.count / 4 + generator.number(20...400)
        let outputTokens = self.answer.utf8.count / 4 + generator.number(10...300)
        let model = Self.models[(actor.taste + generator.zipf(Self.models.count)) % Self.models.count]
        var content: [JSONValue] = [["text": .string(self.answer)]]
        if let tool = self.tool {
            content.append([
                "toolUse": [
                    "toolUseId": .string("tooluse_\(generator.upper(22))"), "name": .string(tool.name),
                    "input": tool.input,
                ]
            ])
        }
        let stopReason = self.stopReason ?? (self.tool == nil ? "end_turn" : "tool_use")
        var record = JSONObject()
        record.append("schemaType", "ModelInvocationLog")
        record.append("schemaVersion", "1.0")
        record.append("timestamp", .string(Timestamp.text(time, digits: 0)))
        record.append("accountId", .string(SimulatedWorld.account))
        record.append("identity", ["arn": .string(actor.arn)])
        record.append("region", .string(SimulatedWorld.regions[actor.taste % 2]))
        record.append("requestId", .string(generator.uuid()))
        record.append("operation", "Converse")
        record.append("modelId", .string(model))
        record.append(
            "input",
            [
                "inputContentType": "application/json",
                "inputBodyJson": [
                    "messages": [["role": "user", "content": [["text": .string(self.prompt)]]]],
                    "inferenceConfig": ["maxTokens": 2048],
                ],
                "inputTokenCount": .number(JSONNumber(inputTokens)),
            ],
        )
        record.append(
            "output",
            [
                "outputContentType": "application/json",
                "outputBodyJson": [
                    "output": ["message": ["role": "assistant", "content": .array(content)]],
                    "stopReason": .string(stopReason),
                    "metrics": ["latencyMs": .number(JSONNumber(outputTokens * 12 + generator.number(80...900)))],
                    "usage": [
                        "inputTokens": .number(JSONNumber(inputTokens)),
                        "outputTokens": .number(JSONNumber(outputTokens)),
                        "totalTokens": .number(JSONNumber(inputTokens + outputTokens)),
                    ],
                ],
                "outputTokenCount": .number(JSONNumber(outputTokens)),
            ],
        )
        record.append(
            "requestMetadata",
            ["session": .string("conv-\(generator.hex(12))"), "client": .string(step.address)],
        )
        return Array(JSONValue.object(record).text().utf8)
    }
}
