internal import Logging
internal import Primitives
internal import Wire

/// What goes on behind a call that has a task of its own.
final class ServerWork {
    private let task: Task<Void, Never>
    /// Of a streamed answer.
    let outgoing: OutgoingItems?
    /// Of an upload.
    let incoming: ReceiveQueue?

    /// Starts the handler of `call`; answers through the call.
    ///
    /// - Parameters:
    ///   - call: what to answer.
    ///   - request: its payload.
    ///   - handler: one that is not immediate.
    ///   - outbox: of the call's connection.
    ///   - logger: for failures that the caller is not told of.
    init(
        _ call: ServerCall,
        _ request: [UInt8],
        _ handler: Router.Handler,
        outbox: Outbox<ServerEvent>,
        logger: Logger,
    ) {
        switch handler {
        case .immediate: preconditionFailure("immediate methods have no task")
        case .unary(let body):
            self.task = Self.run(call, logger) { call.respond(try await body(call, request)) }
            self.outgoing = nil
            self.incoming = nil
        case .stream(let body):
            let queue = SendQueue()
            let writer = ItemWriter(streamID: call.streamID, queue: queue, outbox: outbox)
            self.task = Self.run(call, logger) {
                try await body(call, request, writer)
                call.end()
            }
            self.outgoing = OutgoingItems(queue)
            self.incoming = nil
        case .upload(let body):
            let queue = ReceiveQueue()
            let reader = ItemReader(streamID: call.streamID, queue: queue, outbox: outbox)
            self.task = Self.run(call, logger) { call.respond(try await body(call, reader)) }
            self.outgoing = nil
            self.incoming = queue
        }
    }

    /// Nobody waits for the answer any more.
    func abandon(_ error: IndelibleError) {
        self.task.cancel()
        self.outgoing?.queue.fail(error)
        self.incoming?.finish(.failure(error))
    }

    private static func run(
        _ call: ServerCall,
        _ logger: Logger,
        _ body: @escaping @Sendable () async throws -> Void,
    ) -> Task<Void, Never> {
        Task {
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
}
