internal import AuditModel
internal import Primitives
internal import ProtobufC

/// Follows the numbers that sources give to their events, and what collectors record of them.
///
/// A source's numbers may come in any order for ``patienceNanoseconds``, as collectors deliver side by side; what is missing
/// after that is a gap. A number 1 begins anew: the source was set up again.
package struct SourceChecker: Sendable {
    /// Sources remembered; of others nothing is said.
    package static let sourceCountMax = 4096
    /// Runs of missing numbers awaited for one source; with more, the oldest counts as a gap at once.
    package static let missingCountMax = 64
    /// Gaps named for one source; the rest are counted.
    package static let namedGapCountMax: UInt64 = 16
    package static let patienceNanoseconds: UInt64 = 30_000_000_000

    /// Numbers that were left out.
    private struct Missing: Equatable {
        var first: UInt64
        var last: UInt64
        /// The entry that showed it.
        let index: UInt64
        let seenNanoseconds: UInt64
    }

    private struct Source {
        var highest: UInt64 = 0
        /// Of its last event; `nil` before the first.
        var index: UInt64?
        var heardNanoseconds: UInt64
        var missing: [Missing] = []
        var gapCount: UInt64 = 0
    }

    /// Nanoseconds after which a source that is expected counts as silent.
    private let expected: [String: UInt64]
    private var sources: [String: Source] = [:]
    /// Of the event before, so that a run of one source makes no text.
    private var lastName: (bytes: [UInt8], text: String) = ([], "")
    /// Numbers that came twice, or before a lower one.
    package private(set) var repeatCount: UInt64 = 0
    package private(set) var lateCount: UInt64 = 0
    package private(set) var gapCount: UInt64 = 0

    /// - Parameters:
    ///   - expected: Seconds within which each of these sources is to be heard of.
    ///   - now: Nanoseconds since the Unix epoch, from which on they are.
    package init(expected: [String: UInt64] = [:], now: UInt64 = 0) {
        self.expected = expected.mapValues { $0 * 1_000_000_000 }
        for name in expected.keys { self.sources[name] = Source(heardNanoseconds: now) }
    }

    /// Looks at an event; all are to be shown, in order.
    ///
    /// - Parameters:
    ///   - bytes: What the event stands in.
    ///   - body: Where it stands.
    ///   - index: Its place in the log.
    ///   - now: Nanoseconds since the Unix epoch.
    /// - Returns: A gap, when too many are awaited.
    package mutating func event(_ bytes: Span<UInt8>, _ body: Range<Int>, at index: UInt64, now: UInt64) -> Finding? {
        var name: Range<Int>?
        var sequence: UInt64 = 0
        var fields = ProtoScanner(body)
        // Writers put fields in order.
        while let field = try? fields.next(in: bytes), field.number <= 4 {
            if field.number == 3 { name = field.range }
            if field.number == 4 { sequence = field.varint ?? 0 }
        }
        guard sequence != 0 || !self.expected.isEmpty, let name, !name.isEmpty else { return nil }
        return self.heard(self.text(bytes.extracting(name)), sequence, at: index, now: now)
    }

    /// What a collector says of a source.
    ///
    /// - Parameter body: A serialised `SourceRecord`.
    package func record(_ body: [UInt8], at index: UInt64) -> Finding? {
        guard let record = try? SourceRecord(serialized: body) else { return nil }
        switch record.change {
        case "gap":
            let numbers = "\(record.firstSequence) to \(record.lastSequence)"
            return Finding(.gap, index: index, path: record.source, expected: numbers, found: "its collector's record")
        case "silence":
            return Finding(.silence, index: index, path: record.source, expected: "events", found: record.detail)
        default: return nil
        }
    }

    /// What was awaited too long.
    ///
    /// - Parameter now: Nanoseconds since the Unix epoch.
    /// - Returns: Gaps, each once.
    package mutating func gaps(at now: UInt64) -> [Finding] {
        var findings: [Finding] = []
        for name in self.sources.keys.sorted() {
            while let first = self.sources[name]?.missing.first,
                now >= first.seenNanoseconds + Self.patienceNanoseconds
            {
                if let gap = self.giveUp(name) { findings.append(gap) }
            }
        }
        return findings
    }

    /// The expected sources that are not heard of, with what to say; others are.
    ///
    /// - Parameter now: Nanoseconds since the Unix epoch.
    package func silences(at now: UInt64) -> [Finding] {
        self.expected.sorted { $0.key < $1.key }.compactMap { name, limit in
            guard let source = self.sources[name], now > source.heardNanoseconds + limit else { return nil }
            return Finding(
                .silence,
                index: source.index,
                path: name,
                expected: "an event every \(limit / 1_000_000_000) s",
                found: "none since \(TimeText.rfc3339(nanoseconds: source.heardNanoseconds))",
            )
        }
    }

    /// Names of the sources that are expected.
    package var expectedNames: [String] { self.expected.keys.sorted() }

    // MARK: Private parts

    private mutating func heard(_ name: String, _ sequence: UInt64, at index: UInt64, now: UInt64) -> Finding? {
        guard var source = self.sources[name] ?? self.newSource(sequence, now) else { return nil }
        if let known = source.index, index <= known { return nil }  // Read before a restart.
        source.index = index
        source.heardNanoseconds = now
        defer { self.sources[name] = source }
        guard sequence != 0 else { return nil }
        if source.highest == 0 || sequence - 1 == source.highest || sequence == 1 {
            source.highest = sequence
            return nil
        }
        guard sequence > source.highest else {
            if Self.fill(sequence, &source.missing) { self.lateCount += 1 } else { self.repeatCount += 1 }
            return nil
        }
        source.missing.append(
            Missing(first: source.highest + 1, last: sequence - 1, index: index, seenNanoseconds: now)
        )
        source.highest = sequence
        guard source.missing.count > Self.missingCountMax else { return nil }
        let gap = source.missing.removeFirst()
        source.gapCount += 1
        self.gapCount += 1
        return source.gapCount <= Self.namedGapCountMax ? Self.finding(gap, name) : nil
    }

    private func newSource(_ sequence: UInt64, _ now: UInt64) -> Source? {
        guard sequence != 0, self.sources.count < Self.sourceCountMax else { return nil }
        return Source(heardNanoseconds: now)
    }

    /// Takes a number out of those that are missing.
    ///
    /// - Returns: Whether it was missing.
    private static func fill(_ sequence: UInt64, _ missing: inout [Missing]) -> Bool {
        guard let position = missing.firstIndex(where: { $0.first <= sequence && sequence <= $0.last }) else {
            return false
        }
        let run = missing.remove(at: position)
        let parts = [(run.first, sequence - 1), (sequence + 1, run.last)].filter { $0.0 <= $0.1 }
        missing.insert(
            contentsOf: parts.map {
                Missing(first: $0.0, last: $0.1, index: run.index, seenNanoseconds: run.seenNanoseconds)
            },
            at: position,
        )
        return true
    }

    private mutating func giveUp(_ name: String) -> Finding? {
        guard var source = self.sources[name], !source.missing.isEmpty else { return nil }
        let gap = source.missing.removeFirst()
        source.gapCount += 1
        self.gapCount += 1
        self.sources[name] = source
        return source.gapCount <= Self.namedGapCountMax ? Self.finding(gap, name) : nil
    }

    private static func finding(_ gap: Missing, _ name: String) -> Finding {
        let numbers = gap.first == gap.last ? "number \(gap.first)" : "numbers \(gap.first) to \(gap.last)"
        return Finding(.gap, index: gap.index, path: name, expected: numbers, found: "number \(gap.last + 1)")
    }

    private mutating func text(_ name: Span<UInt8>) -> String {
        let known = self.lastName.bytes
        if known.count == name.count, known.indices.allSatisfy({ known[$0] == name[$0] }) { return self.lastName.text }
        let bytes = unsafe name.withUnsafeBufferPointer { unsafe Array($0) }
        self.lastName = (bytes, String(decoding: bytes, as: UTF8.self))
        return self.lastName.text
    }
}

extension SourceChecker {
    /// The first word of each line of ``remembered``.
    package static let word = "source"

    /// What must be remembered over a restart: a line for each source that gives numbers.
    package var remembered: String {
        self.sources.filter { $0.value.highest > 0 }.sorted { $0.key < $1.key }.map { name, source in
            let missing = source.missing.map { "\($0.first)-\($0.last)-\($0.index)-\($0.seenNanoseconds)" }
            let numbers = "\(source.highest) \(source.index ?? 0) \(source.gapCount)"
            return "\(Self.word) \(numbers) \(missing.joined(separator: ",")). \(Hex.encode(Array(name.utf8)))\n"
        }.joined()
    }

    /// - Parameters:
    ///   - line: of ``remembered``, without its end.
    ///   - now: Nanoseconds since the Unix epoch.
    /// - Returns: Whether it was one.
    package mutating func restore(_ line: Substring, now: UInt64) -> Bool {
        let fields = line.split(separator: " ").map(String.init)
        guard fields.count == 6, fields[0] == Self.word, let highest = UInt64(fields[1]),
            let index = UInt64(fields[2]), let gapCount = UInt64(fields[3]), fields[4].hasSuffix("."),
            let name = Hex.decode(fields[5])
        else { return false }
        var source = Source(highest: highest, index: index, heardNanoseconds: now)
        source.gapCount = gapCount
        for run in fields[4].dropLast().split(separator: ",") {
            let numbers = run.split(separator: "-").compactMap { UInt64($0) }
            guard numbers.count == 4 else { return false }
            source.missing.append(
                Missing(first: numbers[0], last: numbers[1], index: numbers[2], seenNanoseconds: numbers[3])
            )
        }
        guard self.sources.count < Self.sourceCountMax else { return true }
        self.sources[String(decoding: name, as: UTF8.self)] = source
        return true
    }
}
