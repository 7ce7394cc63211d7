import Glibc
import NIOCore
import NIOPosix
import Primitives
import Testing
import Transport
import Wire

/// Goal: ten thousand idle connections cost little memory and hold up nobody.
///
/// Method: as many sockets as the process may open, up to that number, all past their Hello; resident memory before and
/// after, of both ends, as both are in this process.
@Suite(.serialized, .timeLimit(.minutes(2))) struct IdleConnectionTests {
    static let wantedCount = 10_000
    /// Both ends: a NIO channel and a handler on the server's, a bare socket on the client's.
    static let byteCountPerConnectionMax = 24 << 10

    @Test func tenThousandIdleConnections() async throws {
        // Two descriptors for each connection, as both ends are here, and some to spare.
        let count = min(Self.wantedCount, Self.raiseDescriptorLimit(to: 2 * Self.wantedCount + 512) / 2 - 256)
        try #require(count >= 1_000, "this process may open too few files")
        try await Sample.withServer { server, port in
            var sockets: [Int32] = []
            defer { for socket in sockets { close(socket) } }
            // What the allocator and the runtime take once is not counted.
            for _ in 0..<100 { sockets.append(try Self.sayHello(port)) }
            let before = try Self.residentByteCount()
            for _ in 100..<count { sockets.append(try Self.sayHello(port)) }
            #expect(server.connectionCount == count)
            let perConnection = (try Self.residentByteCount() - before) / (count - 100)
            #expect(perConnection < Self.byteCountPerConnectionMax, "\(perConnection) bytes per idle connection")

            let client = try await Sample.connect(port)
            for _ in 0..<100 { #expect(try await client.call(Sample.echo, [1]) == [1]) }
        }
    }

    /// - Returns: a socket whose Hello was answered.
    private static func sayHello(_ port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw IndelibleError(.resourceExhausted, "no socket: \(errno)") }
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        let connected = unsafe address.withSockAddr { address, byteCount in
            unsafe connect(descriptor, address, socklen_t(byteCount))
        }
        var answer = [UInt8](repeating: 0, count: 1_024)
        guard connected == 0,
            unsafe write(descriptor, RawPeer.hello, RawPeer.hello.count) == RawPeer.hello.count,
            unsafe read(descriptor, &answer, answer.count) > 0
        else {
            close(descriptor)
            throw IndelibleError(.unavailable, "no Hello: \(errno)")
        }
        return descriptor
    }

    private static func raiseDescriptorLimit(to wanted: Int) -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(7), &limit) == 0 else { return 0 }  // RLIMIT_NOFILE
        if limit.rlim_cur < wanted {
            limit.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
            unsafe setrlimit(__rlimit_resource_t(7), &limit)
        }
        return Int(limit.rlim_cur)
    }

    private static func residentByteCount() throws -> Int {
        let file = unsafe fopen("/proc/self/statm", "r")
        guard let file = unsafe file else { throw IndelibleError(.internal, "no /proc") }
        defer { unsafe fclose(file) }
        var line = [UInt8](repeating: 0, count: 256)
        let count = unsafe fread(&line, 1, line.count, file)
        let fields = String(decoding: line.prefix(count), as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { throw IndelibleError(.internal, "odd statm") }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
