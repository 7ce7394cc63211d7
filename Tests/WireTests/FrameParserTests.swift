import Primitives
import Testing
import Wire

@Suite struct FrameParserTests {
    static let parser = FrameParser(frameByteCountMax: 2_048)

    @Test func findsFramesInPlace() throws {
        let first = FrameHeader(.request, streamID: 1, method: 2).frame(payload: [9, 8, 7])
        let second = FrameHeader(.ping).frame()
        let bytes = first + second
        guard case .frame(let frame) = try Self.parser.next(in: bytes.span, at: 0) else {
            Issue.record("no first frame")
            return
        }
        #expect(try FrameHeader(bytes.span, frame.header) == FrameHeader(.request, streamID: 1, method: 2))
        #expect(Array(bytes[frame.payload]) == [9, 8, 7])
        #expect(frame.payload.upperBound == first.count)
        guard case .frame(let next) = try Self.parser.next(in: bytes.span, at: first.count) else {
            Issue.record("no second frame")
            return
        }
        #expect(next.payload.isEmpty)
        #expect(try FrameHeader(bytes.span, next.header).kind == .ping)
        #expect(try Self.parser.next(in: bytes.span, at: bytes.count) == .unknown)
    }

    @Test func everyPrefixIsIncomplete() throws {
        let bytes = FrameHeader(.item, streamID: 70_000).frame(payload: [UInt8](repeating: 1, count: 40))
        for count in 0..<bytes.count {
            let prefix = Array(bytes[..<count])
            let step = try Self.parser.next(in: prefix.span, at: 0)
            #expect(step == (count < 4 ? .unknown : .incomplete(byteCount: bytes.count)), "prefix of \(count) bytes")
        }
    }

    @Test func takesAFrameOfExactlyTheLimitAndRefusesOneByteMore() throws {
        let headerByteCount = FrameHeader(.item, streamID: 1).frame().count - 4
        let fits = FrameHeader(.item, streamID: 1).frame(
            payload: [UInt8](repeating: 0, count: 2_048 - headerByteCount)
        )
        guard case .frame = try Self.parser.next(in: fits.span, at: 0) else {
            Issue.record("a frame of the limit is no frame")
            return
        }
        let over = FrameHeader(.item, streamID: 1).frame(
            payload: [UInt8](repeating: 0, count: 2_049 - headerByteCount)
        )
        let length = Array(over[..<4])
        let error = #expect(throws: IndelibleError.self) { try Self.parser.next(in: length.span, at: 0) }
        #expect(error?.message.contains("2048") == true)
        #expect(error?.message.contains("2049") == true)
    }

    static let refusals: [[UInt8]] = [
        [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0, 0, 0, 2, 0, 0], [0, 0, 0, 3, 0, 2, 1], Array("GET / HTTP/1.1".utf8),
    ]

    @Test(arguments: Self.refusals) func refuses(_ bytes: [UInt8]) {
        let error = #expect(throws: IndelibleError.self) { try Self.parser.next(in: bytes.span, at: 0) }
        #expect(error?.code == .invalidArgument)
    }
}
