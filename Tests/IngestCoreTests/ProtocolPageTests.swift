import Foundation
import IngestCore
import ServiceProtocol
import Testing

/// Goal: docs/protocol.md says how much a Submit takes.
///
/// Method: look for the words, with the numbers of the code.
@Suite struct ProtocolPageTests {
    @Test func sizesOfASubmit() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/protocol.md")
        let text = try String(contentsOf: page, encoding: .utf8).filter { $0 != "," }
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let eventByteCountMax = ProtocolLimits.entryByteCountMax - SubmissionItem.envelopeByteCountMax
        #expect(text.contains("and has at most \(eventByteCountMax) bytes"))
        #expect(text.contains("is over \(Submission.requestByteCountMax) bytes"))
    }
}
