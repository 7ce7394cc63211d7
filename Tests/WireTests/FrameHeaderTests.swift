import CIndelibleProto
import Primitives
import ProtobufC
import Testing

import Wire

/// Goal: our reading and writing of headers is protobuf-c's.
///
/// Method: every combination of a few values of each field, both
/// ways.
@Suite struct FrameHeaderTests {
    static let headers: [FrameHeader] = {
        var headers: [FrameHeader] = []
        let details = [
            RPCStatus.Detail(type: "indelible.v1.X", value: [1, 2]), RPCStatus.Detail(type: "", value: []),
        ]
        for kind in FrameKind.allCases {
            for streamID in [0, 1, 127, 128, 300, UInt32.max] {
                for log in ["", "example.org/audit-log"] {
                    headers.append(FrameHeader(kind, streamID: streamID, method: streamID / 3, log: log))
                }
            }
            headers.append(FrameHeader(kind, status: RPCStatus(code: 8, message: "Full: wait, then try again…")))
            headers.append(FrameHeader(kind, status: RPCStatus(code: 10, message: "x", details: details)))
            headers.append(FrameHeader(kind, streamID: 9, status: .ok, credit: .max))
            headers.append(
                FrameHeader(
                    kind,
                    streamID: 1,
                    deadlineMilliseconds: 30_000,
                    metadata: [.init(key: "traceparent", value: [7, 0, 9]), .init(key: "", value: [])],
                )
            )
        }
        return headers
    }()

    @Test(arguments: Self.headers) func writesWhatProtobufCReads(_ header: FrameHeader) throws {
        var writer = ProtoWriter()
        header.encode(into: &writer)
        let again = unsafe try Reference.header.withUnpacked(writer.bytes.span) { unsafe Reference.value($0) }
        #expect(again == header)
    }

    @Test(arguments: Self.headers) func readsAndWritesWhatProtobufCWrites(_ header: FrameHeader) throws {
        let bytes = try Reference.bytes(header)
        var writer = ProtoWriter()
        header.encode(into: &writer)
        #expect(writer.bytes == bytes)
        #expect(try FrameHeader(bytes.span, 0..<bytes.count) == header)
    }

    @Test func skipsFieldsOfLaterVersions() throws {
        var writer = ProtoWriter()
        writer.varint(1, 5)
        writer.varint(2, 8)
        writer.bytes(99, [1, 2, 3])
        writer.fixed64(100, 7)
        #expect(try FrameHeader(writer.bytes.span, 0..<writer.bytes.count) == FrameHeader(.ping, streamID: 5))
    }

    struct Refusal: CustomTestStringConvertible {
        let why: String
        let make: @Sendable (inout ProtoWriter) -> Void
        var testDescription: String { self.why }
    }

    static let refusals: [Refusal] = [
        Refusal(why: "no kind") { $0.varint(1, 1) },
        Refusal(why: "an unknown kind") { $0.varint(2, 11) },
        Refusal(why: "a kind beyond a byte") { $0.varint(2, 257) },
        Refusal(why: "a stream ID of the wrong type") { $0.bytes(1, [1]) },
        Refusal(why: "a log that is not UTF-8") {
            $0.varint(2, 2)
            $0.bytes(4, [0xff])
        },
        Refusal(why: "a log with NUL") {
            $0.varint(2, 2)
            $0.bytes(4, [0x61, 0])
        },
        Refusal(why: "a log over the limit") {
            $0.varint(2, 2)
            $0.bytes(4, [UInt8](repeating: 0x61, count: FrameHeader.logByteCountMax + 1))
        },
        Refusal(why: "two statuses") {
            $0.varint(2, 3)
            $0.always(6, [])
            $0.always(6, [])
        },
        Refusal(why: "too many metadata") {
            $0.varint(2, 2)
            for _ in 0...FrameHeader.metadataCountMax { $0.always(7, []) }
        },
        Refusal(why: "a metadata value over the limit") {
            var inner = ProtoWriter()
            inner.bytes(2, [UInt8](repeating: 1, count: FrameHeader.metadataValueByteCountMax + 1))
            $0.varint(2, 2)
            $0.always(7, inner.bytes)
        },
    ]

    @Test(arguments: Self.refusals) func refuses(_ refusal: Refusal) {
        var writer = ProtoWriter()
        refusal.make(&writer)
        let error = #expect(throws: IndelibleError.self) { try FrameHeader(writer.bytes.span, 0..<writer.bytes.count) }
        #expect(error?.code == .invalidArgument)
    }
}

/// Headers by way of protobuf-c.
private enum Reference {
    static let header = unsafe ProtoType(indelible__v1__frame_header__init)
    static let status = unsafe ProtoType(indelible__v1__status__init)
    static let detail = unsafe ProtoType(indelible__v1__status_detail__init)
    static let metadata = unsafe ProtoType(indelible__v1__metadata__init)

    static func bytes(_ header: FrameHeader) throws -> [UInt8] {
        var arena = try Arena(byteCountMax: 1 << 16)
        var message = unsafe Self.header.empty
        unsafe message.stream_id = header.streamID
        unsafe message.kind = Indelible__V1__FrameKind(rawValue: UInt32(header.kind.rawValue))
        unsafe message.method = header.method
        unsafe message.log = unsafe try arena.place(header.log)
        unsafe message.deadline_ms = header.deadlineMilliseconds
        unsafe message.credit = header.credit
        if let status = header.status {
            var inner = unsafe Self.status.empty
            unsafe inner.code = status.code
            unsafe inner.message = unsafe try arena.place(status.message)
            var details: [UnsafeMutablePointer<Indelible__V1__StatusDetail>?] = unsafe []
            for detail in status.details {
                var innermost = unsafe Self.detail.empty
                unsafe innermost.type = unsafe try arena.place(detail.type)
                unsafe innermost.value = unsafe try arena.place(detail.value)
                unsafe details.append(try arena.place(one: innermost))
            }
            unsafe inner.n_details = details.count
            unsafe inner.details = unsafe try arena.place(all: details)
            unsafe message.status = unsafe try arena.place(one: inner)
        }
        var metadata: [UnsafeMutablePointer<Indelible__V1__Metadata>?] = unsafe []
        for one in header.metadata {
            var inner = unsafe Self.metadata.empty
            unsafe inner.key = unsafe try arena.place(one.key)
            unsafe inner.value = unsafe try arena.place(one.value)
            unsafe metadata.append(try arena.place(one: inner))
        }
        unsafe message.n_metadata = metadata.count
        unsafe message.metadata = unsafe try arena.place(all: metadata)
        return unsafe Self.header.pack(message)
    }

    static func value(_ message: UnsafePointer<Indelible__V1__FrameHeader>) -> FrameHeader? {
        let message = unsafe message.pointee
        guard let kind = unsafe FrameKind(rawValue: UInt8(truncatingIfNeeded: message.kind.rawValue)) else {
            return nil
        }
        var status: RPCStatus?
        if let inner = unsafe message.status?.pointee {
            status = unsafe RPCStatus(
                code: inner.code,
                message: String(field: inner.message),
                details: (0..<inner.n_details).compactMap { unsafe inner.details[$0]?.pointee }
                    .map { unsafe .init(type: String(field: $0.type), value: $0.value.bytes) },
            )
        }
        return unsafe FrameHeader(
            kind,
            streamID: message.stream_id,
            method: message.method,
            log: String(field: message.log),
            deadlineMilliseconds: message.deadline_ms,
            status: status,
            metadata: (0..<message.n_metadata).compactMap { unsafe message.metadata[$0]?.pointee }
                .map { unsafe .init(key: String(field: $0.key), value: $0.value.bytes) },
            credit: message.credit,
        )
    }
}
