import NIOCore
import NIOPosix
import Primitives
import Wire

/// A peer that says what it likes: bytes out, frames in.
enum RawPeer {}

/// One connection of a ``RawPeer``, read frame by frame.
struct RawReader {
    var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var received: [UInt8] = []

    init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) {
        self.inbound = inbound
    }

    /// - Returns: the next frame; `nil` when the peer closed the connection.
    mutating func next() async throws -> (header: FrameHeader, payload: [UInt8])? {
        let parser = FrameParser(frameByteCountMax: FrameParser.frameByteCountCeiling)
        while true {
            if case .frame(let frame) = try parser.next(in: self.received.span, at: 0) {
                let header = try FrameHeader(self.received.span, frame.header)
                let payload = Array(self.received[frame.payload])
                self.received.removeSubrange(..<frame.payload.upperBound)
                return (header, payload)
            }
            do {
                guard let part = try await self.inbound.next(isolation: #isolation) else { return nil }
                self.received += Array(part.readableBytesView)
            } catch is IOError {
                return nil  // Reset counts as closed.
            }
        }
    }
}

extension RawPeer {
    static let hello = FrameHeader(.hello).frame(
        payload: Hello(frameByteCountMax: 1 << 20, streamCountMax: 0, streamCredit: 1_000, software: "raw/1").bytes
    )

    /// Connects to loopback and hands over both directions.
    ///
    /// - Parameter receiveBufferByteCount: of the socket; small for peers that read slowly.
    static func connect(
        _ port: Int,
        receiveBufferByteCount: Int? = nil,
        _ body:
            @Sendable (_ reader: inout RawReader, _ writer: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws ->
            Void,
    ) async throws {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let receiveBufferByteCount {
            bootstrap = bootstrap.channelOption(
                .socketOption(.so_rcvbuf),
                value: SocketOptionValue(receiveBufferByteCount),
            )
        }
        let channel = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        try await channel.executeThenClose { inbound, outbound in
            var reader = RawReader(inbound.makeAsyncIterator())
            try await body(&reader, outbound)
        }
    }
}
