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

    private struct Active {
        let call: ServerCall
        /// `nil` for immediate methods.
        var work: ServerWork?
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
    private var calls = StreamTable<Active>()
    private var keepAlive: KeepAlive
    private var peer = Peer()
    private var answers = AnswerLimit()
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
        self.keepAlive = KeepAlive(configuration.limits, now: eventLoop.now.uptimeNanoseconds)
    }

    /// What a channel without TLS is to receive into.
    var receiveBuffer: ReceiveBuffer { self.assembler.receiveBuffer }

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
        let now = context.eventLoop.now.uptimeNanoseconds
        self.keepAlive.received(now: now)
        // Until channelReadComplete, which always follows.
        self.outbox.expectDrain()
        do throws(IndelibleError) {
            try self.assembler.receive(self.unwrapInboundIn(data))
            while let frame = try self.assembler.next() {
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
            for id in self.calls.sortedIDs { self.pump(id) }
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
            self.answers = AnswerLimit(session.peer)
            self.egress.append(
                FrameHeader(.hello),
                payload: Hello(self.limits, software: self.configuration.software).bytes,
            )
        case .refuse(let status):
            self.egress.append(FrameHeader(.response, streamID: id, status: status))
        case .item:
            self.calls[id]?.work?.incoming?.push(Array(frame.payload.readableBytesView))
        case .uploadEnd:
            self.calls[id]?.work?.incoming?.finish(.success(()))
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
        guard let method = self.machine.method(header.method) else { preconditionFailure("the machine knew it") }
        let call = ServerCall(header, method, deadline, peer: self.peer, outbox: self.outbox)
        guard case .immediate(let body) = handler else {
            // It may live long, and must not keep what the socket delivered alive with it.
            let request = Array(frame.payload.readableBytesView)
            let work = ServerWork(call, request, handler, outbox: self.outbox, logger: self.logger)
            self.calls.open(id, Active(call: call, work: work))
            return
        }
        self.calls.open(id, Active(call: call))
        body(call, frame.payload)
    }

    /// Nobody waits for the call any more.
    private func abandon(_ id: UInt32, _ error: IndelibleError) {
        guard let active = self.calls.close(id) else { return }
        active.call.cancel()
        active.work?.abandon(error)
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
            _ = self.calls.close(id)
            if self.answers.fit(payload) {
                self.egress.append(FrameHeader(.response, streamID: id), payload: payload)
            } else {
                self.egress.append(FrameHeader(.response, streamID: id, status: self.answers.refusal(payload)))
            }
            self.closeIfDrained()
        case .failure(let id, let status, let payload):
            guard self.calls[id]?.work?.outgoing == nil else {
                self.finishStream(id, status)
                return
            }
            guard self.machine.finish(id) else { return }
            _ = self.calls.close(id)
            self.egress.append(
                FrameHeader(.response, streamID: id, status: status),
                payload: self.answers.fit(payload) ? payload : [],
            )
            self.closeIfDrained()
        case .item(let id, let payload):
            if self.answers.fit(payload) {
                self.calls[id]?.work?.outgoing?.append(payload)
                self.pump(id)
            } else {
                self.finishStream(id, self.answers.refusal(payload))
            }
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

    private func finishStream(_ id: UInt32, _ status: RPCStatus) {
        self.calls[id]?.work?.outgoing?.finish(status)
        self.pump(id)
    }

    /// Sends what credit and the socket allow of a streamed answer, and its end.
    private func pump(_ id: UInt32) {
        guard let outgoing = self.calls[id]?.work?.outgoing else { return }
        let end = outgoing.drain { item in
            guard self.context?.channel.isWritable == true, self.egress.hasRoom,
                self.machine.send(id, payloadByteCount: item.count) == .send
            else { return false }
            self.egress.append(FrameHeader(.item, streamID: id), payload: item)
            return true
        }
        guard let end, self.machine.finish(id) else { return }
        _ = self.calls.close(id)
        self.egress.append(FrameHeader(.end, streamID: id, status: end.isOK ? nil : end))
        outgoing.queue.fail(IndelibleError(.cancelled, "The answer has ended."))
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
        self.peer = Peer(address: context.remoteAddress.map { "\($0)" } ?? "")
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
        switch self.keepAlive.tick(now: context.eventLoop.now.uptimeNanoseconds) {
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
        for id in self.machine.expire(now: self.outbox.eventLoop.now.uptimeNanoseconds) {
            let kind: FrameKind = self.calls[id]?.work?.outgoing == nil ? .response : .end
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
