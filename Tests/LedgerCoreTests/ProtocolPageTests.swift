import Foundation
import LedgerCore
import Testing

/// Goal: docs/protocol.md says how much the ledger remembers of producers.
///
/// Method: look for the sentence, with the numbers of the code.
@Suite struct ProtocolPageTests {
    @Test func whatIsRememberedOfProducers() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/protocol.md")
        let text = try String(contentsOf: page, encoding: .utf8).filter { $0 != "," }
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let limits = ProducerLimits()
        let sentence = """
            The ledger remembers the \(limits.producerCountMax) producers that appended last \
            \(limits.runsPerProducerMax) runs of numbers for each and \(limits.runCountMax) in all
            """
        #expect(text.contains(sentence))
    }
}
