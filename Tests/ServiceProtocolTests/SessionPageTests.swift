import AuditModel
import Primitives
import ProtobufC
import ServiceProtocol
import Testing
import Wire

/// Goal: the session of docs/protocol.md is what goes over a connection, byte for byte.
///
/// Method: encode each frame with nothing left to chance, and compare the whole block. That both sides accept it is for
/// `WireTests`.
@Suite struct SessionPageTests {
    private struct Frame {
        var isFromClient: Bool
        var header: FrameHeader
        var payload: [UInt8] = []
        /// What the payload says.
        var contents = ""
    }

    private static let entryID = [UInt8](0x10...0x1f)
    private static let absentID = [UInt8](0x20...0x2f)
    private static let occurred: UInt64 = 1_700_000_000_000_000_000

    private static func entry() throws -> [UInt8] {
        var event = AuditEvent()
        event.id = EventID(Self.entryID)
        event.occurredNanoseconds = Self.occurred
        event.source = "s"
        event.action = "a.b"
        let stamp = Stamp(collector: "test.example/collector", receivedNanoseconds: Self.occurred + 1)
        return Entry(blind: [UInt8](0...15), stamp: stamp, body: .event(event.serialized)).serialized
    }

    private static func frames() throws -> [Frame] {
        try Self.greetings() + Self.appending() + Self.reading() + Self.finding() + Self.leaving()
    }

    private static func greetings() -> [Frame] {
        var limits = ConnectionLimits()
        let server = Hello(limits, software: "indelible-ledger/0.1.0")
        limits.streamCountMax = 0
        let client = Hello(limits, software: "example/1")
        return [(true, client), (false, server)].map { isFromClient, hello in
            Frame(
                isFromClient: isFromClient,
                header: FrameHeader(.hello),
                payload: hello.bytes,
                contents: """
                    version_min \(hello.versions.lowerBound), version_max \(hello.versions.upperBound), \
                    frame_bytes_max \(hello.frameByteCountMax), streams_max \(hello.streamCountMax), \
                    stream_credit \(hello.streamCredit), software \(hello.software)
                    """,
            )
        }
    }

    private static func appending() throws -> [Frame] {
        let (entry, id) = (try Self.entry(), Self.entryID)
        var request = AppendRequestBuilder()
        let producer = request.append(Producer(id: Array("p".utf8), epoch: Self.occurred), firstSequence: 1)
        request.append(
            entry: entry.span,
            kind: .event,
            slot: 0,
            producer: producer,
            eventID: id.span,
        )
        let response = AppendResponse(firstIndex: 0, count: 1, size: 1)
        return [
            Frame(
                isFromClient: true,
                header: FrameHeader(
                    .request,
                    streamID: 1,
                    method: LedgerMethods.append.number,
                    deadlineMilliseconds: 20_000,
                ),
                payload: request.bytes,
                contents: "Append: producer p, epoch \(Self.occurred), first_sequence 1; one item, with event_id",
            ),
            Frame(
                isFromClient: false,
                header: FrameHeader(.response, streamID: 1),
                payload: response.serialized,
                contents: "first_index 0, count 1, size 1",
            ),
        ]
    }

    private static func reading() throws -> [Frame] {
        let entry = try Self.entry()
        var batch = EntryBatchBuilder()
        batch.append(index: 0, kind: .event, slot: 0, entry: entry.span)
        let item = batch.finish(next: 1, durableSize: 1)
        let credit = UInt32(Credit.cost(payloadByteCount: item.count))
        return [
            Frame(
                isFromClient: true,
                header: FrameHeader(.request, streamID: 2, method: LedgerMethods.readEntries.number),
                payload: ReadEntriesRequest(from: 0, to: 1).serialized,
                contents: "ReadEntries: from 0, to 1",
            ),
            Frame(
                isFromClient: false,
                header: FrameHeader(.item, streamID: 2),
                payload: item,
                contents: "one entry: index 0, kind 3, slot 0; next 1, durable_size 1",
            ),
            Frame(isFromClient: true, header: FrameHeader(.credit, streamID: 2, credit: credit)),
            Frame(isFromClient: false, header: FrameHeader(.end, streamID: 2)),
        ]
    }

    private static func finding() throws -> [Frame] {
        let id = try #require(EventID(Self.absentID))
        let status = RPCStatus(IndelibleError(.notFound, "No entry carries the event id \(id)."))
        return [
            Frame(
                isFromClient: true,
                header: FrameHeader(.request, streamID: 3, method: LedgerMethods.find.number),
                payload: FindRequest(eventID: id).serialized,
                contents: "Find",
            ),
            Frame(isFromClient: false, header: FrameHeader(.response, streamID: 3, status: status)),
        ]
    }

    private static func leaving() -> [Frame] {
        let status = RPCStatus(IndelibleError(.unavailable, "The server is shutting down. Reconnect and call again."))
        let ping = Array("still there?".utf8)
        return [
            Frame(isFromClient: true, header: FrameHeader(.ping), payload: ping, contents: "still there?"),
            Frame(isFromClient: false, header: FrameHeader(.pong), payload: ping, contents: "still there?"),
            Frame(isFromClient: false, header: FrameHeader(.goAway, status: status)),
        ]
    }

    private static func text(_ frame: Frame) -> [String] {
        let header = frame.header
        var title = "\(frame.isFromClient ? ">" : "<") \("\(header.kind)".uppercased())"
        if header.streamID != 0 { title += " stream_id \(header.streamID)" }
        if header.method != 0 { title += ", method \(header.method)" }
        if header.deadlineMilliseconds != 0 { title += ", deadline_ms \(header.deadlineMilliseconds)" }
        if header.credit != 0 { title += ", credit \(header.credit)" }
        if let status = header.status { title += ", status \(status.code)" }
        if !frame.contents.isEmpty { title += "; \(frame.contents)" }
        let bytes = header.frame(payload: frame.payload)
        let headerRows = Self.rows(bytes[6..<bytes.count - frame.payload.count])
        let lengths = [bytes[..<4], bytes[4..<6]].map { Hex.encode(Array($0)) }
        return [title, (lengths + headerRows.prefix(1)).joined(separator: " ")] + headerRows.dropFirst()
            + Self.rows(frame.payload[...])
    }

    private static func rows(_ bytes: ArraySlice<UInt8>) -> [String] {
        stride(from: bytes.startIndex, to: bytes.endIndex, by: 48).map {
            Hex.encode(Array(bytes[$0..<min($0 + 48, bytes.endIndex)]))
        }
    }

    @Test func bytesAreAsDocumented() throws {
        let found = try Self.frames().flatMap(Self.text)
        let written = try ProtocolPage().dump("session")
        #expect(written == found, "the dump session should be:\n\(found.joined(separator: "\n"))")
    }

    /// What the page seals is what its session appends.
    @Test func theSealedEntryIsTheAppendedOne() throws {
        let line = try #require(try ProtocolPage().dump("seal").first)
        #expect(line == "entry      \(Hex.encode(try Self.entry()))")
    }
}
