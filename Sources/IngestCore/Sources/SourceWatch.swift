package import AuditModel

/// Watches the sources of events: which of those that are expected come, and what is missing of those that number theirs.
///
/// Time is an argument. What deserves an entry of the log is returned as records; each thing is told once.
package struct SourceWatch: Sendable {
    package struct Limits: Sendable {
        /// Sources that nobody expects and that are counted by name; further ones are counted together.
        package var unexpectedCountMax = 1024
        /// Missing stretches of one source that are still waited for; beyond that the oldest is given up.
        package var openGapCountMax = 64
        /// How long a missing number is waited for before it is a gap.
        package var gapNanoseconds: UInt64 = 10_000_000_000

        package init() {}
    }

    /// A source that an operator expects.
    package struct Expectation: Sendable, Equatable {
        package let source: String
        /// Longest time without an event; 0 when it may be silent for ever.
        package let silenceNanoseconds: UInt64

        package init(source: String, silenceNanoseconds: UInt64) {
            self.source = source
            self.silenceNanoseconds = silenceNanoseconds
        }
    }

    /// What is known of a source.
    package struct Standing: Sendable, Equatable {
        package let source: String
        package let isExpected: Bool
        package internal(set) var silenceNanoseconds: UInt64 = 0
        package internal(set) var eventCount: UInt64 = 0
        /// Since the Unix epoch, by this machine; 0 before the first event.
        package internal(set) var lastReceivedNanoseconds: UInt64 = 0
        /// The source's own numbering; 0 when it has none.
        package internal(set) var lastSequence: UInt64 = 0
        /// Numbers that were given up.
        package internal(set) var missingCount: UInt64 = 0
        package internal(set) var isSilent = false
        var gaps: [Gap] = []

        package init(source: String, isExpected: Bool) {
            self.source = source
            self.isExpected = isExpected
        }
    }

    struct Gap: Sendable, Equatable {
        var first: UInt64
        var last: UInt64
        let sinceNanoseconds: UInt64
    }

    private let limits: Limits
    private let startedNanoseconds: UInt64
    private var expected: [String: Standing] = [:]
    private var unexpected: [String: Standing] = [:]
    /// Events of sources beyond ``Limits/unexpectedCountMax``.
    package private(set) var uncountedCount: UInt64 = 0

    /// - Parameter now: silence counts from here on.
    package init(_ expectations: [Expectation], limits: Limits = Limits(), now: UInt64) {
        self.limits = limits
        self.startedNanoseconds = now
        for expectation in expectations {
            var standing = Standing(source: expectation.source, isExpected: true)
            standing.silenceNanoseconds = expectation.silenceNanoseconds
            self.expected[expectation.source] = standing
        }
    }

    /// Expected sources first, each kind by name.
    package var standings: [Standing] {
        self.expected.values.sorted { $0.source < $1.source } + self.unexpected.values.sorted { $0.source < $1.source }
    }

    /// Goes on with the numbering of an earlier run that stopped in order.
    package mutating func resume(_ source: String, lastSequence: UInt64) {
        self.expected[source]?.lastSequence = lastSequence
    }

    /// An event of a source is safe.
    ///
    /// - Parameter sequence: the source's own number; 0 when it has none.
    /// - Returns: what there is to say about it.
    package mutating func note(_ source: String, sequence: UInt64, now: UInt64) -> [SourceRecord] {
        guard var standing = self.expected[source] else {
            self.count(source, sequence, now)
            return []
        }
        var records: [SourceRecord] = []
        if standing.eventCount == 0 || standing.isSilent {
            records.append(
                SourceRecord(
                    source: source,
                    change: "start",
                    firstSequence: sequence,
                    lastSequence: sequence,
                    detail: standing.isSilent ? "events come again" : "",
                )
            )
        }
        standing.isSilent = false
        standing.eventCount += 1
        standing.lastReceivedNanoseconds = now
        if sequence > 0 { records += self.number(sequence, of: &standing, now) }
        self.expected[source] = standing
        return records
    }

    /// Time has passed.
    ///
    /// - Returns: gaps that were waited for long enough, and sources that fell silent.
    package mutating func look(now: UInt64) -> [SourceRecord] {
        var records: [SourceRecord] = []
        for source in self.expected.keys.sorted() {
            guard var standing = self.expected[source] else { continue }
            while let gap = standing.gaps.first, now >= gap.sinceNanoseconds + self.limits.gapNanoseconds {
                records.append(Self.giveUp(gap, of: &standing))
            }
            let since = max(standing.lastReceivedNanoseconds, self.startedNanoseconds)
            if standing.silenceNanoseconds > 0, !standing.isSilent, now >= since + standing.silenceNanoseconds {
                standing.isSilent = true
                let seconds = standing.silenceNanoseconds / 1_000_000_000
                records.append(
                    SourceRecord(
                        source: source,
                        change: "silence",
                        firstSequence: standing.lastSequence,
                        lastSequence: standing.lastSequence,
                        detail: "no event for \(seconds) seconds",
                    )
                )
            }
            self.expected[source] = standing
        }
        return records
    }

    // MARK: - Numbers

    private mutating func count(_ source: String, _ sequence: UInt64, _ now: UInt64) {
        guard self.unexpected[source] != nil || self.unexpected.count < self.limits.unexpectedCountMax else {
            self.uncountedCount += 1
            return
        }
        self.unexpected[source, default: Standing(source: source, isExpected: false)].eventCount += 1
        self.unexpected[source]?.lastReceivedNanoseconds = now
        self.unexpected[source]?.lastSequence = sequence
    }

    private func number(_ sequence: UInt64, of standing: inout Standing, _ now: UInt64) -> [SourceRecord] {
        if standing.lastSequence == 0 || sequence == standing.lastSequence &+ 1 {
            standing.lastSequence = sequence
            return []
        }
        if sequence > standing.lastSequence {
            standing.gaps.append(
                Gap(first: standing.lastSequence + 1, last: sequence - 1, sinceNanoseconds: now)
            )
            standing.lastSequence = sequence
            guard standing.gaps.count > self.limits.openGapCountMax, let oldest = standing.gaps.first else { return [] }
            return [Self.giveUp(oldest, of: &standing)]
        }
        // A number that is not missed is a repeat, which the log takes once.
        guard let index = standing.gaps.firstIndex(where: { $0.first...$0.last ~= sequence }) else { return [] }
        let gap = standing.gaps.remove(at: index)
        let rest = [
            Gap(first: gap.first, last: sequence - 1, sinceNanoseconds: gap.sinceNanoseconds),
            Gap(first: sequence + 1, last: gap.last, sinceNanoseconds: gap.sinceNanoseconds),
        ]
        standing.gaps.insert(contentsOf: rest.filter { $0.first <= $0.last }, at: index)
        return [
            SourceRecord(
                source: standing.source,
                change: "reorder",
                firstSequence: sequence,
                lastSequence: sequence,
                detail: "came after \(standing.lastSequence)",
            )
        ]
    }

    private static func giveUp(_ gap: Gap, of standing: inout Standing) -> SourceRecord {
        standing.gaps.removeAll { $0 == gap }
        standing.missingCount += gap.last - gap.first + 1
        return SourceRecord(source: standing.source, change: "gap", firstSequence: gap.first, lastSequence: gap.last)
    }
}
