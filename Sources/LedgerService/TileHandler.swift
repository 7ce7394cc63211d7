import LedgerCore
import NIOCore
import NIOHTTP1
import Primitives
import ServiceKit
import TransparencyLog

/// A log as static files over HTTP (C2SP tlog-tiles): `/checkpoint`, `/tile/<L>/<N>[.p/<W>]`, `/tile/entries/<N>[.p/<W>]`.
struct TileHandler: Sendable {
    private static let immutable = "public, max-age=604800, immutable"
    private static let octets = "application/octet-stream"

    let reader: LogReader
    /// The signed note; `nil` before the first signature of a new log.
    let checkpoint: @Sendable () -> [UInt8]?
    let served: Metrics.Counter

    /// - Parameter path: below the log's prefix, without a leading slash.
    func reply(to path: Substring) -> HTTPReply {
        if path == "checkpoint" {
            guard let note = self.checkpoint() else {
                return HTTPReply(
                    .serviceUnavailable,
                    text: "The log has signed no checkpoint yet; /healthz says why.\n",
                )
            }
            var reply = HTTPReply(.ok, body: ByteBuffer(bytes: note))
            reply.headers.add(name: "Cache-Control", value: "no-store")
            return reply
        }
        guard let tile = TilePath(parsing: path) else {
            return HTTPReply(
                .notFound,
                text: "Not found. A log is read at /checkpoint, /tile/<L>/<N> and /tile/entries/<N>.\n",
            )
        }
        do {
            guard let bytes = try self.bytes(of: tile) else {
                return HTTPReply(.notFound, text: "This log has no \(path) yet.\n")
            }
            self.served.add()
            var reply = HTTPReply(.ok, Self.octets, body: bytes)
            reply.headers.add(name: "Cache-Control", value: Self.immutable)
            return reply
        } catch {
            // 500 says that what is on the disk is not what was written; whoever verifies relies on that.
            let status: HTTPResponseStatus = error.code == .dataLoss ? .internalServerError : .serviceUnavailable
            return HTTPReply(status, text: "\(path) cannot be read: \(error.message)\n")
        }
    }

    private func bytes(of tile: TilePath) throws(IndelibleError) -> ByteBuffer? {
        guard tile.exists(inTreeOf: self.reader.size) else { return nil }
        switch tile.content {
        case .hashes(let level):
            return ByteBuffer(bytes: try self.reader.tile(level: level, tile.index, width: tile.width))
        case .entries: return ByteBuffer(bytes: try self.reader.bundle(tile.index, width: tile.width))
        }
    }
}
