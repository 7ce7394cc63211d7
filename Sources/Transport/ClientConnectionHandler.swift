internal import NIOCore
internal import NIOSSL
internal import Primitives
internal import Wire

/// Drives one ``ClientConnection``: calls out, answers in.
///
/// Confined to its event loop; others reach it through its ``Outbox``.
final class ClientConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Active {
        let call: ClientCall
        /// Of an upload.
        let outgoing: OutgoingItems?
    }

    /// Calls that wait while the server lets no more be open.
    static let waitingCallCountMax = 65_536

    let outbox: Outbox<ClientEvent>
    private let name: String
    private let limits: ConnectionLimits
    private let ready: EventLoopPromise<Session>
    private let egress: Egress
    private let deadlines = DeadlineTimer()
    private var machine: ClientConnection
    private var assembler: FrameAssembler
    private var keepAlive: KeepAlive
    private var calls = StreamTable<Active>()
    private var waiting = CircularBuffer<Active>()
    /// No waiting call has an earlier one.
    private var waitingDeadlineFloor = UInt64.max
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var failure: IndelibleError?

    /// - Parameters:
    ///   - name: host and port, for errors.
    ///   - ready: succeeds when calls may start, fails when they never can.
    init(name: String, limits: ConnectionLimits, software: String, ready: EventLoopPromise<Session>) {
        self.name = name
        self.limits = limits
        self.ready = ready
        self.outbox = Outbox(eventLoop: ready.futureResult.eventLoop)
        self.egress = Egress(limits)
        self.machine = ClientConnection(limits: limits, software: software)
        self.assembler = FrameAssembler(frameByteCountMax: limits.frameByteCountMax)
        self.keepAlive = KeepAlive(limits, now: ready.futureResult.eventLoop.now.uptimeNanoseconds)
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
        if self.failure == nil { self.failure = self.explain(error) }
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.failure == nil else { return }
        self.keepAlive.received(now: context.eventLoop.now.uptimeNanoseconds)
        // Until channelReadComplete, which always follows.
        self.outbox.expectDrain()
        do throws(IndelibleError) {
            try self.assembler.receive(self.unwrapInboundIn(data))
            while let frame = try self.assembler.next() {
                let action = try self.machine.receive(frame.header, payload: frame.payload.readableBytesUInt8Span)
                self.perform(action, frame)
            }
        } catch {
            // Not a word of this protocol: a wrong port, or TLS on one side only.
            let isForeign = self.machine.isAwaitingHello && error.code == .invalidArgument
            self.failure = isForeign ? self.lost(cause: error) : error
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.outbox.drain()
        self.startWaiting()
        self.flush()
        self.scheduleDeadline()
        if self.machine.isDrained { self.egress.closeWhenSent(context) }
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            for id in self.calls.sortedIDs { self.pump(id) }
            self.startWaiting()
            self.flush()
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: What arrived

    private func perform(_ action: ClientConnection.Received, _ frame: FrameAssembler.Frame) {
        let id = frame.header.streamID
        switch action {
        case .ignore: break
        case .ready(let session): self.ready.succeed(session)
        case .finished:
            guard let call = self.calls.close(id)?.call else { return }
            if let status = frame.header.status, !status.isOK {
                call.finish(.failure(IndelibleError(status, payload: Array(frame.payload.readableBytesView))))
            } else {
                call.finish(.success(frame.payload))
            }
        case .item: self.calls[id]?.call.receiving?.push(Array(frame.payload.readableBytesView))
        case .credit: self.pump(id)
        case .pong: self.egress.append(FrameHeader(.pong), payload: frame.payload)
        case .goAway:
            let status = frame.header.status ?? RPCStatus(code: 14, message: "The server is shutting down.")
            let error = IndelibleError(status)
            // Anything but a drain means that nothing more will be answered.
            if error.code != .unavailable { self.failure = error }
            for active in self.waiting { active.call.finish(.failure(error)) }
            self.waiting.removeAll()
            if self.failure != nil { self.context?.close(promise: nil) }
        }
    }

    // MARK: What callers say

    private func receive(_ events: [ClientEvent]) {
        for event in events { self.perform(event) }
        self.flush()
        self.scheduleDeadline()
    }

    private func perform(_ event: ClientEvent) {
        switch event {
        case .call(let call): self.start(Active(call: call, outgoing: call.sending.map { OutgoingItems($0) }))
        case .cancel(let call):
            call.finish(
                .failure(IndelibleError(.cancelled, "The call was cancelled; it may have been done all the same."))
            )
            guard self.machine.cancel(call.streamID) else { return }
            _ = self.calls.close(call.streamID)
            self.egress.append(FrameHeader(.cancel, streamID: call.streamID))
        case .item(let call, let payload):
            guard payload.count + Self.headerByteCountReserved <= self.machine.frameByteCountMax else {
                self.refuseOversize(call, payload)
                return
            }
            self.active(call)?.outgoing?.append(payload)
            self.pump(call.streamID)
        case .endUpload(let call):
            self.active(call)?.outgoing?.finish(.ok)
            self.pump(call.streamID)
        case .consumed(let call, let byteCount):
            guard let credit = self.machine.consume(call.streamID, payloadByteCount: byteCount) else { return }
            self.egress.append(FrameHeader(.credit, streamID: call.streamID, credit: credit))
        case .close:
            self.failure = IndelibleError(.cancelled, "This side closed the connection to \(self.name).")
            self.context?.close(promise: nil)
        }
    }

    private func start(_ active: Active) {
        let call = active.call
        guard !call.isOver else { return }
        guard self.waiting.isEmpty, self.open(active) else {
            guard self.waiting.count < Self.waitingCallCountMax else {
                call.finish(
                    .failure(
                        IndelibleError(
                            .resourceExhausted,
                            "\(self.waiting.count) calls to \(self.name) wait already. Wait for answers before calling.",
                        )
                    )
                )
                return
            }
            self.waiting.append(active)
            self.waitingDeadlineFloor = min(self.waitingDeadlineFloor, call.deadline?.uptimeNanoseconds ?? .max)
            return
        }
    }

    /// - Returns: `false` when the call has to wait.
    private func open(_ active: Active) -> Bool {
        let call = active.call
        let headerByteCountMax = FrameHeader.byteCountMax
        guard call.payload.count + headerByteCountMax <= max(self.machine.frameByteCountMax, headerByteCountMax) else {
            self.refuseOversize(call, call.payload)
            return true
        }
        switch self.machine.open(call.method.shape, deadline: call.deadline?.uptimeNanoseconds) {
        case .opened(let id):
            call.streamID = id
            self.calls.open(id, active)
            self.egress.append(call.header(now: self.outbox.eventLoop.now), payload: call.payload)
            self.pump(id)
            return true
        case .full:
            return false
        case .closed:
            call.finish(.failure(self.failure ?? self.lost()))
            return true
        }
    }

    private func active(_ call: ClientCall) -> Active? {
        call.streamID == 0 ? self.waiting.first { $0.call === call } : self.calls[call.streamID]
    }

    private func startWaiting() {
        while let next = self.waiting.first, next.call.isOver || self.open(next) { self.waiting.removeFirst() }
    }

    /// Sends what credit and the socket allow of an upload, and its end.
    private func pump(_ id: UInt32) {
        guard let outgoing = self.calls[id]?.outgoing else { return }
        let end = outgoing.drain { item in
            guard self.context?.channel.isWritable == true, self.egress.hasRoom,
                self.machine.send(id, payloadByteCount: item.count) == .send
            else { return false }
            self.egress.append(FrameHeader(.item, streamID: id), payload: item)
            return true
        }
        guard end != nil, self.machine.endUpload(id) else { return }
        self.egress.append(FrameHeader(.end, streamID: id))
    }

    /// What the header of an item takes at most, with the lengths before it.
    private static let headerByteCountReserved = 32

    private func refuseOversize(_ call: ClientCall, _ payload: [UInt8]) {
        let error = IndelibleError(
            .invalidArgument,
            """
            A message of \(payload.count) bytes does not fit in a frame: \(self.name) accepts at most \
            \(self.machine.frameByteCountMax) bytes. Send smaller batches.
            """,
        )
        call.finish(.failure(error))
        guard self.machine.cancel(call.streamID) else { return }
        _ = self.calls.close(call.streamID)
        self.egress.append(FrameHeader(.cancel, streamID: call.streamID))
    }

    private func flush() {
        guard let context = self.context, !self.egress.flush(context) else { return }
        self.failure = IndelibleError(
            .resourceExhausted,
            "\(self.name) does not read what it is sent, so the connection was closed. Check its health and the network.",
        )
        context.close(promise: nil)
    }

    // MARK: Time and the end

    private func start(_ context: ChannelHandlerContext) {
        self.egress.append(FrameHeader(.hello), payload: self.machine.hello.bytes)
        self.flush()
        let handshake = TimeAmount.seconds(Int64(self.limits.handshakeSeconds))
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: handshake) {
            guard !self.machine.isAwaitingHello else {
                self.failure = IndelibleError(
                    .unavailable,
                    "\(self.name) did not answer in \(self.limits.handshakeSeconds) s. Check what listens there.",
                )
                self.context?.close(promise: nil)
                return
            }
            self.tick()
        }
    }

    private func tick() {
        guard let context = self.context else { return }
        switch self.keepAlive.tick(now: context.eventLoop.now.uptimeNanoseconds) {
        case .close:
            self.failure = IndelibleError(
                .unavailable,
                "\(self.name) was silent for \(self.limits.silenceSecondsMax) s. Check its health and the network.",
            )
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
        let next = min(self.machine.nextDeadline ?? .max, self.waitingDeadlineFloor)
        self.deadlines.schedule(next == .max ? nil : next, on: context.eventLoop) { self.expire() }
    }

    private func expire() {
        let now = self.outbox.eventLoop.now
        let error = IndelibleError(
            .deadlineExceeded,
            "\(self.name) did not answer in time; the call may have been done all the same.",
        )
        for id in self.machine.expire(now: now.uptimeNanoseconds) {
            self.egress.append(FrameHeader(.cancel, streamID: id))
            self.calls.close(id)?.call.finish(.failure(error))
        }
        for active in self.waiting {
            guard let deadline = active.call.deadline, deadline <= now else { continue }
            active.call.finish(.failure(error))
        }
        self.waiting.removeAll { $0.call.isOver }
        self.waitingDeadlineFloor = self.waiting.compactMap { $0.call.deadline?.uptimeNanoseconds }.min() ?? .max
        self.startWaiting()
        self.flush()
        self.scheduleDeadline()
    }

    private func stop() {
        self.timer?.cancel()
        self.timer = nil
        self.deadlines.cancel()
        let error = self.failure ?? self.lost()
        self.ready.fail(error)
        let calls =
            self.machine.close().compactMap { self.calls.close($0)?.call } + self.waiting.map(\.call)
        self.waiting.removeAll()
        self.outbox.connect { events in
            for case .call(let call) in events { call.finish(.failure(error)) }
        }
        for call in calls { call.finish(.failure(error)) }
    }

    private func lost(cause: IndelibleError? = nil) -> IndelibleError {
        if self.machine.isAwaitingHello {
            return IndelibleError(
                .unavailable,
                "\(self.name) does not answer in this protocol. Check that it is the right port, and whether it wants TLS.",
                cause: cause,
            )
        }
        return IndelibleError(
            .unavailable,
            "The connection to \(self.name) was lost; open calls may have been done all the same. Reconnect.",
        )
    }

    private func explain(_ error: any Error) -> IndelibleError {
        if error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError {
            return IndelibleError(
                .unauthenticated,
                """
                TLS with \(self.name) failed. Check that both sides' certificates are in force, lead to the authority \
                that the other trusts, and name the host.
                """,
                cause: error,
            )
        }
        return IndelibleError(
            .unavailable,
            "The connection to \(self.name) failed; open calls may have been done all the same. Reconnect.",
            cause: error,
        )
    }
}
