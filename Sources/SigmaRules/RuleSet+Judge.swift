internal import Cryptography
package import Primitives

extension RuleSet {
    /// A rule that an event made true.
    package struct Hit: Sendable, Equatable {
        /// Position in ``RuleSet/rules``.
        package let rule: Int
        /// Of a correlation, the indices of the events that made it; empty for any other rule.
        package let events: [UInt64]
    }

    /// An event, as far as rules look at it.
    package struct Event: Sendable {
        package let index: UInt64
        package let format: String
        package let actor: String
        /// Nanoseconds since the Unix epoch, by the source's clock.
        package let time: UInt64
        package let record: [UInt8]

        package init(index: UInt64, format: String, actor: String, time: UInt64, record: [UInt8]) {
            self.index = index
            self.format = format
            self.actor = actor
            self.time = time
            self.record = record
        }
    }

    /// The rules that an event makes true, in the order of the set, and what correlations remember of it.
    ///
    /// - Precondition: `state` is of the events of the same slot before this one.
    /// - Throws: ``IndelibleError/Code/internal`` when hashing fails.
    package func judge(_ event: Event, _ state: inout RuleState) throws(IndelibleError) -> [Hit] {
        guard let sources = self.formats[event.format], !event.record.isEmpty else { return [] }
        var hits: [Hit] = []
        for source in sources {
            let (matched, values) = self.matches(source: source, record: event.record)
            guard !matched.isEmpty else { continue }
            for rule in matched where self.rules[rule].isTold { hits.append(Hit(rule: rule, events: [])) }
            for rule in self.benches[source].correlations {
                guard case .correlation(let correlation) = self.rules[rule].body,
                    let events = try self.correlate(rule, correlation, matched, values, event, &state)
                else { continue }
                hits.append(Hit(rule: rule, events: events))
            }
        }
        return hits.sorted { $0.rule < $1.rule }
    }

    private func correlate(
        _ rule: Int,
        _ correlation: Correlation,
        _ matched: [Int],
        _ values: FieldValues,
        _ event: Event,
        _ state: inout RuleState,
    ) throws(IndelibleError) -> [UInt64]? {
        let held = correlation.rules.indices.filter { matched.contains(correlation.rules[$0]) }
        guard !held.isEmpty else { return nil }
        // Lengths stand before the parts, so that no two groups are written alike.
        var group = self.rules[rule].hash.bytes + Self.part(Array(event.actor.utf8))
        for field in correlation.groupBy {
            guard let value = values.values[field].first else { return nil }
            group += Self.part(value.folded)
        }
        var keys = held.map { UInt64($0) }
        if let counted = correlation.counted {
            keys = []
            for value in values.values[counted] {
                keys.append(try SHA256.hash(value.folded).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
            }
            guard !keys.isEmpty else { return nil }
        }
        return state.take(try SHA256.hash(group), correlation, time: event.time, index: event.index, keys: keys)
    }

    private static func part(_ bytes: [UInt8]) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bytes.count >> $0) } + bytes
    }
}
