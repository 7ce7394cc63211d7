internal import CIndelibleProto
internal import Primitives
package import ProtobufC

extension AuditEvent {
    /// A call of a generative model; meanings follow OpenTelemetry's `gen_ai.*` attributes.
    package struct GenAI: Equatable, ProtoMessage {
        package var provider = ""
        package var model = ""
        package var modelVersion = ""
        /// Such as `chat` or `embeddings`.
        package var operation = ""
        package var prompt: DetachedPayload?
        package var completion: DetachedPayload?
        package var inputTokens: UInt64 = 0
        package var outputTokens: UInt64 = 0
        package var toolCalls: [ToolCall] = []
        package var finishReasons: [String] = []
        /// What a filter in front of the model decided.
        package var dataControls: [Attribute] = []

        package init() {}

        package static let codec = unsafe ProtoCodec(indelible__v1__gen_ai__init, Self.init(generated:))

        @unsafe private init(generated: Indelible__V1__GenAI) throws(IndelibleError) {
            unsafe self.provider = String(field: generated.provider)
            unsafe self.model = String(field: generated.model)
            unsafe self.modelVersion = String(field: generated.model_version)
            unsafe self.operation = String(field: generated.operation)
            unsafe self.prompt = try DetachedPayload.optional(generated.prompt)
            unsafe self.completion = try DetachedPayload.optional(generated.completion)
            unsafe self.inputTokens = generated.input_tokens
            unsafe self.outputTokens = generated.output_tokens
            unsafe self.toolCalls = try ToolCall.all(generated.tool_calls, count: generated.n_tool_calls)
            unsafe self.finishReasons = [String](field: generated.finish_reasons, count: generated.n_finish_reasons)
            unsafe self.dataControls = try Attribute.all(generated.data_controls, count: generated.n_data_controls)
        }

        package func write(to writer: inout ProtoWriter) {
            writer.text(1, self.provider)
            writer.text(2, self.model)
            writer.text(3, self.modelVersion)
            writer.text(4, self.operation)
            writer.message(5, self.prompt)
            writer.message(6, self.completion)
            writer.varint(7, self.inputTokens)
            writer.varint(8, self.outputTokens)
            writer.messages(9, self.toolCalls)
            writer.texts(10, self.finishReasons)
            writer.messages(11, self.dataControls)
        }
    }

    /// A tool that the model asked for.
    package struct ToolCall: Equatable, ProtoMessage {
        package var id = ""
        package var name = ""
        /// As the model wrote them, mostly JSON.
        package var arguments = ""

        package init(id: String = "", name: String = "", arguments: String = "") {
            self.id = id
            self.name = name
            self.arguments = arguments
        }

        package static let codec = unsafe ProtoCodec(indelible__v1__tool_call__init, Self.init(generated:))

        @unsafe private init(generated: Indelible__V1__ToolCall) throws(IndelibleError) {
            unsafe self.init(
                id: String(field: generated.id),
                name: String(field: generated.name),
                arguments: String(field: generated.arguments),
            )
        }

        package func write(to writer: inout ProtoWriter) {
            writer.text(1, self.id)
            writer.text(2, self.name)
            writer.text(3, self.arguments)
        }
    }
}
