import Foundation
import ServiceKit
import Testing

/// Goal: docs/protocol.md says what the HTTP listeners take.
///
/// Method: look for the words, with the numbers of the code.
@Suite struct ProtocolPageTests {
    @Test func limitsOfHTTP() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/protocol.md")
        let text = try String(contentsOf: page, encoding: .utf8).filter { $0 != "," }
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let limits = HTTPServer.Limits()
        #expect(
            text.contains("\(limits.connectionsMax) connections \(HTTPServer.Rule().bodyByteCountMax) bytes of body")
        )
        #expect(text.contains("\(limits.idleSeconds) s without a request"))
    }
}
