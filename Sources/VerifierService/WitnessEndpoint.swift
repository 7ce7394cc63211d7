import NIOCore
import NIOHTTP1
import Platform
import Primitives
import ProtobufC
package import ServiceKit
import ServiceProtocol
import TransparencyLog
package import Transport
import VerifierCore

/// The witness protocol over HTTP (C2SP tlog-witness), beside health and metrics.
package struct WitnessEndpoint: Sendable {
    /// How long a request waits for entries that are on their way; the log asks again later.
    private static let patience = Duration.milliseconds(800)
    private static let checkpoint = "/checkpoint"
    /// Asks for a reading of all logs from byte 0 now.
    private static let rescan = "/rescan"

    private let desk: WitnessDesk
    private let watches: [String: LogWatch]
    private let metrics: VerifierMetrics
    private let operations: OperationsEndpoint

    /// - Parameters:
    ///   - desk: Says yes or no.
    ///   - watches: What is known of the logs that are followed, by the hash of their origin; none for a plain witness.
    ///   - metrics: Of this process.
    ///   - operations: Answers what is not of the witness protocol.
    package init(
        desk: WitnessDesk,
        watches: [String: LogWatch],
        metrics: VerifierMetrics,
        operations: OperationsEndpoint,
    ) {
        self.desk = desk
        self.watches = watches
        self.metrics = metrics
        self.operations = operations
    }

    package var handler: HTTPServer.Handler {
        { request, loop in
            if let reply = self.operations.reply(to: request) { return loop.makeSucceededFuture(reply) }
            return loop.makeFutureWithTask { Self.http(await self.answer(request)) }
        }
    }

    private func answer(_ request: HTTPRequest) async -> WitnessReply {
        if request.path == WitnessPath.addCheckpoint {
            guard request.method == .POST else { return WitnessReply(405, "Use POST.\n") }
            return await self.add(Array(request.body.readableBytesView))
        }
        if request.path == Self.rescan {
            guard request.method == .POST else { return WitnessReply(405, "Use POST.\n") }
            for watch in self.watches.values { await watch.wantRescan() }
            return WitnessReply(202, "The whole log is read again.\n")
        }
        guard request.method == .GET || request.method == .HEAD else { return WitnessReply(404, "Not found.\n") }
        if request.path.hasSuffix(Self.checkpoint) {
            let hash = request.path.dropFirst().dropLast(Self.checkpoint.count)
            return await self.desk.checkpoint(originHash: String(hash))
        }
        return await self.tell(request.path) ?? WitnessReply(404, "Not found.\n")
    }

    /// What other verifiers ask.
    private func tell(_ path: String) async -> WitnessReply? {
        let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, let watch = self.watches[parts[0]] else { return nil }
        switch parts[1] {
        case PeerPath.seen:
            return await watch.seen.map { WitnessReply(200, String(decoding: $0, as: UTF8.self)) }
        case PeerPath.evidence:
            return await watch.evidence.map { WitnessReply(200, String(decoding: $0, as: UTF8.self)) }
        case let name where name.hasPrefix(PeerPath.root):
            guard let size = UInt64(name.dropFirst(PeerPath.root.count)),
                let root = try? await watch.verifiedRoot(at: size)
            else { return nil }
            return WitnessReply(200, Base64.encode(root.bytes) + "\n")
        default: return nil
        }
    }

    /// The same over RPC.
    package var router: Router {
        var router = Router()
        router.register(WitnessMethods.addCheckpoint) { _, payload in
            let reply = await self.add(try AddCheckpointRequest(serialized: payload).body)
            return AddCheckpointResponse(
                status: UInt32(reply.status),
                contentType: reply.contentType,
                body: reply.body,
            ).serialized
        }
        return router
    }

    private func add(_ body: [UInt8]) async -> WitnessReply {
        let reply = await self.answer(body)
        if reply.status == 200 { self.metrics.cosignatures.add() } else { self.metrics.refusals.add() }
        return reply
    }

    private func answer(_ body: [UInt8]) async -> WitnessReply {
        let request: WitnessRequest
        do throws(IndelibleError) { request = try WitnessRequest(parsing: body) } catch { return .malformed(error) }
        let checkpoint = request.checkpoint.checkpoint
        var view = WitnessedLog.OwnView.none
        if let hash = try? Witness.hash(of: checkpoint.origin), let watch = self.watches[hash] {
            view = await watch.view(at: checkpoint.size, waiting: Self.patience)
        }
        return await self.desk.add(request, at: SystemClock.wallNanoseconds / 1_000_000_000, view: view)
    }

    private static func http(_ reply: WitnessReply) -> HTTPReply {
        HTTPReply(HTTPResponseStatus(statusCode: reply.status), text: reply.body, contentType: reply.contentType)
    }
}
