import NIOCore
import NIOHTTP1
import Platform
import Primitives
package import ServiceKit
import TransparencyLog
import VerifierCore

/// The witness protocol over HTTP (C2SP tlog-witness), beside health and metrics.
package struct WitnessEndpoint: Sendable {
    /// How long a request waits for entries that are on their way; the log asks again later.
    private static let patience = Duration.milliseconds(800)
    private static let checkpoint = "/checkpoint"

    private let desk: WitnessDesk
    private let watch: (origin: String, log: LogWatch)?
    private let metrics: VerifierMetrics
    private let operations: OperationsEndpoint

    /// - Parameters:
    ///   - desk: Says yes or no.
    ///   - watch: The origin that is followed, and what is known of it; `nil` for a plain witness.
    ///   - metrics: Of this process.
    ///   - operations: Answers what is not of the witness protocol.
    package init(
        desk: WitnessDesk,
        watch: (origin: String, log: LogWatch)?,
        metrics: VerifierMetrics,
        operations: OperationsEndpoint,
    ) {
        self.desk = desk
        self.watch = watch
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
            let reply = await self.add(Array(request.body.readableBytesView))
            if reply.status == 200 { self.metrics.cosignatures.add() } else { self.metrics.refusals.add() }
            return reply
        }
        guard request.path.hasSuffix(Self.checkpoint), request.method == .GET || request.method == .HEAD else {
            return WitnessReply(404, "Not found.\n")
        }
        return await self.desk.checkpoint(originHash: String(request.path.dropFirst().dropLast(Self.checkpoint.count)))
    }

    private func add(_ body: [UInt8]) async -> WitnessReply {
        let request: WitnessRequest
        do throws(IndelibleError) { request = try WitnessRequest(parsing: body) } catch { return .malformed(error) }
        let checkpoint = request.checkpoint.checkpoint
        var view = WitnessedLog.OwnView.none
        if let watch, watch.origin.hasSameBytes(as: checkpoint.origin) {
            view = await watch.log.view(at: checkpoint.size, waiting: Self.patience)
        }
        return await self.desk.add(request, at: SystemClock.wallNanoseconds / 1_000_000_000, view: view)
    }

    private static func http(_ reply: WitnessReply) -> HTTPReply {
        HTTPReply(HTTPResponseStatus(statusCode: reply.status), text: reply.body, contentType: reply.contentType)
    }
}
