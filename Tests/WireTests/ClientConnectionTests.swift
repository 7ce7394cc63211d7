import Primitives
import Testing
import Wire

@Suite struct ClientConnectionTests {
    /// A client that has exchanged Hellos.
    private static func open() throws -> ClientUnderTest {
        let client = ClientUnderTest()
        #expect(client.isAwaitingHello)
        #expect(client.open(.unary) == .closed)
        let action = try client.receive(FrameHeader(.hello), payload: Transcript.peer.bytes)
        let session = try Session(ours: client.hello, theirs: Transcript.peer)
        #expect(action == .ready(session))
        #expect(client.frameByteCountMax == 65_536)
        return client
    }

    @Test func opensAsManyStreamsAsTheServerLets() throws {
        let client = try Self.open()
        #expect(client.open(.unary) == .opened(1))
        #expect(client.open(.unary) == .opened(2))
        #expect(client.open(.unary) == .full)
        #expect(try client.receive(FrameHeader(.response, streamID: 1)) == .finished)
        #expect(client.open(.unary) == .opened(3))
        #expect(try client.receive(FrameHeader(.response, streamID: 1)) == .ignore)
    }

    @Test func readsAStreamedAnswer() throws {
        let client = try Self.open()
        #expect(client.open(.serverStream) == .opened(1))
        let item = [UInt8](repeating: 0, count: 936)
        #expect(try client.receive(FrameHeader(.item, streamID: 1), payload: item) == .item)
        #expect(client.consume(1, payloadByteCount: 936) == 1_000)
        #expect(try client.receive(FrameHeader(.item, streamID: 1)) == .item)
        #expect(try client.receive(FrameHeader(.end, streamID: 1)) == .finished)
        #expect(client.consume(1, payloadByteCount: 0) == nil)
        #expect(client.streamCount == 0)
    }

    @Test func aResponseMayRefuseAStreamedCall() throws {
        let client = try Self.open()
        #expect(client.open(.serverStream) == .opened(1))
        let refusal = FrameHeader(.response, streamID: 1, status: RPCStatus(code: 12, message: "no"))
        #expect(try client.receive(refusal) == .finished)
    }

    @Test func uploadsWithinCredit() throws {
        let client = try Self.open()
        #expect(client.open(.clientStream) == .opened(1))
        #expect(client.send(1, payloadByteCount: 436) == .send)
        #expect(client.send(1, payloadByteCount: 0) == .wait)
        #expect(try client.receive(FrameHeader(.credit, streamID: 1, credit: 500)) == .credit)
        #expect(client.send(1, payloadByteCount: 0) == .send)
        #expect(client.endUpload(1))
        #expect(!client.endUpload(1))
        #expect(client.send(1, payloadByteCount: 0) == .gone)
        #expect(try client.receive(FrameHeader(.response, streamID: 1)) == .finished)
    }

    @Test func cancelledCallsAreForgotten() throws {
        let client = try Self.open()
        #expect(client.open(.serverStream) == .opened(1))
        #expect(client.cancel(1))
        #expect(!client.cancel(1))
        #expect(try client.receive(FrameHeader(.item, streamID: 1), payload: [1]) == .ignore)
        #expect(try client.receive(FrameHeader(.end, streamID: 1)) == .ignore)
    }

    @Test func expiresCallsAtTheirDeadline() throws {
        let client = try Self.open()
        #expect(client.open(.unary, deadline: 100) == .opened(1))
        #expect(client.open(.unary, deadline: 50) == .opened(2))
        #expect(client.nextDeadline == 50)
        #expect(client.expire(now: 49) == [])
        #expect(client.expire(now: 50) == [2])
        #expect(client.nextDeadline == 100)
        #expect(client.expire(now: 100) == [1])
        #expect(client.nextDeadline == nil)
    }

    @Test func afterGoAwayOpenCallsFinish() throws {
        let client = try Self.open()
        #expect(client.open(.unary) == .opened(1))
        #expect(try client.receive(FrameHeader(.goAway)) == .goAway)
        #expect(client.open(.unary) == .closed)
        #expect(!client.isDrained)
        #expect(try client.receive(FrameHeader(.response, streamID: 1)) == .finished)
        #expect(client.isDrained)
    }

    @Test func closingAbandonsWhatIsOpen() throws {
        let client = try Self.open()
        #expect(client.open(.unary) == .opened(1))
        #expect(client.open(.serverStream) == .opened(2))
        #expect(client.close() == [1, 2])
        #expect(client.open(.unary) == .closed)
        #expect(try client.receive(FrameHeader(.response, streamID: 1)) == .ignore)
    }

    @Test func tellsWhyTheServerTookNoConnection() throws {
        let client = ClientUnderTest()
        do throws(IndelibleError) {
            _ = try client.receive(
                FrameHeader(.goAway, status: RPCStatus(code: 9, message: "too old")),
                payload: [],
            )
            Issue.record("accepted")
        } catch {
            #expect(error.code == .failedPrecondition)
            #expect(error.message == "too old")
        }
    }

    static let violations: [FrameHeader] = [
        FrameHeader(.hello), FrameHeader(.request, streamID: 1, method: 1), FrameHeader(.cancel, streamID: 1),
        FrameHeader(.response, streamID: 2), FrameHeader(.response, streamID: 3), FrameHeader(.response),
        FrameHeader(.item, streamID: 1), FrameHeader(.item, streamID: 3), FrameHeader(.end, streamID: 1),
        FrameHeader(.credit, streamID: 1, credit: .max),
    ]

    /// With stream 1 a unary call and stream 2 a streamed answer.
    @Test(arguments: Self.violations) func endsTheConnectionOn(_ header: FrameHeader) throws {
        let client = try Self.open()
        #expect(client.open(.unary) == .opened(1))
        #expect(client.open(.serverStream) == .opened(2))
        do throws(IndelibleError) {
            let action = try client.receive(header)
            Issue.record("accepted: \(action)")
        } catch {
            #expect(error.code == .invalidArgument)
        }
    }
}
