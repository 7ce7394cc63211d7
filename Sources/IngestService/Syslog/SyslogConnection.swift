import EventFormats
import Logging
import NIOCore
import Primitives
import Transport
import Wire

/// One connection of a syslog sender: reads no further while what it sent is on its way, so that the sender waits.
final class SyslogConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private static let roles: Set<Role> = [.writer, .admin]

    private let sink: SyslogSink
    private let asksForCertificates: Bool
    private let logger: Logger
    private var framer: SyslogFramer
    private var frames: [SyslogFramer.Frame] = []
    private var isKnown = false
    private var isTaking = false
    private var isReadHeld = false
    private var isClosed = false
    private let finished: EventLoopPromise<Void>

    /// - Parameter finished: succeeds when all that came is safe and the connection is closed.
    init(
        _ sink: SyslogSink,
        limits: SyslogLimits,
        asksForCertificates: Bool,
        finished: EventLoopPromise<Void>,
        logger: Logger,
    ) {
        self.sink = sink
        self.framer = SyslogFramer(messageByteCountMax: limits.messageByteCountMax)
        self.asksForCertificates = asksForCertificates
        self.finished = finished
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isClosed, self.isAllowed(context) else { return }
        do throws(IndelibleError) {
            self.frames += try self.framer.append(self.unwrapInboundIn(data).readableBytesView)
        } catch {
            self.logger.warning("a syslog connection is closed", metadata: ["reason": "\(error)"])
            self.frames.append(.cutOff)
            self.isClosed = true
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.hand(over: context)
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if self.isTaking { self.isReadHeld = true } else { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !self.isClosed, let last = self.framer.finish() { self.frames.append(last) }
        self.isClosed = true
        self.hand(over: context)
        if !self.isTaking { self.finished.succeed() }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.logger.debug("a syslog connection failed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    private func hand(over context: ChannelHandlerContext) {
        guard !self.isTaking, !self.frames.isEmpty else { return }
        self.isTaking = true
        let frames = self.frames
        self.frames = []
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.makeFutureWithTask { [sink] in await sink.take(frames) }.whenComplete { _ in
            let (connection, context) = bound.value
            connection.taken(context)
        }
    }

    private func taken(_ context: ChannelHandlerContext) {
        self.isTaking = false
        self.hand(over: context)
        guard !self.isTaking else { return }
        if self.isClosed { return self.finished.succeed() }
        if self.isReadHeld {
            self.isReadHeld = false
            context.read()
        }
    }

    /// By the role in the sender's certificate, where the listener asks for one.
    private func isAllowed(_ context: ChannelHandlerContext) -> Bool {
        if self.isKnown || !self.asksForCertificates { return true }
        self.isKnown = ServerTLS.role(of: context.pipeline.syncOperations).map(Self.roles.contains) ?? false
        guard !self.isKnown else { return true }
        self.logger.warning("a syslog sender's certificate has neither the role writer nor admin")
        self.isClosed = true
        context.close(promise: nil)
        return false
    }
}
