internal import JSONText
package import Primitives

/// The list of sources that an operator expects: `{"version":1,"sources":[{"source":"crm","silence_seconds":3600}]}`.
package enum SourceExpectations {
    package static let byteCountMax = 1 << 20
    package static let countMax = 4096
    private static let silenceSecondsMax: UInt64 = 366 * 86_400

    /// - Throws: ``IndelibleError/Code/invalidArgument`` with what to change.
    package static func parse(_ bytes: [UInt8], what: String) throws(IndelibleError) -> [SourceWatch.Expectation] {
        let value = try JSONValue(parsing: bytes, what: what)
        guard value["version"]?.number?.int == 1, let list = value["sources"]?.array, list.count <= Self.countMax else {
            throw Self.refused(what, "has no \"version\": 1, or no \"sources\" with at most \(Self.countMax) of them")
        }
        var seen: Set<String> = []
        var expectations: [SourceWatch.Expectation] = []
        for item in list {
            guard let source = item["source"]?.string, !source.isEmpty, seen.insert(source).inserted else {
                throw Self.refused(what, "names a source twice, or has one without a name")
            }
            var silence: UInt64 = 0
            if let stated = item["silence_seconds"] {
                guard let seconds = stated.number?.uint64, 1...Self.silenceSecondsMax ~= seconds else {
                    throw Self.refused(
                        what,
                        "gives \(source) a silence_seconds that is not 1 to \(Self.silenceSecondsMax)",
                    )
                }
                silence = seconds
            }
            for member in item.object?.members ?? []
            where !["source", "silence_seconds", "comment"].contains(member.key) {
                throw Self.refused(what, "says \(member.key) of \(source), which means nothing")
            }
            expectations.append(.init(source: source, silenceNanoseconds: silence * 1_000_000_000))
        }
        return expectations
    }

    private static func refused(_ what: String, _ reason: String) -> IndelibleError {
        IndelibleError(.invalidArgument, "\(what) \(reason). Correct it and start again.")
    }
}
