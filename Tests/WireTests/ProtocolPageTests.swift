import Foundation
import Primitives
import Testing
import Wire

/// Goal: a client that says what the session of docs/protocol.md says is understood, and so is the server.
///
/// Method: take the frames out of the page's hex with our parser, and give each to the side that it is for. That the
/// bytes are those that our encoders make is for `ServiceProtocolTests`.
@Suite struct ProtocolPageTests {
    private struct Frame {
        let isFromClient: Bool
        /// The line above the bytes, without the arrow.
        let title: String
        let header: FrameHeader
        let payload: [UInt8]
    }

    private static func frames() throws -> [Frame] {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/protocol.md")
        let lines = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n")
        let start = try #require(lines.firstIndex(of: "```dump session"))
        var titles: [String] = []
        var dumps: [String] = []
        for line in lines[(start + 1)...].prefix(while: { $0 != "```" }) {
            if line.hasPrefix("> ") || line.hasPrefix("< ") {
                titles.append(line)
                dumps.append("")
            } else {
                let last = try #require(dumps.indices.last)
                dumps[last] += line.filter { $0 != " " }
            }
        }
        #expect(titles.count == 13)
        return try zip(titles, dumps).map { try Self.frame($0, #require(Hex.decode($1))) }
    }

    private static func frame(_ title: String, _ bytes: [UInt8]) throws -> Frame {
        let parser = FrameParser(frameByteCountMax: ConnectionLimits().frameByteCountMax)
        guard case .frame(let found) = try parser.next(in: bytes.span, at: 0) else {
            throw IndelibleError(.invalidArgument, "\(title): these bytes are no whole frame.")
        }
        #expect(found.payload.upperBound == bytes.count, "\(title)")
        let header = try FrameHeader(bytes.span, found.header)
        let payload = Array(bytes[found.payload])
        #expect(header.frame(payload: payload) == bytes, "\(title)")
        return Frame(
            isFromClient: title.hasPrefix(">"),
            title: String(title.dropFirst(2)),
            header: header,
            payload: payload,
        )
    }

    @Test func titlesSayWhatTheHeadersSay() throws {
        for frame in try Self.frames() {
            let header = frame.header
            var words = ["\(header.kind)".uppercased()]
            if header.streamID != 0 { words.append("stream_id \(header.streamID)") }
            if header.method != 0 { words.append("method \(header.method)") }
            if header.credit != 0 { words.append("credit \(header.credit)") }
            if let status = header.status { words.append("status \(status.code)") }
            for word in words { #expect(frame.title.contains(word)) }
        }
    }

    @Test func hellosAreAsTheirTitlesSay() throws {
        let hellos = try Self.frames().filter { $0.header.kind == .hello }
        #expect(hellos.map(\.isFromClient) == [true, false])
        for frame in hellos {
            let hello = try Hello(frame.payload.span)
            let said = """
                HELLO; version_min \(hello.versions.lowerBound), version_max \(hello.versions.upperBound), \
                frame_bytes_max \(hello.frameByteCountMax), streams_max \(hello.streamCountMax), \
                stream_credit \(hello.streamCredit), software \(hello.software)
                """
            #expect(frame.title == said)
        }
    }

    /// The methods that the session calls, as a ledger has them.
    private static let methods = MethodTable([
        MethodDescriptor(number: 1, name: "Append", shape: .unary, roles: []),
        MethodDescriptor(number: 4, name: "ReadEntries", shape: .serverStream, roles: []),
        MethodDescriptor(number: 8, name: "Find", shape: .unary, roles: []),
    ])

    @Test func theServerUnderstandsTheClient() throws {
        let hello = Hello(ConnectionLimits(), software: "server/1")
        var server = ServerConnection(
            limits: ConnectionLimits(),
            hello: hello,
            methods: Self.methods,
            access: .unrestricted,
        )
        var received: [ServerConnection.Received] = []
        for frame in try Self.frames() where frame.isFromClient {
            received.append(try server.receive(frame.header, payload: frame.payload.span, now: 0))
        }
        guard case .hello(let session)? = received.first else {
            Issue.record("the client's first frame is no Hello")
            return
        }
        #expect(session.version == 1)
        #expect(received.dropFirst() == [.call, .call, .credit, .call, .pong])
    }

    @Test func theClientUnderstandsTheServer() throws {
        var client = ClientConnection(limits: ConnectionLimits(), software: "client/1")
        var received: [ClientConnection.Received] = []
        for frame in try Self.frames() {
            guard !frame.isFromClient else {
                guard frame.header.kind == .request else { continue }
                let method = try #require(Self.methods[frame.header.method])
                let opening = client.open(method.shape)
                #expect(opening == .opened(frame.header.streamID))
                continue
            }
            received.append(try client.receive(frame.header, payload: frame.payload.span))
        }
        guard case .ready(let session)? = received.first else {
            Issue.record("the server's first frame is no Hello")
            return
        }
        #expect(session.peer.streamCountMax == 4_096)
        #expect(received.dropFirst() == [.finished, .item, .finished, .finished, .ignore, .goAway])
        let isDrained = client.isDrained
        #expect(isDrained)
    }
}
