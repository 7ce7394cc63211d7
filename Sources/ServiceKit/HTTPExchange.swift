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
    /// `nil` lets everybody in.
    private let roles: Set<Role>?
    private let handler: HTTPServer.Handler
    private var arriving: Question?
    private var waiting = CircularBuffer<Question>()
    private var isAnswering = false
    private var isReadHeld = false
    private var isClosing = false

    init(limits: HTTPServer.Limits, roles: Set<Role>?, handler: @escaping HTTPServer.Handler) {
        self.limits = limits
        self.roles = roles
        self.handler = handler
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isClosing else { return }
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.arriving = Question(head: head, body: ByteBuffer())
        case .body(var part):
            guard let byteCount = self.arriving?.body.readableBytes else { return }
            guard byteCount + part.readableBytes <= self.limits.bodyByteCountMax else {
                return self.refuse(
                    .payloadTooLarge,
                    "A request body may have at most \(self.limits.bodyByteCountMax) bytes.\n",
                    context,
                )
            }
            self.arriving?.body.writeBuffer(&part)
        case .end:
            guard let question = self.arriving.take() else { return }
            if self.isAnswering { self.waiting.append(question) } else { self.answer(question, context) }
        }
    }

    func read(context: ChannelHandlerContext) {
        if self.waiting.count < Self.waitingCountMax { context.read() } else { self.isReadHeld = true }
    }

    private func answer(_ question: Question, _ context: ChannelHandlerContext) {
        let head = question.head
        if let roles, !self.isAllowed(roles, context) {
            let refusal = HTTPReply(
                .forbidden,
                text: "The role in your certificate may not call this. Ask for a certificate with another role.\n",
            )
            return self.write(refusal, to: head, context)
        }
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
        if let next = self.waiting.popFirst() { self.answer(next, context) }
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
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: ["Connection": "close"])
        self.write(HTTPReply(status, text: text), to: head, context)
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
