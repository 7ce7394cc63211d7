package import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Primitives
package import Wire

/// One connection to a server: any number of calls at once, from any task or thread.
///
/// It does not reconnect: when a call fails with ``IndelibleError/Code/unavailable``, connect again.
package final class RPCClient: Sendable {
    package struct Configuration: Sendable {
        package var host: String
        package var port: Int
        /// `nil` speaks plain TCP.
        package var tls: TLSSettings?
        /// The name that the server's certificate must have; `nil` means `host`.
        package var serverName: String?
        package var limits: ConnectionLimits
        package var connectTimeout: Duration
        /// For the server's logs, such as `indelible/0.1.0`.
        package var software: String
        package var eventLoopGroup: any EventLoopGroup

        package init(
            host: String,
            port: Int,
            tls: TLSSettings? = nil,
            serverName: String? = nil,
            limits: ConnectionLimits = ConnectionLimits(),
            connectTimeout: Duration = .seconds(5),
            software: String,
            eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        ) {
            self.host = host
            self.port = port
            self.tls = tls
            self.serverName = serverName
            self.limits = limits
            self.connectTimeout = connectTimeout
            self.software = software
            self.eventLoopGroup = eventLoopGroup
        }
    }

    /// What the server said of itself.
    package let session: Session
    private let channel: any Channel
    private let outbox: Outbox<ClientEvent>

    private init(session: Session, channel: any Channel, outbox: Outbox<ClientEvent>) {
        self.session = session
        self.channel = channel
        self.outbox = outbox
    }

    deinit {
        self.outbox.push(.close)
    }

    /// Connects and exchanges Hellos.
    ///
    /// - Throws: an ``IndelibleError`` that says what to check.
    package static func connect(_ configuration: Configuration) async throws -> RPCClient {
        let name = "\(configuration.host):\(configuration.port)"
        let tls = try configuration.tls.map { settings throws(IndelibleError) in
            try TLSContextSource(settings, .client).current().context
        }
        let eventLoop = configuration.eventLoopGroup.next()
        let ready = eventLoop.makePromise(of: Session.self)
        let outboxReady = eventLoop.makePromise(of: Outbox<ClientEvent>.self)
        let isAddress = (try? SocketAddress(ipAddress: configuration.host, port: configuration.port)) != nil
        let serverName = configuration.serverName ?? (isAddress ? nil : configuration.host)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: ReceiveAllocator())
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: serverName)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    let handler = ClientConnectionHandler(
                        name: name,
                        limits: configuration.limits,
                        software: configuration.software,
                        ready: ready,
                    )
                    if tls == nil { try handler.receiveBuffer.install(in: channel) }
                    try channel.pipeline.syncOperations.addHandler(handler)
                    outboxReady.succeed(handler.outbox)
                }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.connect(host: configuration.host, port: configuration.port).get()
        } catch {
            let failure = IndelibleError(
                .unavailable,
                """
                Could not reach \(name). Check that the service runs, that host and port are right (for a local suite: \
                `indelible status`), and that no firewall is between.
                """,
                cause: error,
            )
            ready.fail(failure)
            outboxReady.fail(failure)
            throw failure
        }
        let session = try await ready.futureResult.get()
        return RPCClient(session: session, channel: channel, outbox: try await outboxReady.futureResult.get())
    }

    /// Starts a unary call without waiting: the way for load generators, as there is no task per call.
    ///
    /// - Parameters:
    ///   - method: a unary one.
    ///   - payload: the request.
    ///   - log: the log's origin; empty means the server's only one.
    ///   - deadline: how long to wait; `nil` means for ever.
    ///   - completion: called once, on the event loop; must not block.
    package func start(
        _ method: MethodDescriptor,
        _ payload: [UInt8],
        log: String = "",
        deadline: Duration? = nil,
        completion: @escaping ClientCall.Completion,
    ) {
        precondition(method.shape == .unary)
        let call = ClientCall(
            method,
            payload: payload,
            log: log,
            metadata: [],
            deadline: deadline,
            completion: completion,
        )
        self.outbox.push(.call(call))
    }

    /// Calls a unary method.
    ///
    /// - Parameters:
    ///   - method: a unary one.
    ///   - payload: the request.
    ///   - log: the log's origin; empty means the server's only one.
    ///   - deadline: how long to wait; `nil` means for ever.
    ///   - metadata: trace context and the like.
    /// - Returns: the response.
    /// - Throws: an ``IndelibleError``; its ``IndelibleError/remoteFailure`` has what the server sent along.
    package func call(
        _ method: MethodDescriptor,
        _ payload: [UInt8],
        log: String = "",
        deadline: Duration? = nil,
        metadata: [FrameHeader.Metadata] = [],
    ) async throws -> [UInt8] {
        precondition(method.shape == .unary)
        let reply = ReceiveQueue()
        let call = ClientCall(
            method,
            payload: payload,
            log: log,
            metadata: metadata,
            deadline: deadline,
            completion: Self.deliver(to: reply),
        )
        self.outbox.push(.call(call))
        return try await self.answer(of: call, from: reply)
    }

    /// Calls a method that streams its answer.
    ///
    /// - Parameters:
    ///   - method: a streaming one.
    ///   - payload: the request.
    ///   - log: the log's origin; empty means the server's only one.
    ///   - deadline: how long the whole stream may take; `nil` means for ever.
    ///   - metadata: trace context and the like.
    /// - Returns: the items; dropping the sequence and its iterator cancels the call.
    package func stream(
        _ method: MethodDescriptor,
        _ payload: [UInt8],
        log: String = "",
        deadline: Duration? = nil,
        metadata: [FrameHeader.Metadata] = [],
    ) -> ItemSequence {
        precondition(method.shape == .serverStream)
        let queue = ReceiveQueue()
        let call = ClientCall(
            method,
            payload: payload,
            log: log,
            metadata: metadata,
            deadline: deadline,
            receiving: queue,
            completion: { _ in },
        )
        self.outbox.push(.call(call))
        return ItemSequence(lease: StreamLease(call: call, queue: queue, outbox: self.outbox))
    }

    /// Calls a method that takes a stream of items.
    ///
    /// - Parameters:
    ///   - method: an uploading one.
    ///   - items: sent as credit allows.
    ///   - log: the log's origin; empty means the server's only one.
    ///   - deadline: how long the whole upload may take; `nil` means for ever.
    /// - Returns: the response.
    /// - Throws: an ``IndelibleError``, or what `items` throws.
    package func upload<Items: AsyncSequence>(
        _ method: MethodDescriptor,
        _ items: Items,
        log: String = "",
        deadline: Duration? = nil,
    ) async throws -> [UInt8] where Items.Element == [UInt8] {
        precondition(method.shape == .clientStream)
        let reply = ReceiveQueue()
        let queue = SendQueue()
        let call = ClientCall(
            method,
            payload: [],
            log: log,
            metadata: [],
            deadline: deadline,
            sending: queue,
            completion: Self.deliver(to: reply),
        )
        self.outbox.push(.call(call))
        do {
            for try await item in items {
                if call.isOver { break }
                try await queue.send(payloadByteCount: item.count) { self.outbox.push(.item(call, item)) }
            }
        } catch {
            // When the server has answered already, its answer counts.
            if !call.isOver {
                self.outbox.push(.cancel(call))
                throw error
            }
        }
        self.outbox.push(.endUpload(call))
        return try await self.answer(of: call, from: reply)
    }

    /// Closes the connection; open calls fail.
    package func close() async {
        self.outbox.push(.close)
        // An error here means that it is closed already.
        try? await self.channel.closeFuture.get()
    }

    private static func deliver(to reply: ReceiveQueue) -> ClientCall.Completion {
        { result in
            switch result {
            case .success(let payload):
                reply.push(Array(payload.readableBytesView))
                reply.finish(.success(()))
            case .failure(let error):
                reply.finish(.failure(error))
            }
        }
    }

    private func answer(of call: ClientCall, from reply: ReceiveQueue) async throws -> [UInt8] {
        let outbox = self.outbox
        let answer = try await withTaskCancellationHandler {
            try await reply.next()
        } onCancel: {
            outbox.push(.cancel(call))
        }
        guard let answer else { preconditionFailure("a reply is an answer or an error") }
        return answer
    }
}
