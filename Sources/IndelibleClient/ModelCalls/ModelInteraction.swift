/// One call of a generative model, for ``ModelAudit/record(_:)-(ModelInteraction)``.
public struct ModelInteraction: Sendable {
    /// A tool that the model asked for.
    public struct ToolCall: Sendable {
        /// The model's own name of this call; empty when it gave none.
        public var id: String
        /// The tool.
        public var name: String
        /// As the model wrote them, mostly JSON; at most ``ModelInteraction/argumentsByteCountMax`` bytes.
        public var arguments: String

        /// A call of the tool `name`.
        public init(id: String = "", name: String, arguments: String = "") {
            self.id = id
            self.name = name
            self.arguments = arguments
        }
    }

    /// What a filter before or behind the model decided.
    public struct DataControl: Sendable {
        /// The filter, such as `guardrail` or `pii`.
        public var name: String
        /// Such as `passed`, `masked` or `blocked`.
        public var decision: String

        /// The decision of the filter `name`.
        public init(name: String, decision: String) {
            self.name = name
            self.decision = decision
        }
    }

    /// How it ended.
    public enum Outcome: String, Sendable, CaseIterable {
        /// The model answered.
        case success
        /// It did not.
        case failure
        /// The caller, or a filter, was not allowed to have it answered.
        case denied
    }

    /// Bytes of the arguments of one tool call; longer ones belong into the completion.
    public static let argumentsByteCountMax = 4096
    /// Tool calls of one interaction, and decisions of filters.
    public static let listCountMax = 64

    /// Who asked.
    public var actor: String
    /// Such as `anthropic` or `aws.bedrock`.
    public var provider = ""
    /// As it is asked for.
    public var model: String
    /// The version that answered.
    public var modelVersion = ""
    /// Such as `chat` or `embeddings`; the event's action is `genai.` and this.
    public var operation = "chat"
    /// All that the model was given; kept beside the log.
    public var prompt: [UInt8]?
    /// All that it answered; kept beside the log.
    public var completion: [UInt8]?
    /// Tools that it asked for.
    public var toolCalls: [ToolCall] = []
    /// What filters decided.
    public var dataControls: [DataControl] = []
    /// Why it stopped, such as `stop` or `tool_calls`.
    public var finishReasons: [String] = []
    /// Tokens of the prompt.
    public var inputTokens: UInt64 = 0
    /// Tokens of the completion.
    public var outputTokens: UInt64 = 0
    /// How it ended.
    public var outcome = Outcome.success
    /// The conversation that it belongs to.
    public var session = ""

    /// A call that `actor` made of `model`.
    ///
    /// - Parameters:
    ///   - actor: who asked.
    ///   - model: as it was asked for.
    ///   - prompt: the text that it was given; other bytes go into ``prompt``.
    ///   - completion: the text that it answered.
    public init(actor: String, model: String, prompt: String? = nil, completion: String? = nil) {
        self.actor = actor
        self.model = model
        self.prompt = prompt.map { Array($0.utf8) }
        self.completion = completion.map { Array($0.utf8) }
    }
}
