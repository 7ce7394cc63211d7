import Foundation
import Glibc
import NIOCore
import NIOPosix
import Primitives
import Testing

extension RealProcesses {
    /// Goal: a ledger answers the client of docs/protocol.md as the page says, byte for byte.
    ///
    /// Method: send a new ledger the page's bytes, and compare each frame that comes back, up to the GOAWAY of a SIGTERM.
    @Suite struct ProtocolPage {
        private struct Frame: Sendable {
            let title: String
            let bytes: [UInt8]
        }

        private static func session() throws -> [Frame] {
            let lines = try String(contentsOfFile: Program.inPackage("docs/protocol.md"), encoding: .utf8)
                .components(separatedBy: "\n")
            let start = try #require(lines.firstIndex(of: "```dump session"))
            var dumps: [(title: String, hex: String)] = []
            for line in lines[(start + 1)...].prefix(while: { $0 != "```" }) {
                if line.hasPrefix(">") || line.hasPrefix("<") {
                    dumps.append((line, ""))
                } else {
                    let last = try #require(dumps.indices.last)
                    dumps[last].hex += line.filter { $0 != " " }
                }
            }
            return try dumps.map { Frame(title: $0.title, bytes: try #require(Hex.decode($0.hex))) }
        }

        @Test func aLedgerAnswersAsDocumented() async throws {
            let session = try Self.session()
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            let address = ledger.rpc.split(separator: ":").map(String.init)
            let port = try #require(address.last.flatMap { Int($0) })
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: address[0], port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            try await channel.executeThenClose { inbound, outbound in
                var reader = FrameReader(inbound.makeAsyncIterator())
                for frame in session {
                    if frame.title.hasPrefix(">") {
                        try await outbound.write(ByteBuffer(bytes: frame.bytes))
                    } else {
                        if frame.title.hasPrefix("< GOAWAY") { kill(ledger.program.pid, SIGTERM) }
                        let answer = try await reader.next()
                        try #require(answer == frame.bytes, "\(frame.title)")
                    }
                }
                let rest = try await reader.next()
                #expect(rest == nil, "nothing follows a GOAWAY")
            }
            try await ledger.stop()
        }
    }
}

/// Cuts what arrives into frames by their lengths, and knows no more of the protocol.
private struct FrameReader {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var received = ByteBuffer()

    init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) { self.inbound = inbound }

    /// - Returns: a frame with its length; `nil` when the peer closed the connection.
    mutating func next() async throws -> [UInt8]? {
        while true {
            let start = self.received.readerIndex
            if let length = self.received.getInteger(at: start, as: UInt32.self),
                let bytes = self.received.readBytes(length: 4 + Int(length))
            {
                return bytes
            }
            guard let part = try await self.inbound.next(isolation: #isolation) else { return nil }
            self.received.writeImmutableBuffer(part)
        }
    }
}
