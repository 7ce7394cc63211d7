internal import Logging
internal import NIOCore
internal import NIOSSL
internal import NIOTLS
internal import Primitives
internal import Wire

/// Drives one ``ServerConnection``: bytes in, calls to the service, answers out.
///
/// Confined to its event loop; others reach it through its ``Outbox``.
final class ServerConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// One call as the service sees it.
    struct Active {
        let call: ServerCall
        var task: Task<Void, Never>?
        /// Of a streamed answer.
        var sending: Sending?
        /// Of an upload.
        var receiving: ReceiveQueue?
    }

    /// Items that wait for credit or for the socket, at most ``SendQueue/byteCountMax`` and one more.
    struct Sending {
        let queue: SendQueue
        var items = CircularBuffer<[UInt8]>()
        /// How the answer ends once the items are gone.
        var end: RPCStatus?
    }

    let configuration: RPCServer.Configuration
    let router: Router
    let registry: ConnectionRegistry
    let logger: Logger
    let outbox: Outbox<ServerEvent>
    var machine: ServerConnection
    var assembler: FrameAssembler
    let egress: Egress
    let deadlines = DeadlineTimer()
    var calls: [UInt32: Active] = [:]
    var keepAlive: KeepAlive
    var peer = Peer(address: "", name: "", role: nil)
    var peerFrameByteCountMax = FrameParser.frameByteCountFloor
    var context: ChannelHandlerContext?
    var timer: Scheduled<Void>?
    var pauseCount = 0
    var isReadHeld = false
    /// After a violation: what still arrives is thrown away until the peer has seen our GOAWAY.
    var isLingering = false

    /// A peer that broke the protocol has this long to read why, before the connection is cut.
    static let lingerSeconds: Int64 = 1

    var limits: ConnectionLimits { self.configuration.limits }

    init(
        configuration: RPCServer.Configuration,
        router: Router,
        methods: MethodTable,
        registry: ConnectionRegistry,
        logger: Logger,
        eventLoop: any EventLoop,
    ) {
        self.configuration = configuration
        self.router = router
        self.registry = registry
        self.logger = logger
        self.outbox = Outbox(eventLoop: eventLoop)
        self.machine = ServerConnection(
            limits: configuration.limits,
            hello: Hello(configuration.limits, software: configuration.software),
            methods: methods,
            access: configuration.asksForCertificates ? .role(nil) : .unrestricted,
        )
        self.egress = Egress(configuration.limits)
        self.assembler = FrameAssembler(frameByteCountMax: configuration.limits.frameByteCountMax)
        self.keepAlive = KeepAlive(configuration.limits, now: NIODeadline.now().uptimeNanoseconds)
    }

    // MARK: What arrived

    func perform(_ action: ServerConnection.Received, _ frame: FrameAssembler.Frame, now: UInt64) {
        let id = frame.header.streamID
        switch action {
        case .call: self.start(frame, now: now)
        case .ignore: break
        case .hello(let session):
            self.peerFrameByteCountMax = Int(session.peer.frameByteCountMax)
            self.egress.append(
                FrameHeader(.hello),
                payload: Hello(self.limits, software: self.configuration.software).bytes,
            )
        case .refuse(let status):
            self.egress.append(FrameHeader(.response, streamID: id, status: status))
        case .item:
            self.calls[id]?.receiving?.push(Array(frame.payload.readableBytesView))
        case .uploadEnd:
            self.calls[id]?.receiving?.finish(.success(()))
        case .cancel:
            self.abandon(id, IndelibleError(.cancelled, "The caller cancelled the call."))
        case .credit:
            self.pump(id)
        case .pong:
            self.egress.append(FrameHeader(.pong), payload: frame.payload)
        }
    }

    func start(_ frame: FrameAssembler.Frame, now: UInt64) {
        let header = frame.header
        let id = header.streamID
        let handler = self.router.handler(header.method)
        let deadline =
            header.deadlineMilliseconds == 0
            ? nil : NIODeadline.uptimeNanoseconds(now + UInt64(header.deadlineMilliseconds) * 1_000_000)
        var payload = frame.payload
        if case .immediate = handler {
        } else {
            // It may live long, and must not keep what the socket delivered alive with it.
            payload = ByteBuffer(bytes: payload.readableBytesView)
        }
        guard let method = self.machine.method(header.method) else { preconditionFailure("the machine knew it") }
        let call = ServerCall(
            header,
            method: method,
            payload: payload,
            deadline: deadline,
            peer: self.peer,
            outbox: self.outbox,
        )
        switch handler {
        case .immediate(let body):
            self.calls[id] = Active(call: call)
            body(call)
        case .unary(let body):
            self.calls[id] = Active(call: call, task: self.run(call) { call.respond(try await body(call)) })
        case .stream(let body):
            let queue = SendQueue()
            let writer = ItemWriter(streamID: id, queue: queue, outbox: self.outbox)
            let task = self.run(call) {
                try await body(call, writer)
                call.end()
            }
            self.calls[id] = Active(call: call, task: task, sending: Sending(queue: queue))
        case .upload(let body):
            let queue = ReceiveQueue()
            let reader = ItemReader(streamID: id, queue: queue, outbox: self.outbox)
            let task = self.run(call) { call.respond(try await body(call, reader)) }
            self.calls[id] = Active(call: call, task: task, receiving: queue)
        }
    }

    func run(_ call: ServerCall, _ body: @escaping @Sendable () async throws -> Void) -> Task<Void, Never> {
        let logger = self.logger
        return Task {
            do {
                try await body()
            } catch let error as IndelibleError {
                call.fail(error)
            } catch is CancellationError {
                call.fail(IndelibleError(.cancelled, "The call was cancelled."))
            } catch {
                logger.error("A call failed", metadata: ["method": "\(call.method.name)", "error": "\(error)"])
                call.fail(IndelibleError(.internal, "\(call.method.name) failed. The server's log has the reason."))
            }
        }
    }

    /// Nobody waits for the call any more.
    func abandon(_ id: UInt32, _ error: IndelibleError) {
        guard let active = self.calls.removeValue(forKey: id) else { return }
        active.call.cancel()
        active.task?.cancel()
        active.sending?.queue.fail(error)
        active.receiving?.finish(.failure(error))
        self.updateReading()
    }

    // MARK: What the service says

    func receive(_ events: [ServerEvent]) {
        for event in events { self.perform(event) }
        self.flush()
        self.updateReading()
    }

    func perform(_ event: ServerEvent) {
        switch event {
        case .response(let id, let payload):
            guard self.machine.finish(id) else { return }
            self.calls[id] = nil
            if self.fits(payload) {
                self.egress.append(FrameHeader(.response, streamID: id), payload: payload)
            } else {
                self.egress.append(FrameHeader(.response, streamID: id, status: self.oversize(payload)))
            }
            self.closeIfDrained()
        case .failure(let id, let status, let payload):
            if self.calls[id]?.sending != nil {
                self.finishStream(id, status)
                return
            }
            guard self.machine.finish(id) else { return }
            self.calls.removeValue(forKey: id)?.receiving?.finish(.success(()))
            self.egress.append(
                FrameHeader(.response, streamID: id, status: status),
                payload: self.fits(payload) ? payload : [],
            )
            self.closeIfDrained()
        case .item(let id, let payload):
            guard self.calls[id]?.sending != nil else { return }
            guard self.fits(payload) else {
                self.finishStream(id, self.oversize(payload))
                return
            }
            self.calls[id]?.sending?.items.append(payload)
            self.pump(id)
        case .end(let id):
            self.finishStream(id, .ok)
        case .consumed(let id, let byteCount):
            guard let credit = self.machine.consume(id, payloadByteCount: byteCount) else { return }
            self.egress.append(FrameHeader(.credit, streamID: id, credit: credit))
        case .pause:
            self.pauseCount += 1
        case .resume:
            precondition(self.pauseCount > 0, "reading was not paused")
            self.pauseCount -= 1
        case .drain:
            self.drain()
        case .close:
            self.context?.close(promise: nil)
        }
    }

    func fits(_ payload: [UInt8]) -> Bool {
        payload.count + Self.headerByteCountReserved <= self.peerFrameByteCountMax
    }

    /// What the header of an answer without a status takes at most, with the lengths before it.
    static let headerByteCountReserved = 32

    func oversize(_ payload: [UInt8]) -> RPCStatus {
        RPCStatus(
            IndelibleError(
                .outOfRange,
                """
                The answer has \(payload.count) bytes; this client accepts frames of \(self.peerFrameByteCountMax). \
                Ask for less, or announce a larger limit.
                """,
            )
        )
    }

    func finishStream(_ id: UInt32, _ status: RPCStatus) {
        guard self.calls[id]?.sending?.end == nil else { return }
        self.calls[id]?.sending?.end = status
        self.pump(id)
    }

    /// Sends what credit and the socket allow of a streamed answer, and its end.
    func pump(_ id: UInt32) {
        guard let index = self.calls.index(forKey: id), var sending = self.calls.values[index].sending else { return }
        while let item = sending.items.first {
            guard self.context?.channel.isWritable == true, self.egress.hasRoom else { break }
            guard self.machine.send(id, payloadByteCount: item.count) == .send else { break }
            sending.items.removeFirst()
            self.egress.append(FrameHeader(.item, streamID: id), payload: item)
            sending.queue.sent(byteCount: item.count)
        }
        guard sending.items.isEmpty, let end = sending.end, self.machine.finish(id) else {
            self.calls.values[index].sending = sending
            return
        }
        self.calls.remove(at: index)
        self.egress.append(FrameHeader(.end, streamID: id, status: end.isOK ? nil : end))
        sending.queue.fail(IndelibleError(.cancelled, "The answer has ended."))
        self.closeIfDrained()
    }

    func flush() {
        guard let context = self.context, !self.egress.flush(context) else { return }
        self.logger.warning(
            "A peer does not read its answers and is cut off",
            metadata: ["peer": "\(self.peer.address)"],
        )
        context.close(promise: nil)
    }

    // MARK: Time and the end

    func start(_ context: ChannelHandlerContext) {
        self.peer = Peer(address: context.remoteAddress.map { "\($0)" } ?? "", name: "", role: nil)
        self.registry.add(self.outbox)
        let handshake = TimeAmount.seconds(Int64(self.limits.handshakeSeconds))
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: handshake) { self.handshakeTimer() }
    }

    func handshakeTimer() {
        guard !self.machine.isAwaitingHello else {
            self.context?.close(promise: nil)
            return
        }
        self.tick()
    }

    func tick() {
        guard let context = self.context else { return }
        switch self.keepAlive.tick(now: NIODeadline.now().uptimeNanoseconds) {
        case .close:
            context.close(promise: nil)
            return
        case .ping:
            self.egress.append(FrameHeader(.ping))
            self.flush()
            self.egress.shrink()
            self.assembler.shrink()
        case .wait: break
        }
        let interval = TimeAmount.seconds(Int64(self.limits.keepAliveSeconds))
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: interval) { self.tick() }
    }

    func scheduleDeadline() {
        guard let context = self.context else { return }
        self.deadlines.schedule(self.machine.nextDeadline, on: context.eventLoop) { self.expire() }
    }

    func expire() {
        let error = IndelibleError(.deadlineExceeded, "The call was not done in the time that the caller gave it.")
        for id in self.machine.expire(now: NIODeadline.now().uptimeNanoseconds) {
            let kind: FrameKind = self.calls[id]?.sending == nil ? .response : .end
            self.abandon(id, error)
            self.egress.append(FrameHeader(kind, streamID: id, status: RPCStatus(error)))
        }
        self.flush()
        self.closeIfDrained()
        self.scheduleDeadline()
    }

    func drain() {
        let status = RPCStatus(IndelibleError(.unavailable, "The server is shutting down. Reconnect and call again."))
        self.egress.append(FrameHeader(.goAway, status: status))
        if self.machine.drain() == .close, let context = self.context { self.egress.closeWhenSent(context) }
        self.flush()
    }

    func closeIfDrained() {
        guard self.machine.isDrained, let context = self.context else { return }
        self.egress.closeWhenSent(context)
    }

    /// The peer broke the protocol: tell it why, then close.
    func reject(_ error: IndelibleError) {
        self.logger.debug("A peer broke the protocol", metadata: ["peer": "\(self.peer.address)", "why": "\(error)"])
        self.isLingering = true
        self.abandonAll(error)
        self.egress.append(FrameHeader(.goAway, status: RPCStatus(error)))
        self.flush()
        // Closing at once, with bytes unread, would reset the connection and lose the reason.
        self.timer?.cancel()
        self.timer = self.context?.eventLoop.assumeIsolated().scheduleTask(in: .seconds(Self.lingerSeconds)) {
            self.context?.close(promise: nil)
        }
        self.updateReading()
    }

    func abandonAll(_ error: IndelibleError) {
        for id in self.machine.close() { self.abandon(id, error) }
    }

    func stop() {
        self.timer?.cancel()
        self.timer = nil
        self.deadlines.cancel()
        self.abandonAll(IndelibleError(.cancelled, "The caller is gone."))
        self.outbox.connect(nil)
        self.registry.remove(self.outbox)
    }
}
