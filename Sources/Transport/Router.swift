package import NIOCore
package import Wire

/// The methods of a server and what answers them.
package struct Router: Sendable {
    /// Runs on the event loop and must not block; answers then or later, through the call, from any thread.
    ///
    /// The request is a slice of what the socket delivered: who lets go of it before returning lets the connection receive
    /// into the same memory again, while it is still in the processor's cache.
    package typealias Immediate = @Sendable (ServerCall, _ request: ByteBuffer) -> Void
    package typealias Unary = @Sendable (ServerCall, _ request: [UInt8]) async throws -> [UInt8]
    /// The answer ends when it returns.
    package typealias Stream = @Sendable (ServerCall, _ request: [UInt8], ItemWriter) async throws -> Void
    package typealias Upload = @Sendable (ServerCall, ItemReader) async throws -> [UInt8]

    enum Handler: Sendable {
        case immediate(Immediate)
        case unary(Unary)
        case stream(Stream)
        case upload(Upload)
    }

    private(set) var methods: [MethodDescriptor] = []
    private var handlers: [Handler?] = []

    package init() {}

    package mutating func register(_ method: MethodDescriptor, immediate: @escaping Immediate) {
        precondition(method.shape == .unary)
        self.add(method, .immediate(immediate))
    }

    package mutating func register(_ method: MethodDescriptor, unary: @escaping Unary) {
        precondition(method.shape == .unary)
        self.add(method, .unary(unary))
    }

    package mutating func register(_ method: MethodDescriptor, stream: @escaping Stream) {
        precondition(method.shape == .serverStream)
        self.add(method, .stream(stream))
    }

    package mutating func register(_ method: MethodDescriptor, upload: @escaping Upload) {
        precondition(method.shape == .clientStream)
        self.add(method, .upload(upload))
    }

    private mutating func add(_ method: MethodDescriptor, _ handler: Handler) {
        let position = Int(method.number)
        while self.handlers.count <= position { self.handlers.append(nil) }
        precondition(self.handlers[position] == nil, "method number \(method.number) is taken")
        self.handlers[position] = handler
        self.methods.append(method)
    }

    /// - Parameter number: of a registered method.
    func handler(_ number: UInt32) -> Handler {
        guard let handler = self.handlers[Int(number)] else { preconditionFailure("the method table has only ours") }
        return handler
    }
}

/// Sends the items of a streamed answer.
package struct ItemWriter: Sendable {
    let streamID: UInt32
    let queue: SendQueue
    let outbox: Outbox<ServerEvent>

    /// Sends one item, and waits while the caller is slow to take items.
    ///
    /// - Throws: ``IndelibleError/Code/cancelled`` when the caller gave up or is gone, or the task is cancelled.
    package func send(_ item: [UInt8]) async throws {
        try await self.queue.send(payloadByteCount: item.count) { self.outbox.push(.item(self.streamID, item)) }
    }
}

/// Reads the items of an upload.
package struct ItemReader: Sendable {
    let streamID: UInt32
    let queue: ReceiveQueue
    let outbox: Outbox<ServerEvent>

    /// - Returns: the next item, or `nil` after the last.
    /// - Throws: ``IndelibleError/Code/cancelled`` when the caller gave up or is gone, or the task is cancelled.
    package func next() async throws -> [UInt8]? {
        let item = try await self.queue.next()
        if let item { self.outbox.push(.consumed(self.streamID, item.count)) }
        return item
    }
}
