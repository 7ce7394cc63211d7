package import NIOCore
package import Primitives
internal import Synchronization
internal import Wire

/// One call under way, from its caller's side.
package final class ClientCall: Sendable {
    /// Runs on the connection's event loop and must not block.
    package typealias Completion = @Sendable (Result<ByteBuffer, IndelibleError>) -> Void

    let method: MethodDescriptor
    let payload: [UInt8]
    let log: String
    let metadata: [FrameHeader.Metadata]
    let deadline: NIODeadline?
    /// Of a streamed answer.
    let receiving: ReceiveQueue?
    /// Of an upload.
    let sending: SendQueue?
    private let completion: Completion
    private let isFinished = Atomic<Bool>(false)
    private let stream = Atomic<UInt32>(0)

    init(
        _ method: MethodDescriptor,
        payload: [UInt8],
        log: String,
        metadata: [FrameHeader.Metadata],
        deadline: Duration?,
        receiving: ReceiveQueue? = nil,
        sending: SendQueue? = nil,
        completion: @escaping Completion,
    ) {
        self.method = method
        self.payload = payload
        self.log = log
        self.metadata = metadata
        self.deadline = deadline.map { .now() + TimeAmount($0) }
        self.receiving = receiving
        self.sending = sending
        self.completion = completion
    }

    /// 0 while the call waits for its turn.
    var streamID: UInt32 {
        get { self.stream.load(ordering: .relaxed) }
        set { self.stream.store(newValue, ordering: .relaxed) }
    }

    var isOver: Bool { self.isFinished.load(ordering: .relaxed) }

    /// Ends the call; only the first end counts.
    func finish(_ result: Result<ByteBuffer, IndelibleError>) {
        guard !self.isFinished.exchange(true, ordering: .relaxed) else { return }
        self.receiving?.finish(result.map { _ in () })
        self.sending?.fail(IndelibleError(.cancelled, "The call is over; the server takes no more items."))
        self.completion(result)
    }

    /// The header that opens the call.
    func header(now: NIODeadline) -> FrameHeader {
        var milliseconds: UInt32 = 0
        if let deadline = self.deadline {
            let left = max(0, (deadline - now).nanoseconds)
            milliseconds = UInt32(clamping: max(1, (left + 999_999) / 1_000_000))
        }
        return FrameHeader(
            .request,
            streamID: self.streamID,
            method: self.method.number,
            log: self.log,
            deadlineMilliseconds: milliseconds,
            metadata: self.metadata,
        )
    }
}

/// What callers tell a connection.
enum ClientEvent: Sendable {
    case call(ClientCall)
    case cancel(ClientCall)
    case item(ClientCall, [UInt8])
    case endUpload(ClientCall)
    /// An item of so many bytes was taken out of the call's queue.
    case consumed(ClientCall, Int)
    case close
}
