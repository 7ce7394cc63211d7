package import AuditModel
import EventFormats
package import Logging
package import NIOCore
import NIOPosix
import Primitives
package import ServiceKit
import Synchronization

/// Takes syslog over UDP, one message in each datagram (RFC 5426).
///
/// A sender of datagrams cannot be made to wait. What there is no room for is dropped, counted, and told of in the log.
package final class SyslogDatagrams: Sendable {
    private let channel: any Channel
    private let queue: DatagramQueue
    private let sink: SyslogSink
    private let limits: SyslogLimits
    private let record: @Sendable (SourceRecord) async throws -> Void
    private let logger: Logger
    private let dropped: Metrics.Counter
    package let address: SocketAddress

    /// - Parameter record: brings a record into the log.
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when the address is not loopback and was not allowed by name,
    ///   ``IndelibleError/Code/unavailable`` when it cannot be bound.
    package init(
        at address: Endpoint,
        _ sink: SyslogSink,
        allowInsecureRemote: Bool,
        limits: SyslogLimits = SyslogLimits(),
        metrics: Metrics,
        logger: Logger,
        record: @escaping @Sendable (SourceRecord) async throws -> Void,
    ) async throws {
        guard address.isLoopback || allowInsecureRemote else {
            throw IndelibleError(
                .failedPrecondition,
                "Syslog over UDP on \(address.host) would take messages from anybody. Listen on 127.0.0.1, use --syslog-tls, or "
                    + "pass --allow-insecure-remote.",
            )
        }
        let queue = DatagramQueue(limits)
        let bootstrap = DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.socketOption(.so_rcvbuf), value: limits.receiveBufferByteCount)
            .channelOption(
                .recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(capacity: limits.messageByteCountMax),
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramHandler(queue))
                }
            }
        do {
            self.channel = try await bootstrap.bind(host: address.host, port: address.port).get()
        } catch {
            throw IndelibleError(
                .unavailable,
                "Could not listen for syslog on \(address), UDP. Stop whatever holds the port, or choose another.",
                cause: error,
            )
        }
        guard let bound = self.channel.localAddress else {
            throw IndelibleError(.internal, "The syslog listener has no address.")
        }
        self.queue = queue
        self.sink = sink
        self.limits = limits
        self.record = record
        self.logger = logger
        self.address = bound
        self.dropped = metrics.counter(
            "indelible_ingest_syslog_dropped_datagrams_total",
            "Syslog datagrams that there was no room for.",
        )
        logger.info("serving syslog over UDP", metadata: ["address": "\(bound)"])
    }

    /// Brings what comes to safety until ``shutdown()``.
    package func run() async {
        for await _ in self.queue.arrivals {
            while let (frames, dropped) = self.queue.take(self.limits.batchCountMax) {
                await self.sink.take(frames)
                if dropped > 0 { await self.tell(of: dropped) }
            }
        }
    }

    /// Takes no more; ``run()`` ends when what came is done with.
    package func shutdown() async {
        try? await self.channel.close()
        self.queue.finish()
    }

    private func tell(of count: Int) async {
        self.dropped.add(UInt64(count))
        self.logger.warning("syslog datagrams were dropped", metadata: ["count": "\(count)"])
        do {
            try await self.record(
                SourceRecord(source: "syslog", change: "overflow", detail: "\(count) datagrams were dropped")
            )
        } catch {
            self.logger.error("that datagrams were dropped is not in the log", metadata: ["error": "\(error)"])
        }
    }
}

/// Datagrams between the socket and the intake.
private final class DatagramQueue: Sendable {
    private struct State {
        var messages: [[UInt8]] = []
        var byteCount = 0
        var droppedCount = 0
    }

    private let state = Mutex(State())
    private let limits: SyslogLimits
    /// An element when there is something to take.
    let arrivals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init(_ limits: SyslogLimits) {
        self.limits = limits
        (self.arrivals, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func add(_ message: [UInt8]) {
        self.state.withLock { state in
            guard state.messages.count < self.limits.datagramCountMax,
                state.byteCount + message.count <= self.limits.datagramByteCountMax
            else { return state.droppedCount += 1 }
            state.messages.append(message)
            state.byteCount += message.count
        }
    }

    func wake() { self.continuation.yield() }

    /// The oldest messages, and how many were dropped since the last call; `nil` when there is nothing.
    func take(_ countMax: Int) -> (frames: [SyslogFramer.Frame], dropped: Int)? {
        self.state.withLock { state in
            guard !state.messages.isEmpty || state.droppedCount > 0 else { return nil }
            let messages = Array(state.messages.prefix(countMax))
            state.messages.removeFirst(messages.count)
            state.byteCount -= messages.reduce(0) { $0 + $1.count }
            defer { state.droppedCount = 0 }
            return (messages.map { .message($0) }, state.droppedCount)
        }
    }

    func finish() { self.continuation.finish() }
}

private final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let queue: DatagramQueue

    init(_ queue: DatagramQueue) { self.queue = queue }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // As in a line, what ends it is no part of it.
        let bytes = Array(self.unwrapInboundIn(data).data.readableBytesView)
        let end = bytes.lastIndex { $0 > 0x20 } ?? -1
        if end >= 0 { self.queue.add(Array(bytes[...end])) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.queue.wake()
        context.fireChannelReadComplete()
    }
}
