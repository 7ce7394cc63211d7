import Primitives
import Testing
import Wire

@Suite struct ServerConnectionTests {
    /// A server that has exchanged Hellos.
    private static func open(_ access: ServerConnection.Access = .unrestricted) throws -> ServerUnderTest {
        let server = ServerUnderTest(access)
        let action = try server.receive(FrameHeader(.hello), payload: Transcript.peer.bytes)
        let session = try Session(ours: Hello(Transcript.limits, software: "server/1"), theirs: Transcript.peer)
        #expect(action == .hello(session))
        return server
    }

    private static func request(_ id: UInt32, _ method: MethodDescriptor, milliseconds: UInt32 = 0) -> FrameHeader {
        FrameHeader(.request, streamID: id, method: method.number, deadlineMilliseconds: milliseconds)
    }

    @Test func answersAUnaryCall() throws {
        let server = try Self.open()
        #expect(try server.receive(Self.request(1, Transcript.unary), payload: [1, 2]) == .call)
        #expect(server.streamCount == 1)
        #expect(server.finish(1))
        #expect(server.streamCount == 0)
        #expect(!server.finish(1))
    }

    @Test func streamsWithinCredit() throws {
        let server = try Self.open()
        #expect(try server.receive(Self.request(5, Transcript.stream)) == .call)
        #expect(server.send(5, payloadByteCount: 400) == .send)
        #expect(server.send(5, payloadByteCount: 400) == .send)
        #expect(server.send(5, payloadByteCount: 0) == .wait)
        #expect(
            try server.receive(FrameHeader(.credit, streamID: 5, credit: 428)) == .credit
        )
        #expect(server.send(5, payloadByteCount: 0) == .wait)
        #expect(try server.receive(FrameHeader(.credit, streamID: 5, credit: 1)) == .credit)
        #expect(server.send(5, payloadByteCount: 0) == .send)
        #expect(server.finish(5))
        #expect(server.send(5, payloadByteCount: 0) == .gone)
        #expect(try server.receive(FrameHeader(.credit, streamID: 5, credit: 1)) == .ignore)
    }

    @Test func takesAnUpload() throws {
        let server = try Self.open()
        #expect(try server.receive(Self.request(1, Transcript.upload)) == .call)
        let item = [UInt8](repeating: 0, count: 436)
        #expect(try server.receive(FrameHeader(.item, streamID: 1), payload: item) == .item)
        #expect(server.consume(1, payloadByteCount: 435) == nil)
        #expect(server.consume(1, payloadByteCount: 0) == 563)
        #expect(try server.receive(FrameHeader(.end, streamID: 1)) == .uploadEnd)
        #expect(server.finish(1))
        // What was under way when the server answered.
        #expect(try server.receive(FrameHeader(.item, streamID: 1), payload: item) == .ignore)
        #expect(try server.receive(FrameHeader(.end, streamID: 1)) == .ignore)
    }

    @Test func refusesWithoutEndingTheConnection() throws {
        let server = try Self.open()
        let absent = FrameHeader(.request, streamID: 1, method: 9)
        guard case .refuse(let status) = try server.receive(absent) else {
            Issue.record("not refused")
            return
        }
        #expect(status.code == UInt32(IndelibleError.Code.unimplemented.rawValue))
        for id in 2...4 as ClosedRange<UInt32> {
            #expect(try server.receive(Self.request(id, Transcript.unary)) == .call)
        }
        guard case .refuse(let full) = try server.receive(Self.request(5, Transcript.unary))
        else {
            Issue.record("not refused")
            return
        }
        #expect(full.code == UInt32(IndelibleError.Code.resourceExhausted.rawValue))
        #expect(server.finish(3))
        #expect(try server.receive(Self.request(6, Transcript.unary)) == .call)
    }

    @Test func checksRolesOnEachMethod() throws {
        let table: [(ServerConnection.Access, allowed: [MethodDescriptor])] = [
            (.unrestricted, [Transcript.unary, Transcript.stream, Transcript.upload]),
            (.role(.writer), [Transcript.unary, Transcript.upload]), (.role(.reader), [Transcript.stream]),
            (.role(.admin), [Transcript.unary]), (.role(.verifier), []), (.role(nil), []),
        ]
        for (access, allowed) in table {
            let server = try Self.open(access)
            var id: UInt32 = 0
            for method in [Transcript.unary, Transcript.stream, Transcript.upload] {
                id += 1
                let action = try server.receive(Self.request(id, method))
                if allowed.contains(where: { $0 === method }) {
                    #expect(action == .call, "\(access) \(method.name)")
                } else if case .refuse(let status) = action {
                    #expect(status.code == UInt32(IndelibleError.Code.permissionDenied.rawValue))
                } else {
                    Issue.record("\(access) may call \(method.name)")
                }
            }
        }
    }

    @Test func stopsReadingWhileTooMuchWaitsForAnswers() throws {
        let server = try Self.open()
        let half = [UInt8](repeating: 0, count: 50)
        #expect(try server.receive(Self.request(1, Transcript.unary), payload: half) == .call)
        #expect(server.wantsBytes)
        #expect(try server.receive(Self.request(2, Transcript.unary), payload: half) == .call)
        #expect(!server.wantsBytes)
        #expect(try server.receive(FrameHeader(.cancel, streamID: 1)) == .cancel)
        #expect(server.wantsBytes)
        #expect(try server.receive(FrameHeader(.cancel, streamID: 1)) == .ignore)
    }

    @Test func expiresCallsAtTheirDeadline() throws {
        let server = try Self.open()
        let now = 7 * Transcript.millisecond
        for (id, milliseconds) in [(1, 30), (2, 0), (3, 10)] as [(UInt32, UInt32)] {
            let header = Self.request(id, Transcript.unary, milliseconds: milliseconds)
            #expect(try server.receive(header, now: now) == .call)
        }
        #expect(server.nextDeadline == 17 * Transcript.millisecond)
        #expect(server.expire(now: 17 * Transcript.millisecond - 1) == [])
        #expect(server.expire(now: 17 * Transcript.millisecond) == [3])
        #expect(!server.finish(3))
        #expect(server.nextDeadline == 37 * Transcript.millisecond)
        #expect(server.expire(now: .max - 1) == [1])
        #expect(server.nextDeadline == nil)
        #expect(server.streamCount == 1)
    }

    @Test func drains() throws {
        let idle = try Self.open()
        #expect(idle.drain() == .close)
        let silent = ServerUnderTest()
        #expect(silent.drain() == .close)
        let server = try Self.open()
        #expect(try server.receive(Self.request(1, Transcript.unary)) == .call)
        #expect(server.drain() == .wait(streamCount: 1))
        #expect(!server.isDrained)
        guard
            case .refuse(let status) = try server.receive(Self.request(2, Transcript.unary))
        else {
            Issue.record("not refused")
            return
        }
        #expect(status.code == UInt32(IndelibleError.Code.unavailable.rawValue))
        #expect(server.finish(1))
        #expect(server.isDrained)
    }

    @Test func closingAbandonsWhatIsOpen() throws {
        let server = try Self.open()
        for id in 1...3 as ClosedRange<UInt32> {
            #expect(try server.receive(Self.request(id, Transcript.stream), payload: [1]) == .call)
        }
        #expect(server.close() == [1, 2, 3])
        #expect(server.send(1, payloadByteCount: 0) == .gone)
        #expect(!server.finish(2))
        #expect(try server.receive(Self.request(4, Transcript.stream)) == .ignore)
    }

    @Test func echoesPings() throws {
        let server = try Self.open()
        let payload = [UInt8](repeating: 1, count: ServerConnection.pingByteCountMax)
        #expect(try server.receive(FrameHeader(.ping), payload: payload) == .pong)
        #expect(try server.receive(FrameHeader(.pong), payload: payload) == .ignore)
    }

    struct Violation: CustomTestStringConvertible {
        let why: String
        let header: FrameHeader
        var payload: [UInt8] = []
        var testDescription: String { self.why }
    }

    /// After stream 2, a streamed answer, and stream 3, an upload, were opened.
    static let violations: [Violation] = [
        Violation(why: "a second Hello", header: FrameHeader(.hello), payload: Transcript.peer.bytes),
        Violation(why: "a RESPONSE", header: FrameHeader(.response, streamID: 2)),
        Violation(why: "a stream opened twice", header: FrameHeader(.request, streamID: 3, method: 1)),
        Violation(why: "a stream opened out of order", header: FrameHeader(.request, streamID: 1, method: 1)),
        Violation(why: "stream 0 opened", header: FrameHeader(.request, streamID: 0, method: 1)),
        Violation(why: "an ITEM on an unopened stream", header: FrameHeader(.item, streamID: 4)),
        Violation(why: "an ITEM on the connection", header: FrameHeader(.item, streamID: 0)),
        Violation(why: "an ITEM where none is taken", header: FrameHeader(.item, streamID: 2)),
        Violation(why: "an END on an unopened stream", header: FrameHeader(.end, streamID: 4)),
        Violation(why: "an END where none is taken", header: FrameHeader(.end, streamID: 2)),
        Violation(why: "too much credit", header: FrameHeader(.credit, streamID: 2, credit: .max)),
        Violation(why: "a long PING", header: FrameHeader(.ping), payload: [UInt8](repeating: 0, count: 65)),
    ]

    @Test(arguments: Self.violations) func endsTheConnectionOn(_ violation: Violation) throws {
        let server = try Self.open()
        #expect(try server.receive(Self.request(2, Transcript.stream)) == .call)
        #expect(try server.receive(Self.request(3, Transcript.upload)) == .call)
        do throws(IndelibleError) {
            let action = try server.receive(violation.header, payload: violation.payload)
            Issue.record("accepted: \(action)")
        } catch {
            #expect(error.code == .invalidArgument)
        }
    }

    @Test func endsTheConnectionOnItemsWithoutCredit() throws {
        let server = try Self.open()
        #expect(try server.receive(Self.request(1, Transcript.upload)) == .call)
        let large = [UInt8](repeating: 0, count: 2_000)
        #expect(try server.receive(FrameHeader(.item, streamID: 1), payload: large) == .item)
        do throws(IndelibleError) {
            let action = try server.receive(FrameHeader(.item, streamID: 1))
            Issue.record("accepted: \(action)")
        } catch {
            #expect(error.message.contains("credit"))
        }
    }

    @Test(arguments: FrameKind.allCases.filter { $0 != .hello })
    func wantsAHelloFirst(_ kind: FrameKind) {
        let server = ServerUnderTest()
        do throws(IndelibleError) {
            _ = try server.receive(FrameHeader(kind, streamID: 1, method: 1))
            Issue.record("accepted")
        } catch {
            #expect(error.code == .invalidArgument)
            #expect(server.isAwaitingHello)
        }
    }
}
