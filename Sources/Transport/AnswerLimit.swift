internal import Primitives
internal import Wire

/// What a client's largest frame leaves for answers.
struct AnswerLimit {
    /// What the header of an answer without a status takes at most, with the lengths before it.
    private static let headerByteCountMax = 32

    private let frameByteCountMax: Int

    /// Before the client's Hello.
    init() {
        self.frameByteCountMax = FrameParser.frameByteCountFloor
    }

    init(_ hello: Hello) {
        self.frameByteCountMax = Int(hello.frameByteCountMax)
    }

    func fit(_ payload: [UInt8]) -> Bool {
        payload.count + Self.headerByteCountMax <= self.frameByteCountMax
    }

    /// What a client is told instead of an answer that does not fit.
    func refusal(_ payload: [UInt8]) -> RPCStatus {
        RPCStatus(
            IndelibleError(
                .outOfRange,
                """
                The answer has \(payload.count) bytes; this client accepts frames of \(self.frameByteCountMax). Ask for \
                less, or announce a larger limit.
                """,
            )
        )
    }
}
