import NIOCore
import Primitives
import Testing
import Transport
import Wire

/// Goal: no peer can crash the server, hold it up for others or make it take memory, and each learns what it did wrong.
///
/// Method: raw bytes over loopback; afterwards an honest client must still be served.
@Suite(.timeLimit(.minutes(1))) struct HostileTests {
    struct Attack: CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        var testDescription: String { self.name }
    }

    static let attacks: [Attack] = [
        Attack(name: "HTTP", bytes: Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)),
        Attack(name: "a length of 4 GiB", bytes: [0xff, 0xff, 0xff, 0xff]),
        Attack(name: "a length of nothing", bytes: [0, 0, 0, 0]),
        Attack(name: "a header beyond its frame", bytes: [0, 0, 0, 4, 0xff, 0xff, 0, 0]),
        Attack(name: "a header that is no message", bytes: [0, 0, 0, 4, 0, 2, 0xff, 0xff]),
        Attack(name: "a request before Hello", bytes: FrameHeader(.request, streamID: 1, method: 1).frame()),
        Attack(name: "a Hello that is no message", bytes: FrameHeader(.hello).frame(payload: [0xff])),
        Attack(
            name: "a Hello of versions to come",
            bytes: FrameHeader(.hello).frame(
                payload: Hello(
                    versions: 7...9,
                    frameByteCountMax: 65_536,
                    streamCountMax: 0,
                    streamCredit: 0,
                    software: "",
                ).bytes
            ),
        ),
        Attack(name: "a second Hello", bytes: RawPeer.hello + RawPeer.hello),
        Attack(name: "stream IDs that go back", bytes: RawPeer.hello + Self.requests(2, 1)),
        Attack(name: "an answer", bytes: RawPeer.hello + FrameHeader(.response, streamID: 1).frame()),
        Attack(name: "items from nowhere", bytes: RawPeer.hello + FrameHeader(.item, streamID: 9).frame()),
        Attack(
            name: "noise",
            bytes: (0..<4_096).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) },
        ),
    ]

    static func requests(_ ids: UInt32...) -> [UInt8] {
        ids.flatMap { FrameHeader(.request, streamID: $0, method: Sample.hold.number).frame() }
    }

    @Test(arguments: Self.attacks) func tellsWhyAndCloses(_ attack: Attack) async throws {
        try await Sample.withServer { _, port in
            try await RawPeer.connect(port) { reader, writer in
                try await writer.write(ByteBuffer(bytes: attack.bytes))
                var last: FrameHeader?
                while let frame = try await reader.next() { last = frame.header }
                #expect(last?.kind == .goAway)
                #expect(last?.status?.isOK == false)
                #expect(last?.status?.message.isEmpty == false)
            }
            let client = try await Sample.connect(port)
            #expect(try await client.call(Sample.echo, [1]) == [1])
        }
    }

    @Test func framesMayComeOneByteAtATime() async throws {
        try await Sample.withServer { _, port in
            try await RawPeer.connect(port) { reader, writer in
                let request = FrameHeader(.request, streamID: 1, method: Sample.echo.number).frame(payload: [1, 2, 3])
                for byte in RawPeer.hello + request { try await writer.write(ByteBuffer(bytes: [byte])) }
                #expect(try await reader.next()?.header.kind == .hello)
                let answer = try await reader.next()
                #expect(answer?.header == FrameHeader(.response, streamID: 1))
                #expect(answer?.payload == [1, 2, 3])
            }
        }
    }

    @Test func halfAFrameHarmsNobody() async throws {
        try await Sample.withServer { server, port in
            try await RawPeer.connect(port) { reader, writer in
                let request = FrameHeader(.request, streamID: 1, method: Sample.echo.number).frame(payload: [1, 2, 3])
                try await writer.write(ByteBuffer(bytes: RawPeer.hello + request.dropLast()))
                #expect(try await reader.next()?.header.kind == .hello)
                let client = try await Sample.connect(port)
                #expect(try await client.call(Sample.echo, [1]) == [1])
                await client.close()
            }
        }
    }

    @Test func itemsStopWhenCreditIsUsedUpAndGoOnWithMore() async throws {
        let probe = Sample.Probe()
        try await Sample.withServer(probe: probe) { _, port in
            try await RawPeer.connect(port) { reader, writer in
                // The Hello gives 1,000 bytes: ten items of 36 + 64.
                let request = FrameHeader(.request, streamID: 1, method: Sample.count.number)
                try await writer.write(
                    ByteBuffer(bytes: RawPeer.hello + request.frame(payload: Sample.numbers(25, 36)))
                )
                #expect(try await reader.next()?.header.kind == .hello)
                for _ in 0..<10 { #expect(try await reader.next()?.header == FrameHeader(.item, streamID: 1)) }
                await probe.wait(sentCount: 25)
                // Nothing comes before the answer to this: the stream stands still.
                try await writer.write(ByteBuffer(bytes: FrameHeader(.ping).frame(payload: [7])))
                let pong = try await reader.next()
                #expect(pong?.header.kind == .pong && pong?.payload == [7])
                try await writer.write(ByteBuffer(bytes: FrameHeader(.credit, streamID: 1, credit: 501).frame()))
                for _ in 0..<6 { #expect(try await reader.next()?.header == FrameHeader(.item, streamID: 1)) }
                try await writer.write(ByteBuffer(bytes: FrameHeader(.credit, streamID: 1, credit: 5_000).frame()))
                for _ in 0..<9 { #expect(try await reader.next()?.header == FrameHeader(.item, streamID: 1)) }
                #expect(try await reader.next()?.header == FrameHeader(.end, streamID: 1))
            }
        }
    }

    @Test func anUploadWithoutCreditIsCutOff() async throws {
        var limits = ConnectionLimits()
        limits.streamCredit = 1_000
        try await Sample.withServer(limits: limits) { _, port in
            try await RawPeer.connect(port) { reader, writer in
                let item = FrameHeader(.item, streamID: 1).frame(payload: [UInt8](repeating: 1, count: 200_000))
                let request = FrameHeader(.request, streamID: 1, method: Sample.ignore.number).frame()
                try await writer.write(ByteBuffer(bytes: RawPeer.hello + request + item + item))
                var last: FrameHeader?
                while let frame = try await reader.next() { last = frame.header }
                #expect(last?.kind == .goAway)
                #expect(last?.status?.message.contains("credit") == true)
            }
        }
    }

    @Test func aReaderThatStopsHoldsUpItsOwnStreamOnly() async throws {
        let probe = Sample.Probe()
        try await Sample.withServer(probe: probe) { _, port in
            try await RawPeer.connect(port, receiveBufferByteCount: 4_096) { reader, writer in
                // Credit for everything; 512 MiB that nobody reads.
                var bytes = RawPeer.hello
                bytes += FrameHeader(.request, streamID: 1, method: Sample.count.number)
                    .frame(payload: Sample.numbers(1_024, 512 << 10))
                bytes += FrameHeader(.credit, streamID: 1, credit: UInt32(Int32.max) - 2_000).frame()
                try await writer.write(ByteBuffer(bytes: bytes))
                await probe.wait(sentCount: 2)
                let client = try await Sample.connect(port)
                for _ in 0..<100 { #expect(try await client.call(Sample.echo, [1]) == [1]) }
                // What the server let the stream send is bounded by its limits and the sockets' buffers, not by credit.
                #expect(probe.sentCount < 100)
                await client.close()
            }
            await probe.wait(cancelledCount: 1)
        }
    }

    @Test func aReaderOfUnaryAnswersThatStopsIsReadNoFurther() async throws {
        var limits = ConnectionLimits()
        limits.unsentByteCountMax = 1 << 20
        try await Sample.withServer(limits: limits) { server, port in
            try await RawPeer.connect(port, receiveBufferByteCount: 4_096) { _, writer in
                var bytes = RawPeer.hello
                for id in 1...64 as ClosedRange<UInt32> {
                    bytes += FrameHeader(.request, streamID: id, method: Sample.echo.number)
                        .frame(payload: [UInt8](repeating: 0, count: 512 << 10))
                }
                let all = bytes
                // Writing ends in an error when the server cuts the connection, and blocks while it reads no further.
                let flood = Task { try await writer.write(ByteBuffer(bytes: all)) }
                let client = try await Sample.connect(port)
                for _ in 0..<100 { #expect(try await client.call(Sample.echo, [1]) == [1]) }
                await client.close()
                flood.cancel()
                _ = await flood.result
            }
        }
    }

    @Test func aClientThatVanishesMidStreamEndsItsCalls() async throws {
        let probe = Sample.Probe()
        try await Sample.withServer(probe: probe) { server, port in
            try await RawPeer.connect(port) { reader, writer in
                let stream = FrameHeader(.request, streamID: 1, method: Sample.count.number)
                    .frame(payload: Sample.numbers(1_000_000, 100))
                let upload = FrameHeader(.request, streamID: 2, method: Sample.sum.number).frame()
                let hang = FrameHeader(.request, streamID: 3, method: Sample.hang.number).frame()
                try await writer.write(ByteBuffer(bytes: RawPeer.hello + stream + upload + hang))
                #expect(try await reader.next()?.header.kind == .hello)
                #expect(try await reader.next()?.header.kind == .item)
            }
            await probe.wait(cancelledCount: 3)
        }
    }
}
