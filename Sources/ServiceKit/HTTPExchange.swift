import NIOCore
import NIOHTTP1
import Primitives
import Transport
import Wire

/// Collects requests, has them answered one after the other, and writes the replies.
///
/// Behind NIO's request decoder alone: a reply leaves as the few bytes it is, in one write with its head, without passing
/// handlers that would look at it again. Our own handlers make the headers, and put nothing of a peer's in them.
final class HTTPExchange: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Question {
        let head: HTTPRequestHead
        var body: ByteBuffer
    }

    /// Requests that wait for the answers before theirs; nothing is read beyond what the last read held.
    private static let waitingCountMax = 16
    /// A shorter body is copied behind its head; a longer one goes beside it.
    private static let joinedByteCountMax = 16 << 10

    private static let lingerSeconds: Int64 = 1

    private let limits: HTTPServer.Limits
    /// Of all connections.
    private let bodies: ByteBudget
    /// Without certificates everybody may do everything.
    private let asksForCertificates: Bool
    private let rule: @Sendable (HTTPRequestHead) -> HTTPServer.Rule
    private let handler: HTTPServer.Handler
    private var arriving: Question?
    /// Of the request that is arriving.
    private var bodyByteCountMax = 0
    private var deadline: Scheduled<Void>?
    /// Taken from ``bodies`` by requests that are not answered.
    private var heldByteCount = 0
    private var waiting = CircularBuffer<Question>()
    private var isAnswering = false
    private var isReadHeld = false
    private var isClosing = false
    /// To be written when the requests before it are answered; nothing more is taken until then.
    private var refusal: HTTPReply?

    init(
        limits: HTTPServer.Limits,
        bodies: ByteBudget,
        asksForCertificates: Bool,
        rule: @escaping @Sendable (HTTPRequestHead) -> HTTPServer.Rule,
        handler: @escaping HTTPServer.Handler,
    ) {
        self.limits = limits
        self.bodies = bodies
        self.asksForCertificates = asksForCertificates
        self.rule = rule
        self.handler = handler
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isClosing, self.refusal == nil else { return }
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.begin(head, context)
        case .body(var part): self.add(&part, context)
        case .end:
            self.deadline?.cancel()
            guard let question = self.arriving.take() else { return }
            if self.isAnswering { self.waiting.append(question) } else { self.answer(question, context) }
        }
    }

    /// Refuses what can be refused by its head, so that the body is not waited for.
    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let rule = self.rule(head)
        if self.asksForCertificates, !self.isAllowed(rule.roles, context) {
            return self.refuse(
                .forbidden,
                "The role in your certificate may not call this. Ask for a certificate with another role.\n",
                context,
            )
        }
        self.bodyByteCountMax = rule.bodyByteCountMax
        let announced = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
        guard announced <= rule.bodyByteCountMax else { return self.refuseLength(context) }
        self.arriving = Question(head: head, body: ByteBuffer())
        guard announced > 0 || head.headers.contains(name: "Transfer-Encoding") else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        self.deadline = context.eventLoop.scheduleTask(in: .seconds(self.limits.bodySeconds)) {
            let (exchange, context) = bound.value
            exchange.refuse(.requestTimeout, "The body took too long. Send it faster, or in parts.\n", context)
        }
        if head.headers.first(name: "Expect")?.lowercased() == "100-continue", !self.isAnswering {
            let go = context.channel.allocator.buffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")
            context.writeAndFlush(self.wrapOutboundOut(go), promise: nil)
        }
    }

    private func add(_ part: inout ByteBuffer, _ context: ChannelHandlerContext) {
        guard let byteCount = self.arriving?.body.readableBytes else { return }
        guard byteCount + part.readableBytes <= self.bodyByteCountMax else { return self.refuseLength(context) }
        guard self.bodies.take(part.readableBytes) else {
            return self.refuse(
                .serviceUnavailable,
                "Too many request bodies are being read. Send this again a little later.\n",
                context,
            )
        }
        self.heldByteCount += part.readableBytes
        self.arriving?.body.writeBuffer(&part)
    }

    private func refuseLength(_ context: ChannelHandlerContext) {
        self.refuse(.payloadTooLarge, "A request body may have at most \(self.bodyByteCountMax) bytes.\n", context)
    }

    private func release(_ byteCount: Int) {
        self.bodies.release(byteCount)
        self.heldByteCount -= byteCount
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        self.release(self.heldByteCount)
        context.fireChannelInactive()
    }

    func read(context: ChannelHandlerContext) {
        if self.waiting.count < Self.waitingCountMax { context.read() } else { self.isReadHeld = true }
    }

    private func answer(_ question: Question, _ context: ChannelHandlerContext) {
        let head = question.head
        let byteCount = question.body.readableBytes
        let path = head.uri.utf8.prefix { $0 != UInt8(ascii: "?") }
        let request = HTTPRequest(
            method: head.method,
            path: String(Substring(path)),
            query: path.endIndex == head.uri.endIndex ? nil : String(head.uri[path.endIndex...].dropFirst()),
            headers: head.headers,
            body: question.body,
        )
        self.isAnswering = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        self.handler(request, context.eventLoop).hop(to: context.eventLoop).whenComplete { result in
            let (exchange, context) = bound.value
            // A connection that is gone has given all back.
            if exchange.heldByteCount >= byteCount { exchange.release(byteCount) }
            exchange.answered(result, head, context)
        }
    }

    private func answered(
        _ result: Result<HTTPReply, any Error>,
        _ head: HTTPRequestHead,
        _ context: ChannelHandlerContext,
    ) {
        self.isAnswering = false
        switch result {
        case .success(let reply): self.write(reply, to: head, context)
        case .failure(let error): self.write(HTTPReply(.internalServerError, text: "\(error)\n"), to: head, context)
        }
        guard !self.isClosing else { return }
        if let next = self.waiting.popFirst() {
            self.answer(next, context)
        } else if let refusal = self.refusal {
            self.close(with: refusal, context)
        }
        if self.isReadHeld, self.waiting.count < Self.waitingCountMax {
            self.isReadHeld = false
            context.read()
        }
    }

    private func isAllowed(_ roles: Set<Role>, _ context: ChannelHandlerContext) -> Bool {
        ServerTLS.role(of: context.pipeline.syncOperations).map { roles.contains($0) } ?? false
    }

    // MARK: Replies

    private func write(_ reply: HTTPReply, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let keepsAlive = head.isKeepAlive
        var bytes = context.channel.allocator.buffer(
            capacity: 256 + min(reply.body.readableBytes, Self.joinedByteCountMax)
        )
        bytes.writeStaticString("HTTP/1.1 ")
        bytes.writeString(String(reply.status.code))
        bytes.writeStaticString(" ")
        bytes.writeString(reply.status.reasonPhrase)
        for (name, value) in reply.headers {
            bytes.writeStaticString("\r\n")
            bytes.writeString(name)
            bytes.writeStaticString(": ")
            bytes.writeString(value)
        }
        bytes.writeStaticString("\r\nContent-Length: ")
        bytes.writeString(String(reply.body.readableBytes))
        if !keepsAlive {
            bytes.writeStaticString("\r\nConnection: close")
        } else if head.version == .http1_0 {
            bytes.writeStaticString("\r\nConnection: keep-alive")
        }
        bytes.writeStaticString("\r\n\r\n")
        if head.method == .HEAD || reply.body.readableBytes == 0 {
            self.send(bytes, keepsAlive, context)
        } else if reply.body.readableBytes <= Self.joinedByteCountMax {
            bytes.writeImmutableBuffer(reply.body)
            self.send(bytes, keepsAlive, context)
        } else {
            context.write(self.wrapOutboundOut(bytes), promise: nil)
            self.send(reply.body, keepsAlive, context)
        }
    }

    private func send(_ bytes: ByteBuffer, _ keepsAlive: Bool, _ context: ChannelHandlerContext) {
        guard !keepsAlive else { return context.writeAndFlush(self.wrapOutboundOut(bytes), promise: nil) }
        self.isClosing = true
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(self.wrapOutboundOut(bytes)).whenComplete { _ in Self.linger(bound.value) }
    }

    /// Closing at once, with bytes unread, would reset the connection and could lose the reply: what still comes is thrown away
    /// until the peer has seen the end.
    private static func linger(_ context: ChannelHandlerContext) {
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: .seconds(Self.lingerSeconds)) { channel.close(promise: nil) }
    }

    /// Says why, and closes.
    private func refuse(_ status: HTTPResponseStatus, _ text: String, _ context: ChannelHandlerContext) {
        self.arriving = nil
        self.deadline?.cancel()
        guard !self.isClosing, self.refusal == nil else { return }
        var reply = HTTPReply(status, text: text)
        if status == .serviceUnavailable { reply.headers.add(name: "Retry-After", value: "1") }
        guard !self.isAnswering else { return self.refusal = reply }
        self.close(with: reply, context)
    }

    private func close(with reply: HTTPReply, _ context: ChannelHandlerContext) {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: ["Connection": "close"])
        self.write(reply, to: head, context)
    }

    // MARK: Trouble

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, !self.isClosing, !self.isAnswering else { return context.close(promise: nil) }
        self.refuse(.badRequest, "This is not HTTP/1.1 as it is understood here. Check the request.\n", context)
    }
}
