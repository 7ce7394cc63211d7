import Primitives
import Testing
import Wire

@Suite struct RPCStatusTests {
    @Test(arguments: IndelibleError.Code.allCases) func everyCodeSurvivesTheWire(_ code: IndelibleError.Code) throws {
        let sent = RPCStatus(IndelibleError(code, "Because.", cause: IndelibleError(.internal, "secret")))
        let bytes = FrameHeader(.response, streamID: 1, status: sent).frame()
        guard case .frame(let frame) = try FrameParser(frameByteCountMax: 65_536).next(in: bytes.span, at: 0),
            let status = try FrameHeader(bytes.span, frame.header).status
        else {
            Issue.record("no status")
            return
        }
        let error = IndelibleError(status, payload: [1])
        #expect(error.code == code)
        #expect(error.message == "Because.")
        #expect(error.remoteFailure?.payload == [1])
        #expect(!bytes.contains(Array("secret".utf8)))
    }

    @Test func unknownCodesAreInternal() {
        #expect(IndelibleError(RPCStatus(code: 2, message: "x")).code == .internal)
        #expect(IndelibleError(RPCStatus(code: 77_777, message: "x")).code == .internal)
        #expect(IndelibleError(RPCStatus(code: 5, message: "")).message.contains("5"))
    }

    @Test func longMessagesAreCut() {
        let status = RPCStatus(IndelibleError(.internal, String(repeating: "é", count: 10_000)))
        #expect(status.message.utf8.count <= RPCStatus.messageByteCountMax)
        #expect(!status.message.isEmpty)
    }

    @Test func detailsAreForwarded() {
        let detail = RPCStatus.Detail(type: "indelible.v1.X", value: [1])
        let received = IndelibleError(RPCStatus(code: 8, message: "Full.", details: [detail]))
        #expect(RPCStatus(received).details == [detail])
    }
}
