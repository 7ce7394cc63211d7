import Logging
import NIOCore
import NIOEmbedded
import Primitives
import Testing
import Transport
import Wire

/// Goal: peers that say nothing are found out, and those that are merely quiet are not.
///
/// Method: both ends of a connection on embedded channels, whose clocks stand still until told otherwise.
@Suite struct SilenceTests {
    static var limits: ConnectionLimits {
        var limits = ConnectionLimits()
        limits.handshakeSeconds = 10
        limits.keepAliveSeconds = 30
        limits.silenceSecondsMax = 90
        return limits
    }

    static func server() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        let handler = ConnectionHandlers.server(
            .init(host: "127.0.0.1", port: 0, limits: Self.limits, software: "silent/1"),
            router: Sample.router(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            eventLoop: channel.eventLoop,
        )
        try channel.pipeline.syncOperations.addHandler(handler)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    /// - Returns: what becomes of the handshake.
    static func client(_ channel: EmbeddedChannel) throws -> EventLoopFuture<Void> {
        let (handler, ready) = ConnectionHandlers.client(
            .init(host: "there", port: 1, limits: Self.limits, software: "silent/1"),
            eventLoop: channel.eventLoop,
        )
        try channel.pipeline.syncOperations.addHandler(handler)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return ready
    }

    /// The kinds of the frames that were written since the last look.
    static func kinds(_ channel: EmbeddedChannel) throws -> [FrameKind] {
        var written: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { written += Array(buffer.readableBytesView) }
        let parser = FrameParser(frameByteCountMax: 1 << 20)
        var kinds: [FrameKind] = []
        while case .frame(let frame) = try parser.next(in: written.span, at: 0) {
            kinds.append(try FrameHeader(written.span, frame.header).kind)
            written.removeSubrange(..<frame.payload.upperBound)
        }
        return kinds
    }

    @Test func aPeerThatNeverSaysHelloIsCutOff() throws {
        let channel = try Self.server()
        try channel.writeInbound(ByteBuffer(bytes: RawPeer.hello.dropLast()))
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(9_999))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
        #expect(try Self.kinds(channel) == [])
    }

    @Test func aSilentPeerIsPingedAndThenCutOff() throws {
        let channel = try Self.server()
        try channel.writeInbound(ByteBuffer(bytes: RawPeer.hello))
        #expect(try Self.kinds(channel) == [.hello])
        channel.embeddedEventLoop.advanceTime(by: .seconds(40))
        #expect(try Self.kinds(channel) == [.ping])
        channel.embeddedEventLoop.advanceTime(by: .seconds(30))
        #expect(try Self.kinds(channel) == [.ping])
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(30))
        #expect(try Self.kinds(channel) == [])
        #expect(!channel.isActive)
    }

    @Test func aQuietPeerThatAnswersPingsStays() throws {
        let channel = try Self.server()
        try channel.writeInbound(ByteBuffer(bytes: RawPeer.hello))
        channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        #expect(try Self.kinds(channel) == [.hello])
        for _ in 0..<20 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(30))
            #expect(try Self.kinds(channel) == [.ping])
            try channel.writeInbound(ByteBuffer(bytes: FrameHeader(.pong).frame()))
            channel.embeddedEventLoop.advanceTime(by: .seconds(30))
            #expect(channel.isActive)
            try channel.writeInbound(ByteBuffer(bytes: FrameHeader(.pong).frame()))
            _ = try Self.kinds(channel)
        }
        _ = try channel.finish()
    }

    @Test func aServerThatNeverSaysHelloIsNamed() throws {
        let channel = EmbeddedChannel()
        let ready = try Self.client(channel)
        #expect(try Self.kinds(channel) == [.hello])
        channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        #expect(!channel.isActive)
        let error = #expect(throws: IndelibleError.self) { try ready.wait() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("there:1") == true)
    }

    @Test func aPeerThatBrokeTheProtocolHasASecondToReadWhy() throws {
        let channel = try Self.server()
        try channel.writeInbound(ByteBuffer(bytes: [0xff, 0xff, 0xff, 0xff]))
        #expect(try Self.kinds(channel) == [.goAway])
        try channel.writeInbound(ByteBuffer(bytes: RawPeer.hello))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
        #expect(try Self.kinds(channel) == [])
    }

    @Test func aCallRunsOutOfTimeOnTheServersClock() throws {
        let channel = try Self.server()
        let request = FrameHeader(.request, streamID: 1, method: Sample.hold.number, deadlineMilliseconds: 250)
        try channel.writeInbound(ByteBuffer(bytes: RawPeer.hello + request.frame()))
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(249))
        #expect(try Self.kinds(channel) == [.hello])
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(try Self.kinds(channel) == [.response])
        _ = try channel.finish()
    }
}
