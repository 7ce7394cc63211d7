import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceKit
import Testing

/// Goal: whatever a peer sends to an HTTP edge gets the right answer, in order, or a refusal that says why.
///
/// Method: bytes written to a real socket, and all bytes that come back until the server closes.
@Suite struct HTTPServerTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let sent: String
        /// Status lines and bodies, in the order of the answers.
        let answers: [(status: Int, body: String)]
        var testDescription: String { self.name }
    }

    static let close = "Connection: close\r\n\r\n"
    static let rows = [
        Row(name: "one request", sent: "GET /a HTTP/1.1\r\nHost: x\r\n" + close, answers: [(200, "GET /a nil 0")]),
        Row(
            name: "a query",
            sent: "GET /a?b=c?d HTTP/1.1\r\nHost: x\r\n" + close,
            answers: [(200, "GET /a b=c?d 0")],
        ),
        Row(name: "an empty query", sent: "GET /a? HTTP/1.1\r\nHost: x\r\n" + close, answers: [(200, "GET /a  0")]),
        Row(name: "no body for HEAD", sent: "HEAD /a HTTP/1.1\r\nHost: x\r\n" + close, answers: [(200, "")]),
        Row(
            name: "a body with a length",
            sent: "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n" + close + "abc",
            answers: [(200, "POST /p nil 3")],
        ),
        Row(
            name: "a body in chunks",
            sent: "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + close
                + "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
            answers: [(200, "POST /p nil 3")],
        ),
        Row(
            name: "requests in one write, the slow one first",
            sent: "GET /later HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\nGET /later HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n"
                + close,
            answers: [
                (200, "GET /later nil 0"), (200, "GET /b nil 0"), (200, "GET /later nil 0"), (200, "GET /c nil 0"),
            ],
        ),
        Row(
            name: "more requests than may wait",
            sent: String(repeating: "GET /later HTTP/1.1\r\n\r\n", count: 100) + "GET /c HTTP/1.1\r\n" + close,
            answers: Array(repeating: (200, "GET /later nil 0"), count: 100) + [(200, "GET /c nil 0")],
        ),
        Row(name: "HTTP/1.0 closes", sent: "GET /a HTTP/1.0\r\n\r\n", answers: [(200, "GET /a nil 0")]),
        Row(name: "a long answer", sent: "GET /long HTTP/1.1\r\n" + close, answers: [(200, Self.long)]),
        Row(name: "a failed handler", sent: "GET /fail HTTP/1.1\r\n" + close, answers: [(500, "it failed\n")]),
        Row(
            name: "a body over the limit",
            sent: "POST /p HTTP/1.1\r\nContent-Length: 101\r\n\r\n" + String(repeating: "x", count: 101),
            answers: [(413, "A request body may have at most 100 bytes.\n")],
        ),
        Row(
            name: "a chunked body over the limit",
            sent: "POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + String(repeating: "x", count: 101),
            answers: [(413, "A request body may have at most 100 bytes.\n")],
        ),
    ]

    static let long = String(repeating: "0123456789", count: 5_000)

    static let garbage = [
        "\r\n\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nbad header\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET / HTTP/1.1\r\n" + String(repeating: "a", count: 200_000) + ": b\r\n\r\n",
    ]

    @Test(arguments: rows) func answers(_ row: Row) async throws {
        var reply = try await Self.exchange(row.sent)[...]
        for expected in row.answers {
            #expect(reply.hasPrefix("HTTP/1.1 \(expected.status) "))
            let end = try #require(reply.firstRange(of: "\r\n\r\n"))
            reply = reply[end.upperBound...]
            #expect(reply.hasPrefix(expected.body))
            reply = reply.dropFirst(expected.body.count)
        }
        #expect(reply.isEmpty)
    }

    @Test(arguments: garbage) func refusesWhatIsNotHTTP(sent: String) async throws {
        let reply = try await Self.exchange(sent)
        #expect(reply.hasPrefix("HTTP/1.1 400 "))
        #expect(reply.contains("Connection: close\r\n"))
    }

    @Test func waitsForNoBodyForEver() async throws {
        var limits = HTTPServer.Limits()
        limits.bodySeconds = 0
        let reply = try await Self.exchange("POST /p HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc", limits)
        #expect(reply.hasPrefix("HTTP/1.1 408 "))
    }

    @Test func holdsNoMoreBodiesThanItMay() async throws {
        var limits = HTTPServer.Limits()
        limits.bodiesByteCountMax = 2
        let close = Self.close
        let small = "POST /p HTTP/1.1\r\nContent-Length: 2\r\n\r\nab"
        let reply = try await Self.exchange(
            small + small + "POST /p HTTP/1.1\r\nContent-Length: 3\r\n\(close)abc",
            limits,
        )
        #expect(reply.split(separator: "HTTP/1.1 200 ").count >= 2, "what was answered takes no room")
        #expect(reply.contains("HTTP/1.1 503 ") && reply.contains("Retry-After: 1\r\n"))
    }

    @Test func asksForABodyThatWaits() async throws {
        let head = "POST /p HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n"
        let reply = try await Self.exchange(head + Self.close + "abc")
        #expect(reply.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "))
    }

    /// A refusal is never read as the answer to the request before it.
    @Test func refusesInOrder() async throws {
        let reply = try await Self.exchange(
            "GET /later HTTP/1.1\r\n\r\nPOST /p HTTP/1.1\r\nContent-Length: 101\r\n\r\n"
        )
        let first = try #require(reply.firstRange(of: "HTTP/1.1 200 "))
        let second = try #require(reply.firstRange(of: "HTTP/1.1 413 "))
        #expect(first.lowerBound < second.lowerBound)
    }

    /// Sends everything at once and reads until the server closes.
    private static func exchange(_ sent: String, _ limits: HTTPServer.Limits = .init()) async throws -> String {
        var limits = limits
        // However long a busy machine leaves this task waiting between connecting and writing.
        limits.idleSeconds = 86_400
        if limits.bodySeconds > 0 { limits.bodySeconds = 86_400 }
        let server = try await HTTPServer(
            host: "127.0.0.1",
            port: 0,
            limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            rule: { _ in .init(bodyByteCountMax: 100) },
        ) { request, loop in
            switch request.path {
            case "/fail": return loop.makeFailedFuture(Failure())
            case "/long": return loop.makeSucceededFuture(HTTPReply(.ok, text: Self.long))
            default: break
            }
            let text = "\(request.method) \(request.path) \(request.query ?? "nil") \(request.body.readableBytes)"
            let reply = HTTPReply(.ok, text: text)
            // Not before the event loop has looked at everything else that came.
            return request.path == "/later" ? loop.submit { reply } : loop.makeSucceededFuture(reply)
        }
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(to: server.address) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            var reply = ""
            do {
                try await channel.executeThenClose { inbound, outbound in
                    try await outbound.write(ByteBuffer(string: sent))
                    do {
                        for try await part in inbound { reply += String(buffer: part) }
                    } catch is IOError {
                        // Closed with bytes of ours unread: a reset.
                    }
                }
            } catch is ChannelError {
                // The server was faster at closing than we.
            }
            await server.shutdown()
            return reply
        } catch {
            await server.shutdown()
            throw error
        }
    }

    private struct Failure: Error, CustomStringConvertible {
        var description: String { "it failed" }
    }
}
