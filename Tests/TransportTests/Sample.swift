import Logging
import NIOCore
import Primitives
import Synchronization
import Transport
import Wire

/// A service with one method of each shape, to call in tests.
enum Sample {
    static let echo = MethodDescriptor(number: 1, name: "Echo", shape: .unary, roles: [.writer, .admin])
    /// Answers with the request, from a task.
    static let think = MethodDescriptor(number: 2, name: "Think", shape: .unary, roles: [.reader])
    /// Streams `count` items of `byteCount` bytes each: two u32be.
    static let count = MethodDescriptor(number: 3, name: "Count", shape: .serverStream, roles: [.reader])
    /// Answers with the number of items and of bytes: two u32be.
    static let sum = MethodDescriptor(number: 4, name: "Sum", shape: .clientStream, roles: [.writer])
    /// Never answers of itself; counts its cancellations.
    static let hang = MethodDescriptor(number: 5, name: "Hang", shape: .unary, roles: [.reader])
    /// Fails with a payload.
    static let refuse = MethodDescriptor(number: 6, name: "Refuse", shape: .unary, roles: [.reader])
    /// Answers when told so, through ``Probe/release(_:)``.
    static let hold = MethodDescriptor(number: 7, name: "Hold", shape: .unary, roles: [.reader])
    /// Takes uploads and reads none of their items.
    static let ignore = MethodDescriptor(number: 8, name: "Ignore", shape: .clientStream, roles: [.writer])
    /// Registered nowhere.
    static let absent = MethodDescriptor(number: 99, name: "Absent", shape: .unary, roles: [])

    /// What the service did, to wait for.
    final class Probe: Sendable {
        private struct State {
            var cancelledCount = 0
            var sentCount = 0
            var held: [ServerCall] = []
            var waiting:
                [(condition: @Sendable (Int, Int, Int) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
        }

        private let state = Mutex(State())

        var sentCount: Int { self.state.withLock { $0.sentCount } }
        var cancelledCount: Int { self.state.withLock { $0.cancelledCount } }

        func sent() { self.update { $0.sentCount += 1 } }
        func cancelled() { self.update { $0.cancelledCount += 1 } }
        func hold(_ call: ServerCall) { self.update { $0.held.append(call) } }

        /// Answers every held call.
        func release(_ payload: [UInt8]) {
            let held = self.state.withLock { state in
                defer { state.held = [] }
                return state.held
            }
            for call in held { call.respond(payload) }
        }

        /// Waits until so many calls were cancelled, items sent or hangs begun, and calls held.
        func wait(cancelledCount: Int = 0, sentCount: Int = 0, heldCount: Int = 0) async {
            let condition: @Sendable (Int, Int, Int) -> Bool = {
                $0 >= cancelledCount && $1 >= sentCount && $2 >= heldCount
            }
            await withCheckedContinuation { continuation in
                self.update { $0.waiting.append((condition, continuation)) }
            }
        }

        private func update(_ change: (inout State) -> Void) {
            let ready = self.state.withLock { state in
                change(&state)
                let (cancelled, sent, held) = (state.cancelledCount, state.sentCount, state.held.count)
                let ready = state.waiting.filter { $0.condition(cancelled, sent, held) }.map(\.continuation)
                state.waiting.removeAll { $0.condition(cancelled, sent, held) }
                return ready
            }
            for continuation in ready { continuation.resume() }
        }
    }

    static func router(_ probe: Probe = Probe()) -> Router {
        var router = Router()
        router.register(Self.echo, immediate: { $0.respond(Array($1.readableBytesView)) })
        router.register(Self.think, unary: { $1 })
        router.register(
            Self.count,
            stream: { _, request, writer in
                var payload = ByteBuffer(bytes: request)
                guard let count: UInt32 = payload.readInteger(), let byteCount: UInt32 = payload.readInteger() else {
                    throw IndelibleError(.invalidArgument, "Count wants two numbers.")
                }
                do {
                    for index in 0..<count {
                        try await writer.send(
                            [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: Int(byteCount))
                        )
                        probe.sent()
                    }
                } catch {
                    probe.cancelled()
                    throw error
                }
            },
        )
        router.register(
            Self.sum,
            upload: { _, reader in
                var (itemCount, byteCount): (UInt32, UInt32) = (0, 0)
                do {
                    while let item = try await reader.next() {
                        guard item != [0xff] else { throw IndelibleError(.outOfRange, "No 0xff here.") }
                        itemCount += 1
                        byteCount += UInt32(item.count)
                    }
                } catch {
                    probe.cancelled()
                    throw error
                }
                return Self.numbers(itemCount, byteCount)
            },
        )
        router.register(
            Self.hang,
            unary: { _, _ in
                probe.sent()
                await Self.sleepUntilCancelled()
                probe.cancelled()
                return []
            },
        )
        router.register(
            Self.ignore,
            upload: { _, _ in
                await Self.sleepUntilCancelled()
                return []
            },
        )
        router.register(
            Self.refuse,
            immediate: { call, _ in call.fail(IndelibleError(.aborted, "Told to."), payload: [1, 2, 3]) },
        )
        router.register(Self.hold, immediate: { call, _ in probe.hold(call) })
        return router
    }

    private static func sleepUntilCancelled() async {
        let (stream, _) = AsyncStream.makeStream(of: Never.self)
        for await _ in stream {}
    }

    static func numbers(_ first: UInt32, _ second: UInt32) -> [UInt8] {
        Array(ByteBuffer(integer: first).readableBytesView) + Array(ByteBuffer(integer: second).readableBytesView)
    }

    /// Runs `body` against a server on loopback, on a port that the system picked.
    static func withServer(
        limits: ConnectionLimits = ConnectionLimits(),
        tls: TLSSettings? = nil,
        probe: Probe = Probe(),
        _ body: (_ server: RPCServer, _ port: Int) async throws -> Void,
    ) async throws {
        let server = RPCServer(
            configuration: .init(host: "127.0.0.1", port: 0, tls: tls, limits: limits, software: "sample/1"),
            router: Self.router(probe),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        )
        let address = try await server.bind()
        guard let port = address.port else { throw IndelibleError(.internal, "no port") }
        do {
            try await body(server, port)
        } catch {
            await server.shutdownGracefully(drain: .zero)
            throw error
        }
        await server.shutdownGracefully(drain: .zero)
    }

    static func connect(
        _ port: Int,
        limits: ConnectionLimits = ConnectionLimits(),
        tls: TLSSettings? = nil,
    ) async throws -> RPCClient {
        try await RPCClient.connect(
            .init(host: "127.0.0.1", port: port, tls: tls, limits: limits, software: "sample-client/1")
        )
    }
}
