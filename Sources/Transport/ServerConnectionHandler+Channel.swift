internal import Logging
internal import NIOCore
internal import NIOSSL
internal import NIOTLS
internal import Primitives
internal import Wire

/// What NIO tells a connection.
extension ServerConnectionHandler {
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
    var mayRead: Bool {
        guard !self.isLingering else { return true }
        return self.pauseCount == 0 && self.machine.wantsBytes && self.context?.channel.isWritable != false
    }

    func updateReading() {
        guard self.isReadHeld, self.mayRead else { return }
        self.isReadHeld = false
        self.context?.read()
    }
}
