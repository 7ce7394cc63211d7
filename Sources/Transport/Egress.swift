internal import NIOCore
internal import Wire

/// The way out of one connection: gathers frames, writes them with one flush, and knows what the peer has not read yet.
///
/// Confined to its event loop.
final class Egress {
    /// A peer that lets this many times the limit pile up is cut off.
    private static let unsentFactorMax = 4

    private var output = FrameOutput()
    private let unsentByteCountMax: Int
    private var unsentByteCount = 0
    private var closesWhenSent = false

    init(_ limits: ConnectionLimits) {
        self.unsentByteCountMax = limits.unsentByteCountMax
    }

    /// Whether more items should be appended before the next flush.
    var hasRoom: Bool { self.output.byteCount < self.unsentByteCountMax }

    func append(_ header: FrameHeader, payload: [UInt8] = []) {
        self.output.append(header, payload: payload)
    }

    func append(_ header: FrameHeader, payload: ByteBuffer) {
        self.output.append(header, payload: payload)
    }

    /// Writes what was appended.
    ///
    /// - Returns: `false` when the peer has left too much unread: cut it off.
    func flush(_ context: ChannelHandlerContext) -> Bool {
        guard let buffer = self.output.take() else {
            self.closeIfSent(context)
            return true
        }
        let byteCount = buffer.readableBytes
        self.unsentByteCount += byteCount
        guard self.unsentByteCount <= self.unsentByteCountMax * Self.unsentFactorMax else { return false }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.unsentByteCount -= byteCount
            self.closeIfSent(context)
        }
        context.writeAndFlush(NIOAny(buffer), promise: promise)
        return true
    }

    /// Closes the connection once the socket has taken everything.
    func closeWhenSent(_ context: ChannelHandlerContext) {
        self.closesWhenSent = true
        if !self.flush(context) { context.close(promise: nil) }
    }

    /// The connection is quiet: gives back its memory.
    func shrink() {
        self.output.shrink()
    }

    private func closeIfSent(_ context: ChannelHandlerContext) {
        guard self.closesWhenSent, self.unsentByteCount == 0, self.output.byteCount == 0 else { return }
        self.closesWhenSent = false
        context.close(promise: nil)
    }
}
