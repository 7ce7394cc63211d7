import LedgerCore
import ServiceProtocol
import TransparencyLog
import Cryptography
import NIOCore
import NIOHTTP1
import Primitives
import ServiceKit

/// The ledger's read-only HTTP edge: the first log below `/`, every log below `/logs/<hash of its origin>/`, and operations.
struct HTTPRouter: Sendable {
    private let operations: OperationsEndpoint
    private let logs: [(prefix: String, tiles: TileHandler)]

    init(logs: LogDirectory, metrics: Metrics) throws(IndelibleError) {
        self.operations = OperationsEndpoint(metrics: metrics) {
            logs.all.lazy.compactMap { host in host.problem.map { "\(host.key.name): \($0)" } }.first
        }
        let served = metrics.counter("indelible_ledger_tiles_served_total", "Tiles and bundles answered over HTTP.")
        var handlers: [(String, TileHandler)] = []
        for host in logs.all {
            let tiles = TileHandler(
                reader: host.log.reader,
                checkpoint: { host.checkpoints.feed.current?.note },
                served: served,
            )
            handlers.append(("/logs/\(try SHA256.hash(Array(host.key.name.utf8)).hex)/", tiles))
        }
        if let first = handlers.first { handlers.append(("/", first.1)) }
        self.logs = handlers
    }

    var handler: HTTPServer.Handler {
        { request, loop in loop.makeSucceededFuture(self.reply(to: request)) }
    }

    func reply(to request: HTTPRequest) -> HTTPReply {
        if let reply = self.operations.reply(to: request) { return reply }
        guard request.method == .GET || request.method == .HEAD else {
            return HTTPReply(.methodNotAllowed, text: "A log is read with GET.\n")
        }
        for (prefix, tiles) in self.logs where request.path.hasPrefix(prefix) {
            return tiles.reply(to: request.path.dropFirst(prefix.count))
        }
        return HTTPReply(.notFound, text: "Not found.\n")
    }
}
