import Primitives
import ServiceProtocol
import Testing
import Wire

/// Goal: the tables of docs/protocol.md are what the code does.
///
/// Method: write each table from the code, and compare.
@Suite struct ProtocolPageTests {
    let page: ProtocolPage

    init() throws { self.page = try ProtocolPage() }

    private static let streamings: [MethodDescriptor.Shape: String] = [
        .unary: "unary", .serverStream: "items down", .clientStream: "items up",
    ]

    @Test func methods() throws {
        let rows = try self.page.table("| number | method | streaming | roles | request | response or item |")
        let registered = (LedgerMethods.all + IngestMethods.all + WitnessMethods.all).map { method in
            let roles = Role.allCases.filter { method.roles.contains($0) }.map(\.rawValue)
            return [
                "\(method.number)", method.name, Self.streamings[method.shape] ?? "",
                roles.count == Role.allCases.count ? "all" : roles.joined(separator: ", "),
            ]
        }
        #expect(rows.map { Array($0.prefix(4)) } == registered)
    }

    /// Names, messages, streaming and numbers of the page are those of the `.proto` files.
    @Test func methodsOfTheContract() throws {
        let rows = try self.page.table("| number | method | streaming | roles | request | response or item |")
        let pattern = /rpc (\w+) \((stream )?(\w+)\) returns \((stream )?(\w+)\);\s*\/\/ (\d+)/
        let declared = try ProtocolPage.contract().matches(of: pattern).map { match in
            let streaming = match.2 != nil ? "items up" : match.4 != nil ? "items down" : "unary"
            return [String(match.6), String(match.1), streaming, String(match.3), String(match.5)]
        }
        #expect(Set(declared) == Set(rows.map { [$0[0], $0[1], $0[2], $0[4], $0[5]] }))
        #expect(declared.count == rows.count)
    }

    @Test func limits() throws {
        let limits = ConnectionLimits()
        let expected: [(String, Int)] = [
            ("`frame_bytes_max` of servers, bytes", limits.frameByteCountMax),
            ("least `frame_bytes_max` that may be announced, bytes", FrameParser.frameByteCountFloor),
            ("`streams_max` of servers", limits.streamCountMax),
            ("`stream_credit` of servers, bytes", limits.streamCredit),
            ("cost of an item beside its payload, bytes", Credit.itemByteCount),
            ("largest balance of credit, bytes", Int(Credit.balanceMax)),
            ("header, bytes", FrameHeader.byteCountMax),
            ("`log`, bytes", FrameHeader.logByteCountMax),
            ("metadata of a request", FrameHeader.metadataCountMax),
            ("key of a metadatum, bytes", FrameHeader.metadataKeyByteCountMax),
            ("value of a metadatum, bytes", FrameHeader.metadataValueByteCountMax),
            ("`software`, bytes", Hello.softwareByteCountMax),
            ("status message that is sent, bytes", RPCStatus.messageByteCountMax),
            ("details of a status", RPCStatus.detailCountMax),
            ("payload of a PING, bytes", ServerConnection.pingByteCountMax),
            ("from the connection's start to the Hello, seconds", limits.handshakeSeconds),
            ("silence before a PING, seconds", limits.keepAliveSeconds),
            ("silence before the connection is closed, seconds", limits.silenceSecondsMax),
            ("request bytes without an answer before a server stops reading", limits.unansweredByteCountMax),
            (
                "unread answer bytes before a server sends no items and stops reading",
                limits.unsentByteCountMax / 2,
            ),
            ("unread answer bytes before a server closes the connection", limits.unsentByteCountMax * 4),
            ("largest method number", Int(MethodDescriptor.numberMax)),
            ("items of an Append", ProtocolLimits.itemCountMax),
            ("producers of an Append", ProtocolLimits.producerCountMax),
            ("events of a Submit", ProtocolLimits.eventCountMax),
            ("id of a producer, bytes", ProtocolLimits.producerIDByteCountMax),
            ("entry, bytes", ProtocolLimits.entryByteCountMax),
            ("largest sequence number", Int(ProtocolLimits.sequenceMax)),
            ("bytes of a PayloadChunk", ProtocolLimits.payloadChunkByteCountMax),
        ]
        let rows = try self.page.table("| limit | number |").map { [$0[0], $0[1].filter { $0 != "," }] }
        #expect(rows == expected.map { [$0.0, "\($0.1)"] })
    }

    @Test func kindsOfFrames() throws {
        let rows = try self.page.table("| kind | name | sent by | stream | payload | header fields |")
        #expect(rows.map { $0.prefix(2).joined() } == FrameKind.allCases.map { "\($0.rawValue)\($0)".uppercased() })
    }

    @Test func codes() throws {
        let rows = try self.page.table("| code | name | what to do |").map { "\($0[0]) \($0[1])" }
        let codes = IndelibleError.Code.allCases.sorted { $0.rawValue < $1.rawValue }.map { code in
            let name = "\(code)".replacing(/[A-Z]/) { "_\($0.output)" }.uppercased()
            return "\(code.rawValue) \(name)"
        }
        #expect(rows == codes)
    }

    @Test func levelsOfAcknowledgement() throws {
        let rows = try self.page.table("| ack | number | answered when |").map { "\($0[0]) \($0[1])" }
        #expect(rows == AckLevel.allCases.map { "\($0) \($0.rawValue)".uppercased() })
    }
}
