import Foundation
import Testing

/// docs/protocol.md, cut into what tests compare.
struct ProtocolPage {
    private let lines: [String]

    init() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/protocol.md")
        self.lines = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n")
    }

    /// The lines of the block that starts with this fence.
    func dump(_ name: String) throws -> [String] {
        let start = try #require(self.lines.firstIndex(of: "```dump \(name)"))
        return Array(self.lines[(start + 1)...].prefix { $0 != "```" })
    }

    /// The cells of the table whose first row is `header`, without that row and the rule below it.
    func table(_ header: String) throws -> [[String]] {
        let start = try #require(self.lines.firstIndex(of: header))
        return self.lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            line.components(separatedBy: "|").dropFirst().dropLast()
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// All `.proto` files of the contract, one after the other.
    static func contract() throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../proto/indelible/v1")
        return try ["ingest", "ledger", "witness"].map {
            try String(contentsOf: folder.appending(path: "\($0).proto"), encoding: .utf8)
        }.joined()
    }
}
