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
    private struct Active {
        let call: ServerCall
        var task: Task<Void, Never>?
        /// Of a streamed answer.
        var sending: Sending?
        /// Of an upload.
        var receiving: ReceiveQueue?
    }

    /// Items that wait for credit or for the socket, at most ``SendQueue/byteCountMax`` and one more.
    private struct Sending {
        let queue: SendQueue
        var items = CircularBuffer<[UInt8]>()
        /// How the answer ends once the items are gone.
        var end: RPCStatus?
    }

    private let configuration: RPCServer.Configuration
    private let router: Router
    private let registry: ConnectionRegistry
    private let logger: Logger
    private let outbox: Outbox<ServerEvent>
    private var machine: ServerConnection
    private var assembler: FrameAssembler
    private let egress: Egress
    private let deadlines = DeadlineTimer()
    private var calls: [UInt32: Active] = [:]
    private var keepAlive: KeepAlive
    private var peer = Peer(address: "", name: "", role: nil)
    private var peerFrameByteCountMax = FrameParser.frameByteCountFloor
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var pauseCount = 0
    private var isReadHeld = false
    /// After a violation: what still arrives is thrown away until the peer has seen our GOAWAY.
    private var isLingering = false

    /// A peer that broke the protocol has this long to read why, before the connection is cut.
    private static let lingerSeconds: Int64 = 1

    private var limits: ConnectionLimits { self.configuration.limits }

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

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.outbox.connect { [unowned self] events in self.receive(events) }
        if context.channel.isActive { self.start(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        self.start(context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.stop()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.stop()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.logger.debug("A connection failed", metadata: ["peer": "\(self.peer.address)", "error": "\(error)"])
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, self.configuration.asksForCertificates {
            let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
            let identity = CertificateIdentity(certificate ?? nil)
            self.peer = Peer(address: self.peer.address, name: identity.name, role: identity.role)
            self.machine.admit(.role(identity.role))
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isLingering else { return }
        var read = self.unwrapInboundIn(data)
        let now = NIODeadline.now().uptimeNanoseconds
        self.keepAlive.received(now: now)
        // Until channelReadComplete, which always follows.
        self.outbox.expectDrain()
        do throws(IndelibleError) {
            while let frame = try self.assembler.next(&read) {
                let action = try self.machine.receive(
                    frame.header,
                    payload: frame.payload.readableBytesUInt8Span,
                    now: now,
                )
                self.perform(action, frame, now: now)
            }
        } catch {
            self.reject(error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.outbox.drain()
        self.flush()
        self.scheduleDeadline()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            for id in self.calls.keys.sorted() { self.pump(id) }
            self.flush()
        }
        self.updateReading()
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if self.mayRead { context.read() } else { self.isReadHeld = true }
    }

    /// Whether the service, the open calls and the peer's own reading leave room for more requests.
    private var mayRead: Bool {
        guard !self.isLingering else { return true }
        return self.pauseCount == 0 && self.machine.wantsBytes && self.context?.channel.isWritable != false
    }

    private func updateReading() {
        guard self.isReadHeld, self.mayRead else { return }
        self.isReadHeld = false
        self.context?.read()
    }

    // MARK: What arrived

    private func perform(_ action: ServerConnection.Received, _ frame: FrameAssembler.Frame, now: UInt64) {
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

    private func start(_ frame: FrameAssembler.Frame, now: UInt64) {
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

    private func run(_ call: ServerCall, _ body: @escaping @Sendable () async throws -> Void) -> Task<Void, Never> {
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
    private func abandon(_ id: UInt32, _ error: IndelibleError) {
        guard let active = self.calls.removeValue(forKey: id) else { return }
        active.call.cancel()
        active.task?.cancel()
        active.sending?.queue.fail(error)
        active.receiving?.finish(.failure(error))
        self.updateReading()
    }

    // MARK: What the service says

    private func receive(_ events: [ServerEvent]) {
        for event in events { self.perform(event) }
        self.flush()
        self.updateReading()
    }

    private func perform(_ event: ServerEvent) {
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

    private func fits(_ payload: [UInt8]) -> Bool {
        payload.count + Self.headerByteCountReserved <= self.peerFrameByteCountMax
    }

    /// What the header of an answer without a status takes at most, with the lengths before it.
    private static let headerByteCountReserved = 32

    private func oversize(_ payload: [UInt8]) -> RPCStatus {
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

    private func finishStream(_ id: UInt32, _ status: RPCStatus) {
        guard self.calls[id]?.sending?.end == nil else { return }
        self.calls[id]?.sending?.end = status
        self.pump(id)
    }

    /// Sends what credit and the socket allow of a streamed answer, and its end.
    private func pump(_ id: UInt32) {
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

    private func flush() {
        guard let context = self.context, !self.egress.flush(context) else { return }
        self.logger.warning(
            "A peer does not read its answers and is cut off",
            metadata: ["peer": "\(self.peer.address)"],
        )
        context.close(promise: nil)
    }

    // MARK: Time and the end

    private func start(_ context: ChannelHandlerContext) {
        self.peer = Peer(address: context.remoteAddress.map { "\($0)" } ?? "", name: "", role: nil)
        self.registry.add(self.outbox)
        let handshake = TimeAmount.seconds(Int64(self.limits.handshakeSeconds))
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: handshake) { self.handshakeTimer() }
    }

    private func handshakeTimer() {
        guard !self.machine.isAwaitingHello else {
            self.context?.close(promise: nil)
            return
        }
        self.tick()
    }

    private func tick() {
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

    private func scheduleDeadline() {
        guard let context = self.context else { return }
        self.deadlines.schedule(self.machine.nextDeadline, on: context.eventLoop) { self.expire() }
    }

    private func expire() {
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

    private func drain() {
        let status = RPCStatus(IndelibleError(.unavailable, "The server is shutting down. Reconnect and call again."))
        self.egress.append(FrameHeader(.goAway, status: status))
        if self.machine.drain() == .close, let context = self.context { self.egress.closeWhenSent(context) }
        self.flush()
    }

    private func closeIfDrained() {
        guard self.machine.isDrained, let context = self.context else { return }
        self.egress.closeWhenSent(context)
    }

    /// The peer broke the protocol: tell it why, then close.
    private func reject(_ error: IndelibleError) {
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

    private func abandonAll(_ error: IndelibleError) {
        for id in self.machine.close() { self.abandon(id, error) }
    }

    private func stop() {
        self.timer?.cancel()
        self.timer = nil
        self.deadlines.cancel()
        self.abandonAll(IndelibleError(.cancelled, "The caller is gone."))
        self.outbox.connect(nil)
        self.registry.remove(self.outbox)
    }
}
