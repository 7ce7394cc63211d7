import ProtobufC
import TransparencyLog
import LedgerCore
import NIOCore
import Primitives
import ServiceProtocol
import Transport
import Wire

/// What answers each method of the Ledger service.
struct LedgerRouter: Sendable {
    let logs: LogDirectory

    var router: Router {
        var router = Router()
        router.register(
            LedgerMethods.append,
            immediate: { call, request in
                do throws(IndelibleError) { try self.logs.host(call.log).appends.handle(call, request) } catch {
                    call.fail(error)
                }
            },
        )
        self.registerProofs(in: &router)
        router.register(
            LedgerMethods.getCheckpoint,
            unary: { call, _ in
                guard let checkpoint = try self.logs.host(call.log).checkpoints.feed.current else {
                    throw IndelibleError(.unavailable, "The log has signed no checkpoint yet. GetStatus says why.")
                }
                return checkpoint.serialized
            },
        )
        router.register(LedgerMethods.watchCheckpoints) { call, request, writer in
            let request = try WatchCheckpointsRequest(serialized: request)
            var last: PublishedCheckpoint?
            for await checkpoint in try self.logs.host(call.log).checkpoints.feed.subscribe() {
                guard let checkpoint, checkpoint.isNews(after: last, request) else { continue }
                last = checkpoint
                try await writer.send(checkpoint.serialized)
            }
            throw LogHost.stopping
        }
        router.register(LedgerMethods.readEntries) { call, request, writer in
            let host = try self.logs.host(call.log)
            try await ReadEntriesHandler(reader: host.log.reader, durable: host.durable).run(request, writer)
        }
        router.register(
            LedgerMethods.getStatus,
            unary: { call, _ in Self.status(try self.logs.host(call.log)).serialized },
        )
        self.registerPayloads(in: &router)
        self.registerSlots(in: &router)
        return router
    }

    private func registerSlots(in router: inout Router) {
        router.register(LedgerMethods.holdSlots, unary: { try self.logs.host($0.log).slots.hold($1) })
        router.register(
            LedgerMethods.getSlotHolders,
            unary: { call, _ in try self.logs.host(call.log).slots.holders() },
        )
        router.register(LedgerMethods.putSlotState, unary: { try self.logs.host($0.log).slots.put($1) })
        router.register(LedgerMethods.getSlotState, unary: { try self.logs.host($0.log).slots.get($1) })
    }

    private typealias Answer = @Sendable (ProofHandlers, [UInt8]) throws(IndelibleError) -> [UInt8]

    /// Proofs come from memory or a few short reads, so they are answered on the connection's own thread.
    private func registerProofs(in router: inout Router) {
        let answers: [(MethodDescriptor, Answer)] = [
            (
                LedgerMethods.getInclusionProof,
                { (handlers: ProofHandlers, payload: [UInt8]) throws(IndelibleError) -> [UInt8] in
                    try handlers.inclusion(payload)
                },
            ),
            (
                LedgerMethods.getRangeProof,
                { (handlers: ProofHandlers, payload: [UInt8]) throws(IndelibleError) -> [UInt8] in
                    try handlers.range(payload)
                },
            ),
            (
                LedgerMethods.getConsistencyProof,
                { (handlers: ProofHandlers, payload: [UInt8]) throws(IndelibleError) -> [UInt8] in
                    try handlers.consistency(payload)
                },
            ),
            (
                LedgerMethods.find,
                { (handlers: ProofHandlers, payload: [UInt8]) throws(IndelibleError) -> [UInt8] in
                    try handlers.find(payload)
                },
            ),
            (
                LedgerMethods.getProducer,
                { (handlers: ProofHandlers, payload: [UInt8]) throws(IndelibleError) -> [UInt8] in
                    try handlers.producer(payload)
                },
            ),
        ]
        for (method, answer) in answers {
            router.register(
                method,
                immediate: { call, request in
                    do throws(IndelibleError) {
                        let host = try self.logs.host(call.log)
                        let handlers = ProofHandlers(reader: host.log.reader, stage: host.log.stage) {
                            host.checkpoints.feed.current?.size ?? 0
                        }
                        call.respond(try answer(handlers, Array(request.readableBytesView)))
                    } catch {
                        call.fail(error)
                    }
                },
            )
        }
    }

    private func registerPayloads(in router: inout Router) {
        let handlers = self.logs.all.map { ($0.key.name, PayloadHandlers(store: $0.log.payloads)) }
        let find: @Sendable (ServerCall) throws -> PayloadHandlers = { call in
            let origin = try self.logs.host(call.log).key.name
            guard let found = handlers.first(where: { $0.0 == origin }) else {
                throw IndelibleError(.internal, "The log \(origin) has no payload store.")
            }
            return found.1
        }
        router.register(LedgerMethods.putPayload, upload: { call, reader in try await find(call).put(reader) })
        router.register(LedgerMethods.getPayload) { call, request, writer in
            try await find(call).get(request, writer)
        }
    }

    private static func status(_ host: LogHost) -> LedgerStatus {
        let checkpoint = host.checkpoints.feed.current
        return LedgerStatus(
            origin: host.key.name,
            logVerifierKey: host.key.description,
            durableSize: host.log.reader.size,
            checkpointSize: checkpoint?.size ?? 0,
            sealedSize: host.log.reader.sealedSize,
            state: host.state,
            reason: host.problem ?? "",
            checkpointNanoseconds: checkpoint?.publishedNanoseconds ?? 0,
            witnesses: host.checkpoints.witnessStatuses,
        )
    }
}

extension PublishedCheckpoint {
    /// Whether a watcher has not seen this: it is larger, or of the same size with more cosignatures.
    ///
    /// - Parameter last: what was sent before; `nil` at the start, when the request says what the watcher knows.
    fileprivate func isNews(after last: PublishedCheckpoint?, _ request: WatchCheckpointsRequest) -> Bool {
        guard let last else { return request.initial || self.size > request.largerThan }
        return self.size > last.size || self.note != last.note
    }
}
