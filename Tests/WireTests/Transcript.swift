import Primitives
import Wire

/// What transcripts of both sides share.
enum Transcript {
    static let unary = MethodDescriptor(number: 1, name: "Unary", shape: .unary, roles: [.writer, .admin])
    static let stream = MethodDescriptor(number: 2, name: "Stream", shape: .serverStream, roles: [.reader])
    static let upload = MethodDescriptor(number: 3, name: "Upload", shape: .clientStream, roles: [.writer])
    static let methods = MethodTable([Self.unary, Self.stream, Self.upload])
    static let millisecond: UInt64 = 1_000_000

    static var limits: ConnectionLimits {
        var limits = ConnectionLimits()
        limits.streamCountMax = 3
        limits.streamCredit = 1_000
        limits.unansweredByteCountMax = 100
        return limits
    }

    static let peer = Hello(frameByteCountMax: 65_536, streamCountMax: 2, streamCredit: 500, software: "peer/1")
}

/// A ``ServerConnection`` behind a reference, as `#expect` takes no verbs of values that cannot be copied.
final class ServerUnderTest {
    private var machine: ServerConnection

    init(_ access: ServerConnection.Access = .unrestricted) {
        self.machine = ServerConnection(
            limits: Transcript.limits,
            hello: Hello(Transcript.limits, software: "server/1"),
            methods: Transcript.methods,
            access: access,
        )
    }

    var isAwaitingHello: Bool { self.machine.isAwaitingHello }
    var streamCount: Int { self.machine.streamCount }
    var isDrained: Bool { self.machine.isDrained }
    var wantsBytes: Bool { self.machine.wantsBytes }
    var nextDeadline: UInt64? { self.machine.nextDeadline }

    func receive(
        _ header: FrameHeader,
        payload: [UInt8] = [],
        now: UInt64 = 0,
    ) throws(IndelibleError) -> ServerConnection.Received {
        try self.machine.receive(header, payload: payload.span, now: now)
    }

    func finish(_ id: UInt32) -> Bool { self.machine.finish(id) }
    func send(_ id: UInt32, payloadByteCount: Int) -> ServerConnection.Sending {
        self.machine.send(id, payloadByteCount: payloadByteCount)
    }
    func consume(_ id: UInt32, payloadByteCount: Int) -> UInt32? {
        self.machine.consume(id, payloadByteCount: payloadByteCount)
    }
    func expire(now: UInt64) -> [UInt32] { self.machine.expire(now: now) }
    func drain() -> ServerConnection.Drain { self.machine.drain() }
    func close() -> [UInt32] { self.machine.close() }
}

/// A ``ClientConnection`` behind a reference.
final class ClientUnderTest {
    private var machine = ClientConnection(limits: Transcript.limits, software: "client/1")

    var hello: Hello { self.machine.hello }
    var isAwaitingHello: Bool { self.machine.isAwaitingHello }
    var streamCount: Int { self.machine.streamCount }
    var isDrained: Bool { self.machine.isDrained }
    var nextDeadline: UInt64? { self.machine.nextDeadline }
    var frameByteCountMax: Int { self.machine.frameByteCountMax }

    func receive(_ header: FrameHeader, payload: [UInt8] = []) throws(IndelibleError) -> ClientConnection.Received {
        try self.machine.receive(header, payload: payload.span)
    }

    func open(_ shape: MethodDescriptor.Shape, deadline: UInt64? = nil) -> ClientConnection.Opening {
        self.machine.open(shape, deadline: deadline)
    }
    func send(_ id: UInt32, payloadByteCount: Int) -> ServerConnection.Sending {
        self.machine.send(id, payloadByteCount: payloadByteCount)
    }
    func endUpload(_ id: UInt32) -> Bool { self.machine.endUpload(id) }
    func consume(_ id: UInt32, payloadByteCount: Int) -> UInt32? {
        self.machine.consume(id, payloadByteCount: payloadByteCount)
    }
    func cancel(_ id: UInt32) -> Bool { self.machine.cancel(id) }
    func expire(now: UInt64) -> [UInt32] { self.machine.expire(now: now) }
    func close() -> [UInt32] { self.machine.close() }
}
